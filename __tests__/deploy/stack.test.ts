import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authority } from '../live/authority';
import { sleep, until } from '../live/cleanup';
import type { AccessLine } from '../live/envoy';
import { listRemains, ok, run, Stack } from './harness';
import { Load } from './load';

jest.setTimeout(600_000);

const NAME = 'envoy-test-concerns';
const PORT = 8865;
const URL = `https://127.0.0.1:${PORT}`;
const ca = authority();
const identity = ca.issue(`DNS:${NAME}-identity`);
const own = ca.issue('IP:127.0.0.1');
const stack = new Stack(
  NAME,
  {
    TF_VAR_ca: ca.pem,
    TF_VAR_identity_chain: identity.cert,
    TF_VAR_identity_key: identity.key,
    TF_VAR_chain: own.cert,
    TF_VAR_key: own.key,
  },
  'stack-app.ts',
);
const envoy = { publish: { http: { port: PORT }, admin: { port: 8866 } } };
let authorization: string;

/** Requests a token of the identity provider from a container on its network. */
async function fetchToken(): Promise<string> {
  const [api = ''] = await stack.ids('api');
  const program = `
import json, ssl, sys, urllib.request as r
basic = {'Authorization': 'Basic c2lkMTp2ZXJ5c2VjcmV0'}
asked = r.Request('https://${NAME}-identity:8443/oauth/token', b'grant_type=client_credentials&scope=openid', basic)
print(json.load(r.urlopen(asked, context=ssl.create_default_context(cadata=sys.argv[1])))['access_token'])`;
  return ok('docker', 'exec', api, 'python3', '-c', program, ca.pem);
}

/** Sends a request, by default on its own connection. */
const ask = (path: string, headers: Record<string, string> = { authorization }, agent: https.Agent | false = false) =>
  new Promise<{ status: number; body: string }>((done, failed) => {
    https
      .get(URL + path, { ca: ca.pem, headers, agent }, (response) => {
        let body = '';
        response.on('data', (data) => {
          body += data;
        });
        response.on('end', () => done({ status: response.statusCode ?? 0, body }));
      })
      .on('error', failed);
  });

const folder = mkdtempSync(join(tmpdir(), 'sslyze-'));
const caFile = join(folder, 'ca.pem');
writeFileSync(caFile, ca.pem);
afterAll(() => rmSync(folder, { recursive: true }));

/** Returns the verdict of sslyze on compliance with one of Mozilla's configurations. */
async function sslyze(config: 'intermediate' | 'modern') {
  const args = ['-m', 'sslyze', `--mozilla_config=${config}`, '--certinfo_ca_file', caFile, `127.0.0.1:${PORT}`];
  const { code, output } = await run('python3', args, { PYTHONPATH: process.env.SSLYZE });
  return { code, verdict: output.split('\n').filter((line) => line.includes(`127.0.0.1:${PORT}: `)) };
}

const compliant = { code: 0, verdict: [expect.stringContaining('OK - Compliant.')] };
const notCompliant = { code: 1, verdict: [expect.stringContaining('FAILED - Not compliant.')] };

beforeAll(async () => {
  await stack.deployOrThrow({ envoy });
  authorization = `Bearer ${await fetchToken()}`;
});

describe('the sidecar', () => {
  test('serves a request with a token of the identity provider', async () => {
    expect(await ask('/version')).toEqual({ status: 200, body: '{"version":"api"}' });
  });

  test('rejects requests without a valid token, and unencrypted requests', async () => {
    expect((await ask('/version', {})).status).toBe(401);
    expect((await ask('/version', { authorization: `${authorization.slice(0, -4)}AAAA` })).status).toBe(401);
    await expect(fetch(`http://127.0.0.1:${PORT}/version`)).rejects.toThrow('fetch failed');
  });
});

test("the default profile complies with Mozilla's intermediate configuration according to sslyze", async () => {
  expect(await sslyze('intermediate')).toEqual(compliant);
  expect(await sslyze('modern')).toEqual(notCompliant);
});

