import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { get, left, ok, run, Stack, secondsUntilAnswer } from './harness';
import { Load } from './load';

jest.setTimeout(600_000);

const stack = new Stack('probed');
const PORT = 8860;
const ADMIN = 8861;
const URL = `http://127.0.0.1:${PORT}`;
const envoy = { publish: { http: { port: PORT }, admin: { port: ADMIN } } };

beforeAll(async () => {
  await stack.deployed({ envoy });
});

describe('h2spec', () => {
  const BARE_PORT = 8862;
  const folder = mkdtempSync(join(tmpdir(), 'h2spec-'));

  /** Envoy of the same image before the same API, with nothing but what has to be. */
  beforeAll(async () => {
    const typed = (type: string, config: object) => ({
      name: type,
      typed_config: { '@type': `type.googleapis.com/envoy.extensions.filters.${type}`, ...config },
    });
    const manager = typed('network.http_connection_manager.v3.HttpConnectionManager', {
      stat_prefix: 'bare',
      route_config: {
        virtual_hosts: [
          { name: 'api', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: 'api' } }] },
        ],
      },
      http_filters: [typed('http.router.v3.Router', {})],
    });
    const address = (host: string, port: number) => ({ socket_address: { address: host, port_value: port } });
    const endpoints = [{ lb_endpoints: [{ endpoint: { address: address('probed-api', 8080) } }] }];
    const bootstrap = {
      static_resources: {
        listeners: [{ name: 'http', address: address('0.0.0.0', 8800), filter_chains: [{ filters: [manager] }] }],
        clusters: [{ name: 'api', type: 'STRICT_DNS', load_assignment: { cluster_name: 'api', endpoints } }],
      },
    };
    const image = await ok('docker', 'inspect', await stack.container(), '--format', '{{.Image}}');
    const publish = ['--network', 'probed-envoy-outside', '--publish', `127.0.0.1:${BARE_PORT}:8800`];
    const command = ['envoy', '--config-yaml', JSON.stringify(bootstrap)];
    await ok('docker', 'create', '--name', 'probed-bare', ...publish, image, ...command);
    await ok('docker', 'network', 'connect', 'probed-network', 'probed-bare');
    await ok('docker', 'start', 'probed-bare');
    await secondsUntilAnswer(`http://127.0.0.1:${BARE_PORT}/health`, Date.now());
  });

  afterAll(async () => {
    await ok('docker', 'rm', '--force', 'probed-bare');
    rmSync(folder, { recursive: true });
  });

  /**
   * How many cases there were, and those that were not passed. Its report is not well-formed: it quotes binary data. The
   * answer takes a moment, since some cases send more before it, which otherwise were a matter of luck.
   */
  const conformance = async (port: number) => {
    const report = join(folder, `${port}.xml`);
    await run(process.env.H2SPEC ?? 'h2spec', ['-p', String(port), '-P', '/slow?seconds=0.2', '-j', report]);
    const cases = [
      ...readFileSync(report, 'latin1').matchAll(/<testcase package="(.*?)" classname="(.*?)".*?>(.*?)<\/testcase>/gs),
    ];
    const not = cases
      .filter(([, , , complaint]) => complaint?.trim() !== '')
      .map(([, part, name]) => `${part} ${name}`);
    return { cases: cases.length, not };
  };

  test('passes with us what it passes with a bare Envoy', async () => {
    const [ours, bare] = await Promise.all([conformance(PORT), conformance(BARE_PORT)]);
    console.info(`h2spec: ${ours.cases - ours.not.length} of ${ours.cases} passed, not:\n${ours.not.join('\n')}`);
    expect(ours).toEqual(bare);
    expect([bare.cases, bare.cases - bare.not.length]).toEqual([145, 133]);
  });
});

describe('slowhttptest does not take the service from others', () => {
  const CONNECTIONS = 800;

  test.each<[string, string, string[]]>([
    ['headers that do not end', '/health', ['-H', '-i', '5']],
    ['a body that does not end', '/upload', ['-B', '-i', '5']],
    ['an answer that is read slowly', '/large', ['-X', '-n', '5', '-z', '32', '-w', '512', '-y', '1024']],
    ['overlapping ranges of an answer', '/large', ['-R', '-t', 'GET']],
  ])('%s', async (_, path, how) => {
    const load = new Load(`${URL}/calculate`, false, 20);
    const most = peak('http.ingress_http.downstream_cx_active');
    const attack = ['-c', String(CONNECTIONS), '-r', '400', '-l', '20', '-u', URL + path, ...how];
    const { output } = await run('slowhttptest', attack);
    expect(await load.end()).toEqual([]);
    expect(load.answered).toBe(load.sent);
    expect(load.sent).toBeGreaterThan(100);
    console.info(`${how[0]}: ${load.sent} others answered, at most ${await most()} connections\n${output.slice(-600)}`);
    expect(await most()).toBeGreaterThanOrEqual(CONNECTIONS);
  });
});

test('destroy leaves nothing', async () => {
  expect((await stack.destroy()).code).toBe(0);
  expect(await left('probed')).toEqual([]);
});

/** Looks at a statistic several times a second until it is asked for what was most. */
function peak(name: string): () => Promise<number> {
  let most = 0;
  let asked = false;
  const looks = (async () => {
    while (!asked) {
      const { body } = await get(`http://127.0.0.1:${ADMIN}/stats?filter=^${name}$`);
      most = Math.max(most, Number(body.split(': ')[1]));
      await new Promise((done) => setTimeout(done, 200));
    }
  })();
  return async () => {
    asked = true;
    await looks;
    return most;
  };
}
