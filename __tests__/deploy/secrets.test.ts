import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Issued, TestAuthority } from '../certificates';
import { until } from '../live/cleanup';
import { type SecureCall, secureCall } from '../live/https';
import { get, left, ok, run, Stack } from './harness';

jest.setTimeout(600_000);

const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const random = () => randomBytes(18).toString('hex');
const [password, token, other, apiKey, annas, ottos] = Array.from({ length: 6 }, random) as Six;
type Six = [string, string, string, string, string, string];
const hash = (text: string) => createHash('sha1').update(text).digest('base64');

const ca = TestAuthority.create();
const text = ca.issue('DNS:text.test');
const [mounted, renewed] = [ca.issue('DNS:mounted.test'), ca.issue('DNS:mounted.test,DNS:renewed.test')];
/** Of a key a line, since lines may be broken elsewhere. */
const line = (key: string) => key.split('\n')[1] ?? '';

/** What is looked for. */
const secrets = {
  password,
  token,
  key: line(pem.toString()),
  tlsKey: line(text.key),
  apiKey,
  ottosHash: hash(ottos),
  annasHash: hash(annas),
  // In clear, what only a hash is made of; and what is in a mounted folder.
  annas,
  ottos,
  mounted: line(mounted.key),
  renewed: line(renewed.key),
  other,
};
const CLEAN: readonly string[] = [];
/** What Terraform handles. */
const ALL = ['password', 'token', 'key', 'tlsKey', 'apiKey', 'ottosHash', 'annasHash'].sort();
/** What is made of a text that is written out in the program, by whoever synthesizes it. */
const WRITTEN = ['annasHash'];

const folder = mkdtempSync(join(tmpdir(), 'mounted-'));
chmodSync(folder, 0o755);
/** As whoever renews certificates does it: for Envoy alone, and each file at once. */
function put({ cert, key }: Issued): void {
  for (const [name, content] of Object.entries({ 'chain.pem': cert, 'key.pem': key })) {
    const file = join(folder, name);
    writeFileSync(`${file}.new`, content, { mode: 0o400 });
    chownSync(`${file}.new`, 101, 101);
    renameSync(`${file}.new`, file);
  }
}

const PORT = 8863;
const ADMIN = 8864;
const stack = new Stack(
  'envoy-test-secretive',
  {
    TF_VAR_password: `"${password}"\n`,
    TF_VAR_token: `${token} "on"`,
    TF_VAR_key: pem.toString(),
    TF_VAR_tlsKey: text.key,
    TF_VAR_apiKey: apiKey,
    TF_VAR_ottosHash: `{SHA}${hash(ottos)}`,
    ANNAS_PASSWORD: annas,
    CHAIN: text.cert,
    TLS_FOLDER: folder,
  },
  'secrets-app.ts',
);
const envoy = { publish: { http: { port: PORT }, admin: { port: ADMIN } } };

const ask = (options: Partial<SecureCall>) =>
  secureCall({ port: PORT, ca: ca.pem, servername: 'text.test', path: '/header/x-token', ...options });
const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

/** A text as it is, in hex, and in base64, where it may begin at the first, second or third byte of a group. */
function forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const shifted = [0, 1, 2].map((by) => {
    const text = Buffer.concat([Buffer.alloc(by), bytes]).toString('base64');
    return text.slice(by === 0 ? 0 : 4, text.length - 4);
  });
  return [secret, bytes.toString('hex'), ...shifted];
}

/** Which secrets are in a text. */
function secretsIn(text: string): string[] {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/');
  return Object.entries(secrets)
    .filter(([, secret]) => forms(secret).some((form) => text.includes(form) || plain.includes(form)))
    .map(([name]) => name);
}