describe('under a steady load', () => {
  const spare = () => ask('/version').then(({ body }) => body.includes('spare'));
  let load: Load;
  let posts: Load;
  let replicas: string[];
  /** The access log entries of failed requests before the deploy. */
  let refused: string[];
  const during = (what: string) => {
    load.during = what;
    posts.during = what;
  };

  beforeAll(async () => {
    replicas = await stack.ids('api');
    expect(replicas).toHaveLength(2);
    load = new Load(`${URL}/calculate`, false, 20, { ca: ca.pem, headers: { authorization } });
    // Envoy does not retry a POST, and each takes so long that a kill always interrupts some.
    const post = { method: 'POST', ca: ca.pem, headers: { authorization, 'content-length': 0 } };
    posts = new Load(`${URL}/slow?seconds=0.3`, true, 15, post);
    during('both replicas');
    await sleep(5_000);
  });

  test('the second replica serves when the first is killed', async () => {
    during('one replica killed');
    await ok('docker', 'kill', replicas[0] ?? '');
    await sleep(5_000);
    expect(await spare()).toBe(false);
  });

  test('the fallback serves when both replicas are killed', async () => {
    during('both replicas killed');
    await ok('docker', 'kill', replicas[1] ?? '');
    await until('the fallback responds', spare);
    await sleep(5_000);
    expect(await spare()).toBe(true);
  });

  test('the replicas serve again after they have restarted', async () => {
    during('both replicas back');
    await ok('docker', 'start', ...replicas);
    await until('the replicas respond', async () => !(await spare()), 120);
    await sleep(5_000);
    expect(await spare()).toBe(false);
  });

  test('the fallback serves when both replicas are killed at once, until they have restarted', async () => {
    during('both killed at once, and back');
    await ok('docker', 'kill', ...replicas);
    await until('the fallback responds', spare);
    await sleep(5_000);
    await ok('docker', 'start', ...replicas);
    await until('the replicas respond', async () => !(await spare()), 120);
  });

  test('a deploy of other options replaces the sidecar', async () => {
    during('a deploy');
    const before = await stack.container();
    refused = (await ok('docker', 'logs', before))
      .split('\n')
      .filter((line) => /"path":"\/(calculate|slow)"/.test(line))
      .map((line) => JSON.parse(line) as AccessLine)
      .filter(({ status }) => status !== 200)
      .map(({ method, status, flags, details }) => `${method} ${status} ${flags} ${details}`);
    await stack.deployOrThrow({ envoy, profile: 'modern' });
    expect(await stack.container()).not.toBe(before);
  });

  test('only POST requests to killed replicas have failed', async () => {
    const failures = [...(await load.end()), ...(await posts.end())];
    const count = (what: string) => failures.filter((failure) => failure.during === what).length;
    const rows = [...posts.sentDuring].map(
      ([what, sent]) => `${what}: ${count(what)} of ${sent + (load.sentDuring.get(what) ?? 0)}`,
    );
    console.info(['failed requests by phase', ...rows, ...new Set(refused)].join('\n'));

    expect(load.failures).toEqual([]);
    expect([load.answered, posts.answered]).toEqual([load.sent, posts.sent]);
    expect(load.sent).toBeGreaterThan(500);
    // The replica may have executed the POST before it was killed.
    expect(new Set(refused)).toEqual(
      new Set(['POST 503 UC upstream_reset_before_response_started{connection_termination}']),
    );
    expect(refused).toHaveLength(posts.failures.length);
    expect(refused).not.toEqual([]);
    expect(count('a deploy')).toBe(0);
  });
});

test('a client above the rate limit gets 429', async () => {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 8 });
  const asked = await Promise.all(Array.from({ length: 2_000 }, () => ask('/version', { authorization }, agent)));
  agent.destroy();
  expect([...new Set(asked.map(({ status }) => status))].sort()).toEqual([200, 429]);
});

test("the profile modern complies with Mozilla's modern configuration according to sslyze", async () => {
  expect(await sslyze('modern')).toEqual(compliant);
});

test('a second plan has no changes', async () => {
  const { code, output } = await stack.plan();
  expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
});

test('destroy removes everything', async () => {
  expect((await stack.destroy()).code).toBe(0);
  expect(await listRemains(NAME)).toEqual([]);
});
