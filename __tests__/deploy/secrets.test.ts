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
import { get, listRemains, ok, run, Stack } from './harness';

jest.setTimeout(600_000);

const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const random = () => randomBytes(18).toString('hex');
const [password, token, other, apiKey, annas, ottos] = Array.from({ length: 6 }, random) as Six;
type Six = [string, string, string, string, string, string];
const hash = (text: string) => createHash('sha1').update(text).digest('base64');

const ca = TestAuthority.create();
const text = ca.issue('DNS:text.test');
const [mounted, renewed] = [ca.issue('DNS:mounted.test'), ca.issue('DNS:mounted.test,DNS:renewed.test')];
/** Returns one line of a key, since outputs may change the line breaks. */
const line = (key: string) => key.split('\n')[1] ?? '';

/** The secrets that the tests search for. */
const secrets = {
  password,
  token,
  key: line(pem.toString()),
  tlsKey: line(text.key),
  apiKey,
  ottosHash: hash(ottos),
  annasHash: hash(annas),
  // Plain passwords that only exist as hashes, and keys in a mounted folder.
  annas,
  ottos,
  mounted: line(mounted.key),
  renewed: line(renewed.key),
  other,
};
const CLEAN: readonly string[] = [];
/** The secrets that Terraform handles. */
const ALL = ['password', 'token', 'key', 'tlsKey', 'apiKey', 'ottosHash', 'annasHash'].sort();
/** The secrets that synthesis derives from a literal in the program. */
const WRITTEN = ['annasHash'];

const folder = mkdtempSync(join(tmpdir(), 'mounted-'));
chmodSync(folder, 0o755);
/** Replaces the files atomically and readable by Envoy only, as a certificate renewal does. */
function renewCertificate({ cert, key }: Issued): void {
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

/** Returns a secret as text, in hex, and in base64 with each of the three possible offsets. */
function encodings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const shifted = [0, 1, 2].map((by) => {
    const text = Buffer.concat([Buffer.alloc(by), bytes]).toString('base64');
    return text.slice(by === 0 ? 0 : 4, text.length - 4);
  });
  return [secret, bytes.toString('hex'), ...shifted];
}

/** Returns the names of the secrets in a text. */
function findSecrets(text: string): string[] {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/');
  return Object.entries(secrets)
    .filter(([, secret]) => encodings(secret).some((form) => text.includes(form) || plain.includes(form)))
    .map(([name]) => name);
}

/** Returns the paths of values with secrets that Terraform does not hide. */
function findUnhiddenSecrets(value: unknown, sensitive: unknown, path = ''): string[] {
  if (sensitive === true) {
    return [];
  }
  if (typeof value !== 'object' || value === null) {
    return findSecrets(String(value)).map((name) => `${path}: ${name}`);
  }
  return Object.entries(value).flatMap(([key, inner]) => [
    ...findSecrets(key).map((name) => `a key in ${path}: ${name}`),
    ...findUnhiddenSecrets(inner, Object(sensitive)[key], `${path}.${key}`),
  ]);
}

/** Returns the output of a program, and expects one of the exit codes. */
async function output(running: ReturnType<typeof run>, codes = [0]): Promise<string> {
  const { code, output } = await running;
  expect({ codes, output: codes.includes(code) ? '' : output }).toEqual({ codes, output: '' });
  return output;
}

let deployed: string;
beforeAll(async () => {
  renewCertificate(mounted);
  deployed = await stack.deployOrThrow({ envoy });
});

test('the search finds secrets in any encoding', () => {
  const text = `..${token}..`;
  expect(
    [text, Buffer.from(text).toString('hex'), `"${Buffer.from(text).toString('base64')}"`].map(findSecrets),
  ).toEqual([['token'], ['token'], ['token']]);
  for (const before of ['', '.', '..', '...']) {
    expect(findSecrets(Buffer.from(before + token).toString('base64url'))).toEqual(['token']);
  }
  expect(findUnhiddenSecrets({ a: [{ b: token }, token] }, { a: [{ b: true }, false] })).toEqual(['.a.1: token']);
});

