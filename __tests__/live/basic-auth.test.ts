import { rmSync } from 'node:fs';
import type { OutgoingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import type { BasicAuthOptions } from '../../envoy';
import { startBackend } from './backend';
import { binaries } from './binaries';
import { type LiveOptions, prepare, run, startEnvoy } from './envoy';
import { rawCall } from './http';

const ANNA = 'not-a-real-password';
// Of another-unreal-password.
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
    headers: { underscores: 'allow' },
    ...options,
  });
  /** The answer's status, and what the API got of the user. */
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

describe('two users', () => {
  let proxy: Awaited<ReturnType<typeof started>>;
  beforeAll(async () => {
    proxy = await started(
      {},
      {
        routes: [
          { path: '/open', basicAuth: false },
          { path: '/admin', basicAuth: { users: ['anna'] } },
        ],
      },
    );
  });

  test('each is known by its password, which is kept from the API', async () => {
    expect(await proxy.ask(basic(`anna:${ANNA}`))).toEqual(asAnna);
    expect(await proxy.ask(basic(`berta:${BERTA}`))).toEqual({ ...asAnna, user: 'berta' });
  });

  test.each<[string, OutgoingHttpHeaders]>([
    ['nothing', {}],
    ['a wrong password', basic('anna:not-a-real-passwore')],
    ['the password of another', basic(`anna:${BERTA}`)],
    ['a password in other letters', basic(`anna:${ANNA.toUpperCase()}`)],
    ['no password', basic('anna:')],
    ['no colon', basic('anna')],
    ['an unknown user', basic(`carla:${ANNA}`)],
    ['a user in other letters', basic(`Anna:${ANNA}`)],
    ['no user', basic(`:${ANNA}`)],
    ['a line of the file', basic(`anna:${ANNA}\nanna`)],
    ['the hash instead of the password', basic(`berta:${users.berta.hash}`)],
    ['nothing behind the scheme', { authorization: 'Basic ' }],
    ['no scheme', { authorization: Buffer.from(`anna:${ANNA}`).toString('base64') }],
    ['no base64', { authorization: `Basic anna:${ANNA}` }],
    ['a token', { authorization: `Bearer ${Buffer.from(`anna:${ANNA}`).toString('base64')}` }],
    ['a password for a proxy', { 'proxy-authorization': `${basic(`anna:${ANNA}`).authorization}` }],
    ['a forged name', { 'x-user-name': 'anna' }],
  ])('%s is refused, and asked for', async (_, headers) => {
    proxy.upstream.seen.length = 0;
    const { status, headers: answer } = await proxy.envoy.call({ headers });
    expect({ status, asks: answer['www-authenticate'], seen: proxy.upstream.seen }).toEqual({
      status: 401,
      asks: `Basic realm="http://127.0.0.1:${proxy.envoy.port}/"`,
      seen: [],
    });
  });

  test('of two passwords at once none counts', async () => {
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
    ['on an open route', {}, '/open', undefined],
    ['on an open route, with a password', basic(`berta:${BERTA}`), '/open', undefined],
  ])('forged names never reach the API: %s', async (_, headers, path, user) => {
    const forged = { 'X-User-Name': 'anna', x_user_name: 'anna', 'x-user_name': 'anna' };
    expect(await proxy.ask({ ...forged, ...headers }, path)).toMatchObject({ status: 200, user });
    const names = Object.entries(proxy.upstream.seen[0]?.headers ?? {}).filter(([, value]) => value === 'anna');
    expect(names).toEqual([]);
  });

  test('a route may be for some of the users', async () => {
    expect(await proxy.ask(basic(`anna:${ANNA}`), '/admin')).toEqual(asAnna);
    expect(await proxy.ask(basic(`berta:${BERTA}`), '/admin')).toEqual({ status: 401 });
    expect(await proxy.ask({}, '/admin')).toEqual({ status: 401 });
    expect(await proxy.ask(basic(`berta:${BERTA}`), '//admin/')).toEqual({ status: 401 });
  });

  test('CONNECT needs a password as well', async () => {
    expect(await rawCall(proxy.envoy.port, 'CONNECT api:80 HTTP/1.1')).toMatch(/^HTTP\/1.1 401 /);
  });
});

test('the API may get the password itself', async () => {
  const { ask } = await started({ forward: true });
  const headers = basic(`anna:${ANNA}`);
  expect(await ask(headers)).toEqual({ status: 200, user: 'anna', ...headers });
});

test('passwords may hold what is not ASCII, and a colon', async () => {
  const password = 'ü:€ not a real password';
  const { ask } = await started({ users: { anna: password } });
  expect(await ask(basic(`anna:${password}`))).toEqual(asAnna);
});

test.each([...binaries()])('Envoy %s does not start without its passwords', async (_, binary) => {
  const { args, folder } = await prepare({ upstream: { host: '127.0.0.1', port: 9 }, basicAuth: { users } });
  rmSync(join(folder, 'basic-auth.htpasswd'));
  const { ended, stderr } = run(binary, args);
  expect(await ended).toBe(1);
  expect(stderr()).toContain('basic-auth.htpasswd');
});
