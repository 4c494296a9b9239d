import { rmSync } from 'node:fs';
import type { OutgoingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import type { BasicAuthOptions } from '../../envoy';
import { startBackend } from './backend';
import { binaries } from './binaries';
import { type LiveOptions, prepare, run, startEnvoy } from './envoy';
import { rawCall } from './http';

const ANNA = 'not-a-real-password';
// The hash of another-unreal-password.
const users = { anna: ANNA, berta: { hash: '{SHA}lWsIAnm7ymtM+JKTlzwrrDG1QAU=' } };
const BERTA = 'another-unreal-password';

const basic = (text: string): OutgoingHttpHeaders => ({
  authorization: `Basic ${Buffer.from(text).toString('base64')}`,
});

async function started(basicAuth: Partial<BasicAuthOptions>, options: Partial<LiveOptions> = {}) {
  const upstream = await startBackend();
  const envoy = await startEnvoy({
    upstream,
    basicAuth: { users, ...basicAuth },
    requestHeaders: { headersWithUnderscores: 'allow' },
    ...options,
  });
  /** Returns the status, and the user and authorization that reached the API. */
  const ask = async (headers: OutgoingHttpHeaders = {}, path = '/') => {
    upstream.seen.length = 0;
    const { status } = await envoy.call({ path, headers });
    const [got] = upstream.seen;
    const { 'x-user-name': user, authorization } = got?.headers ?? {};
    return { status, ...(got && { user, authorization }) };
  };
  return { upstream, envoy, ask };
}

const asAnna = { status: 200, user: 'anna', authorization: undefined };

describe('a proxy with two users', () => {
  let proxy: Awaited<ReturnType<typeof started>>;
  beforeAll(async () => {
    proxy = await started(
      {},
      {
        routes: [
          { path: '/open', basicAuth: false },
          { path: '/admin', basicAuth: { allowedUsers: ['anna'] } },
        ],
      },
    );
  });

  test('identifies each user by password, and keeps the password from the API', async () => {
    expect(await proxy.ask(basic(`anna:${ANNA}`))).toEqual(asAnna);
    expect(await proxy.ask(basic(`berta:${BERTA}`))).toEqual({ ...asAnna, user: 'berta' });
  });

  test.each<[string, OutgoingHttpHeaders]>([
    ['a request without a password', {}],
    ['a wrong password', basic('anna:not-a-real-passwore')],
    ['the password of another user', basic(`anna:${BERTA}`)],
    ['a password in upper case', basic(`anna:${ANNA.toUpperCase()}`)],
    ['an empty password', basic('anna:')],
    ['a user without colon and password', basic('anna')],
    ['an unknown user', basic(`carla:${ANNA}`)],
    ['a user in another case', basic(`Anna:${ANNA}`)],
    ['an empty user', basic(`:${ANNA}`)],
    ['a line break after the password', basic(`anna:${ANNA}\nanna`)],
    ['the hash instead of the password', basic(`berta:${users.berta.hash}`)],
    ['a scheme without credentials', { authorization: 'Basic ' }],
    ['credentials without a scheme', { authorization: Buffer.from(`anna:${ANNA}`).toString('base64') }],
    ['credentials without base64', { authorization: `Basic anna:${ANNA}` }],
    [
      'credentials with the scheme Bearer',
      { authorization: `Bearer ${Buffer.from(`anna:${ANNA}`).toString('base64')}` },
    ],
    ['credentials in proxy-authorization', { 'proxy-authorization': `${basic(`anna:${ANNA}`).authorization}` }],
    ['a forged user name', { 'x-user-name': 'anna' }],
  ])('rejects %s and asks for the scheme Basic', async (_, headers) => {
    proxy.upstream.seen.length = 0;
    const { status, headers: answer } = await proxy.envoy.call({ headers });
    expect({ status, asks: answer['www-authenticate'], seen: proxy.upstream.seen }).toEqual({
      status: 401,
      asks: `Basic realm="http://127.0.0.1:${proxy.envoy.port}/"`,
      seen: [],
    });
  });

  test('rejects two authorization headers', async () => {
    proxy.upstream.seen.length = 0;
    const [good, bad] = [basic(`anna:${ANNA}`), basic('anna:wrong')].map(({ authorization }) => `${authorization}`);
    for (const [one, other] of [
      [good, bad],
      [bad, good],
    ]) {
      const answer = await rawCall(
        proxy.envoy.port,
        'GET / HTTP/1.1',
        `authorization: ${one}`,
        `authorization: ${other}`,
      );
      expect(answer).toMatch(/^HTTP\/1.1 401 /);
    }
    expect(proxy.upstream.seen).toEqual([]);
  });

  test.each([
    ['with a password', basic(`berta:${BERTA}`), '/', 'berta'],
    ['on a public route', {}, '/open', undefined],
    ['on a public route with a password', basic(`berta:${BERTA}`), '/open', undefined],
  ])('keeps forged user names from the API %s', async (_, headers, path, user) => {
    const forged = { 'X-User-Name': 'anna', x_user_name: 'anna', 'x-user_name': 'anna' };
    expect(await proxy.ask({ ...forged, ...headers }, path)).toMatchObject({ status: 200, user });
    const names = Object.entries(proxy.upstream.seen[0]?.headers ?? {}).filter(([, value]) => value === 'anna');
    expect(names).toEqual([]);
  });

  test('restricts a route to some users', async () => {
    expect(await proxy.ask(basic(`anna:${ANNA}`), '/admin')).toEqual(asAnna);
    expect(await proxy.ask(basic(`berta:${BERTA}`), '/admin')).toEqual({ status: 401 });
    expect(await proxy.ask({}, '/admin')).toEqual({ status: 401 });
    expect(await proxy.ask(basic(`berta:${BERTA}`), '//admin/')).toEqual({ status: 401 });
  });

  test('requires a password for CONNECT', async () => {
    expect(await rawCall(proxy.envoy.port, 'CONNECT api:80 HTTP/1.1')).toMatch(/^HTTP\/1.1 401 /);
  });
});

test('passes the password to the API with forward: true', async () => {
  const { ask } = await started({ forward: true });
  const headers = basic(`anna:${ANNA}`);
  expect(await ask(headers)).toEqual({ status: 200, user: 'anna', ...headers });
});

test('accepts passwords with a colon and non-ASCII characters', async () => {
  const password = 'ü:€ not a real password';
  const { ask } = await started({ users: { anna: password } });
  expect(await ask(basic(`anna:${password}`))).toEqual(asAnna);
});

test.each([...binaries()])('Envoy %s does not start without the file of passwords', async (_, binary) => {
  const { args, folder } = await prepare({ upstream: { host: '127.0.0.1', port: 9 }, basicAuth: { users } });
  rmSync(join(folder, 'basic-auth.htpasswd'));
  const { ended, stderr } = run(binary, args);
  expect(await ended).toBe(1);
  expect(stderr()).toContain('basic-auth.htpasswd');
});