/** The paths of values with secrets that Terraform does not hide. */
function shown(value: unknown, sensitive: unknown, path = ''): string[] {
  if (sensitive === true) {
    return [];
  }
  if (typeof value !== 'object' || value === null) {
    return secretsIn(String(value)).map((name) => `${path}: ${name}`);
  }
  return Object.entries(value).flatMap(([key, inner]) => [
    ...secretsIn(key).map((name) => `a key in ${path}: ${name}`),
    ...shown(inner, Object(sensitive)[key], `${path}.${key}`),
  ]);
}

/** A program's output, all of it. */
async function output(running: ReturnType<typeof run>, codes = [0]): Promise<string> {
  const { code, output } = await running;
  expect({ codes, output: codes.includes(code) ? '' : output }).toEqual({ codes, output: '' });
  return output;
}

let deployed: string;
beforeAll(async () => {
  put(mounted);
  deployed = await stack.deployed({ envoy });
});

test('what is looked for would be found', () => {
  const text = `..${token}..`;
  expect([text, Buffer.from(text).toString('hex'), `"${Buffer.from(text).toString('base64')}"`].map(secretsIn)).toEqual(
    [['token'], ['token'], ['token']],
  );
  for (const before of ['', '.', '..', '...']) {
    expect(secretsIn(Buffer.from(before + token).toString('base64url'))).toEqual(['token']);
  }
  expect(shown({ a: [{ b: token }, token] }, { a: [{ b: true }, false] })).toEqual(['.a.1: token']);
});

test('the secrets are where they are used', async () => {
  const [api = ''] = await stack.ids('api');
  const read = (container: string, path: string) => ok('docker', 'exec', container, 'cat', path);
  expect(await read(api, '/app/password')).toBe(`"${password}"`);
  expect(await read(await stack.container(), '/etc/envoy/client.key')).toBe(pem.toString().trim());
  const files = (await ok('docker', 'exec', await stack.container(), 'find', '/etc/envoy', '/tls', '-type', 'f')).split(
    '\n',
  );
  const found = await Promise.all(
    files.map(async (file) => [file, ...secretsIn(await read(await stack.container(), file))]),
  );
  expect(found.filter(([, ...its]) => its.length > 0).sort()).toEqual([
    ['/etc/envoy/api-keys.yaml', 'apiKey'],
    ['/etc/envoy/basic-auth.htpasswd', 'ottosHash', 'annasHash'],
    ['/etc/envoy/client.key', 'key'],
    ['/etc/envoy/envoy.yaml', 'token'],
    ['/etc/envoy/tls-0.key', 'tlsKey'],
    ['/tls/key.pem', 'mounted'],
  ]);
});

test.each<[string, Record<string, string>]>([
  ['the API key', { 'x-api-key': apiKey }],
  ['the password that was hashed here', basic('anna', annas)],
  ['the password whose hash was given', basic('otto', ottos)],
])('with %s a request is served', async (_, headers) => {
  expect(await ask({ headers })).toMatchObject({ status: 200, body: JSON.stringify(`Bearer ${token} "on"`) });
});

test.each<[string, Record<string, string>]>([
  ['nothing', {}],
  ['another key', { 'x-api-key': other }],
  ["another's password", basic('anna', ottos)],
])('with %s it is not', async (_, headers) => {
  expect((await ask({ headers })).status).toBe(401);
});

test('not in what a deploy prints', () => {
  expect(deployed).toContain('Apply complete!');
  expect(secretsIn(deployed)).toEqual(CLEAN);
});

test('not in what cdktf writes', () => {
  const folder = join(stack.folder, 'cdktf.out');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    // The provider's own program, and the plan, which is below.
    (entry) => entry.isFile() && !entry.parentPath.includes('providers') && entry.name !== 'plan',
  );
  expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(['manifest.json', 'cdk.tf.json']));
  for (const { parentPath, name } of files) {
    const found = secretsIn(readFileSync(join(parentPath, name), 'latin1'));
    expect([name, ...found]).toEqual([name, ...(name === 'cdk.tf.json' ? WRITTEN : [])]);
  }
});