test('the containers have the secrets in their files only', async () => {
  const [api = ''] = await stack.ids('api');
  const read = (container: string, path: string) => ok('docker', 'exec', container, 'cat', path);
  expect(await read(api, '/app/password')).toBe(`"${password}"`);
  expect(await read(await stack.container(), '/etc/envoy/client.key')).toBe(pem.toString().trim());
  const files = (await ok('docker', 'exec', await stack.container(), 'find', '/etc/envoy', '/tls', '-type', 'f')).split(
    '\n',
  );
  const found = await Promise.all(
    files.map(async (file) => [file, ...findSecrets(await read(await stack.container(), file))]),
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
  ['a valid API key', { 'x-api-key': apiKey }],
  ['a password hashed by synthesis', basic('anna', annas)],
  ['a password whose hash is given', basic('otto', ottos)],
])('serves a request with %s', async (_, headers) => {
  expect(await ask({ headers })).toMatchObject({ status: 200, body: JSON.stringify(`Bearer ${token} "on"`) });
});

test.each<[string, Record<string, string>]>([
  ['no credential', {}],
  ['a wrong API key', { 'x-api-key': other }],
  ['the password of another user', basic('anna', ottos)],
])('rejects a request with %s', async (_, headers) => {
  expect((await ask({ headers })).status).toBe(401);
});

test('the output of cdktf deploy contains no secret', () => {
  expect(deployed).toContain('Apply complete!');
  expect(findSecrets(deployed)).toEqual(CLEAN);
});

test('the files of cdktf contain no secret except literals of the program', () => {
  const folder = join(stack.folder, 'cdktf.out');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    // Without the program of the provider, and the plan, which has its own test.
    (entry) => entry.isFile() && !entry.parentPath.includes('providers') && entry.name !== 'plan',
  );
  expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(['manifest.json', 'cdk.tf.json']));
  for (const { parentPath, name } of files) {
    const found = findSecrets(readFileSync(join(parentPath, name), 'latin1'));
    expect([name, ...found]).toEqual([name, ...(name === 'cdk.tf.json' ? WRITTEN : [])]);
  }
});

test('the state contains the secrets only in values marked as sensitive', async () => {
  const state = JSON.parse(readFileSync(join(stack.folder, 'terraform.tfstate'), 'utf8'));
  expect(findSecrets(JSON.stringify(state)).sort()).toEqual(ALL);
  const { values } = JSON.parse(await output(stack.terraform('show', '-json')));
  const resources = values.root_module.resources as { address: string; values: object; sensitive_values: object }[];
  expect(resources.length).toBe(state.resources.length);
  expect(resources.flatMap((one) => findUnhiddenSecrets(one.values, one.sensitive_values, one.address))).toEqual([]);
  for (const { instances } of state.resources) {
    for (const instance of instances) {
      delete instance.attributes;
    }
  }
  expect(findSecrets(JSON.stringify(state))).toEqual(CLEAN);
});

describe('the output of a plan contains no secret', () => {
  test.each<[string, readonly string[]]>([
    ['without changes', []],
    ['with another secret', ['-var', `token=${other}`]],
    ['to destroy all', ['-destroy']],
  ])('%s', async (what, args) => {
    const file = join(stack.folder, 'a.plan');
    const text = await output(stack.terraform('plan', '-input=false', '-no-color', `-out=${file}`, ...args));
    expect(text).toContain(what === 'without changes' ? 'No changes.' : '(sensitive value)');
    expect(findSecrets(text)).toEqual(CLEAN);
    expect(findSecrets(await output(stack.terraform('show', '-no-color', file)))).toEqual(CLEAN);
  });

  test('with another option', async () => {
    const text = await output(stack.planOf({ envoy: { ...envoy, timeouts: { request: '20s' } } }));
    expect(text).toContain('Plan: 4 to add, 0 to change, 4 to destroy.');
    expect(findSecrets(text)).toEqual(CLEAN);
  });

  test('but the plan file contains them, and needs the protection of the state', async () => {
    const file = join(stack.folder, 'cdktf.out', 'stacks', stack.name, 'plan');
    expect(findSecrets(await output(stack.terraform('show', '-json', file))).sort()).toEqual(ALL);
  });
});

test('docker inspect and docker logs contain no secret', async () => {
  const names = (await listRemains(stack.name)).filter((name) => name !== '');
  const inspected = await ok('docker', 'inspect', ...names);
  expect(JSON.parse(inspected)).toHaveLength(names.length);
  expect(findSecrets(inspected)).toEqual(CLEAN);
  const containers = (await ok('docker', 'ps', '--all', '--filter', `name=${stack.name}`, '--format', '{{.ID}}')).split(
    '\n',
  );
  expect(containers).toHaveLength(4);
  for (const container of containers) {
    expect(findSecrets(await output(run('docker', ['logs', container])))).toEqual(CLEAN);
    expect(findSecrets(await ok('docker', 'inspect', container))).toEqual(CLEAN);
  }
});

test("Envoy's admin pages contain no secret", async () => {
  for (const page of ['/', '/help', '/server_info', '/clusters', '/listeners', '/certs', '/stats', '/memory']) {
    const { status, body } = await get(`http://127.0.0.1:${ADMIN}${page}`);
    expect([page, status, ...findSecrets(body)]).toEqual([page, 200]);
  }
});

test('Envoy serves a certificate that is moved into the folder without a restart', async () => {
  const started = async () =>
    ok('docker', 'inspect', await stack.container(), '--format', '{{.Id}} {{.State.StartedAt}}');
  const from = async () => (await ask({ servername: 'mounted.test' })).from;
  const before = await started();
  expect(await from()).toBe('DNS:mounted.test');
  renewCertificate(renewed);
  await until('Envoy serves the new certificate', async () => (await from()) === 'DNS:mounted.test, DNS:renewed.test');
  expect(await started()).toBe(before);
});

test('destroy removes everything', async () => {
  const { code, output } = await stack.destroy();
  expect([code, findSecrets(output)]).toEqual([0, CLEAN]);
  expect(await listRemains(stack.name)).toEqual([]);
  rmSync(folder, { recursive: true });
});