test('in the state, under what is marked as sensitive alone', async () => {
  const state = JSON.parse(readFileSync(join(stack.folder, 'terraform.tfstate'), 'utf8'));
  expect(secretsIn(JSON.stringify(state)).sort()).toEqual(ALL);
  const { values } = JSON.parse(await output(stack.terraform('show', '-json')));
  const resources = values.root_module.resources as { address: string; values: object; sensitive_values: object }[];
  expect(resources.length).toBe(state.resources.length);
  expect(resources.flatMap((one) => shown(one.values, one.sensitive_values, one.address))).toEqual([]);
  for (const { instances } of state.resources) {
    for (const instance of instances) {
      delete instance.attributes;
    }
  }
  expect(secretsIn(JSON.stringify(state))).toEqual(CLEAN);
});

describe('not in a plan', () => {
  test.each<[string, readonly string[]]>([
    ['of nothing', []],
    ['of another secret', ['-var', `token=${other}`]],
    ['to destroy all', ['-destroy']],
  ])('%s', async (what, args) => {
    const file = join(stack.folder, 'a.plan');
    const text = await output(stack.terraform('plan', '-input=false', '-no-color', `-out=${file}`, ...args));
    expect(text).toContain(what === 'of nothing' ? 'No changes.' : '(sensitive value)');
    expect(secretsIn(text)).toEqual(CLEAN);
    expect(secretsIn(await output(stack.terraform('show', '-no-color', file)))).toEqual(CLEAN);
  });

  test('of another option', async () => {
    const text = await output(stack.planOf({ envoy: { ...envoy, timeouts: { request: '20s' } } }));
    expect(text).toContain('Plan: 4 to add, 0 to change, 4 to destroy.');
    expect(secretsIn(text)).toEqual(CLEAN);
  });

  test('but in its file, which is to be kept like the state', async () => {
    const file = join(stack.folder, 'cdktf.out', 'stacks', stack.name, 'plan');
    expect(secretsIn(await output(stack.terraform('show', '-json', file))).sort()).toEqual(ALL);
  });
});

test('not in what Docker tells of its containers, and not in their logs', async () => {
  const names = (await left(stack.name)).filter((name) => name !== '');
  const inspected = await ok('docker', 'inspect', ...names);
  expect(JSON.parse(inspected)).toHaveLength(names.length);
  expect(secretsIn(inspected)).toEqual(CLEAN);
  const containers = (await ok('docker', 'ps', '--all', '--filter', `name=${stack.name}`, '--format', '{{.ID}}')).split(
    '\n',
  );
  expect(containers).toHaveLength(4);
  for (const container of containers) {
    expect(secretsIn(await output(run('docker', ['logs', container])))).toEqual(CLEAN);
    expect(secretsIn(await ok('docker', 'inspect', container))).toEqual(CLEAN);
  }
});

test("not in Envoy's admin pages", async () => {
  for (const page of ['/', '/help', '/server_info', '/clusters', '/listeners', '/certs', '/stats', '/memory']) {
    const { status, body } = await get(`http://127.0.0.1:${ADMIN}${page}`);
    expect([page, status, ...secretsIn(body)]).toEqual([page, 200]);
  }
});

test('a certificate that is moved into the folder is served, and nothing is started again for it', async () => {
  const started = async () =>
    ok('docker', 'inspect', await stack.container(), '--format', '{{.Id}} {{.State.StartedAt}}');
  const from = async () => (await ask({ servername: 'mounted.test' })).from;
  const before = await started();
  expect(await from()).toBe('DNS:mounted.test');
  put(renewed);
  await until('the new certificate', async () => (await from()) === 'DNS:mounted.test, DNS:renewed.test');
  expect(await started()).toBe(before);
});

test('destroy leaves nothing', async () => {
  const { code, output } = await stack.destroy();
  expect([code, secretsIn(output)]).toEqual([0, CLEAN]);
  expect(await left(stack.name)).toEqual([]);
  rmSync(folder, { recursive: true });
});
