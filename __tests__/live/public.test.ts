import type { OutgoingHttpHeaders } from 'node:http';
import { assemble } from '../../envoy';
import { type Backend, startBackend } from './backend';
import { type Envoy, startEnvoy, withManager } from './envoy';
import { call, rawCall, rawStatus } from './http';
import { freePort } from './ports';
import { keySet, signingKey, token } from './tokens';

const KEY = 'not-a-real-key-of-a-partner';
const PASSWORD = 'not-a-real-password';
const rsa = signingKey('RS256');
const claims = { iss: 'https://id.example.com/', aud: 'calculator', sub: 'ann' };
const jwt = {
  providers: { main: { issuer: claims.iss, audiences: ['calculator'] as const, jwks: { inline: keySet(rsa) } } },
};
const VALID_CREDENTIALS: OutgoingHttpHeaders = { 'x-api-key': KEY, authorization: `Bearer ${token(rsa, claims)}` };
const anna = { authorization: `Basic ${Buffer.from(`anna:${PASSWORD}`).toString('base64')}` };

let upstream: Backend;
let envoy: Envoy;
beforeAll(async () => {
  upstream = await startBackend();
  envoy = await startEnvoy({
    upstream,
    jwt,
    apiKeys: { keys: { partner: KEY } },
    authentication: { publicPaths: ['/health', { exact: '/x' }] },
    routes: [
      { path: '/health/admin', timeouts: { request: '5s' } },
      { path: '/mixed', methods: ['GET'], authentication: { public: true } },
    ],
  });
});
beforeEach(() => {
  upstream.seen.length = 0;
});

test.each([
  '/health',
  '/health/',
  '/health/x',
  '/health?a=/../secret',
  '/x',
  '/x?y',
  '//health/x',
  '/%68ealth/x',
  '/./health/x',
  '/y/../x',
])('%s needs no credential', async (path) => {
  expect(await rawStatus(envoy.port, path)).toBe(200);
});

test.each([
  ['/', 401],
  ['/secret', 401],
  ['/health/../secret', 401],
  ['/health/./../secret', 401],
  ['/health/%2e%2e/secret', 401],
  ['/health/%2E./secret', 401],
  ['/health\\..\\secret', 401],
  ['/health//../../secret', 401],
  ['/health/..;/secret', 401],
  ['/healthx', 401],
  ['/HEALTH', 401],
  ['/health;x', 401],
  ['/health.', 401],
  ['/xx', 401],
  ['/x/', 401],
  ['/x/y', 401],
  ['/x/..', 401],
  ['/secret/health', 401],
  ['/secret?/health', 401],
  ['/health/admin', 401],
  ['/health/%61dmin', 401],
  ['/health%2F..%2Fsecret', 307],
  ['/health/..%2Fsecret', 307],
  ['/health/..%5Csecret', 307],
  ['/health%00', 400],
  ['/health#/../secret', 400],
  ['http://api/health/../secret', 401],
  ['*', 404],
])('%s is not public and gets %d', async (path, status) => {
  const got = await rawStatus(envoy.port, path, path === '*' ? 'OPTIONS' : 'GET');
  expect({ status: got, seen: upstream.seen }).toEqual({ status, seen: [] });
});

test.each(['/health%2F..%2Fsecret', '/health/..%2Fsecret', '/health/..%5Csecret'])(
  'the target of the redirect of %s needs credentials',
  async (path) => {
    const answer = await rawCall(envoy.port, `GET ${path} HTTP/1.1`);
    const location = /\r\nlocation: (\S+)/.exec(answer)?.[1] ?? '';
    expect((await envoy.call({ path: location })).status).toBe(401);
  },
);

test('a route is public for one method only', async () => {
  expect((await envoy.call({ path: '/mixed' })).status).toBe(200);
  expect((await envoy.call({ path: '/mixed', method: 'POST' })).status).toBe(401);
});

test('other paths need all credentials without anyOf', async () => {
  const statusOf = async (headers: OutgoingHttpHeaders, path = '/') => (await envoy.call({ path, headers })).status;
  const { 'x-api-key': key, authorization } = VALID_CREDENTIALS;
  expect(await statusOf(VALID_CREDENTIALS)).toBe(200);
  expect(await statusOf({ 'x-api-key': key })).toBe(401);
  expect(await statusOf({ authorization })).toBe(401);
  expect(await statusOf(VALID_CREDENTIALS, '/health/admin')).toBe(200);
  expect(await statusOf({ 'x-api-key': 'wrong', authorization })).toBe(401);
});

test('public paths accept invalid credentials, and remove identity headers', async () => {
  const headers = { 'x-api-key': 'wrong', authorization: 'Bearer wrong', 'x-api-client': 'partner' };
  expect((await envoy.call({ path: '/health/x', headers })).status).toBe(200);
  expect(upstream.seen[0]?.headers).not.toHaveProperty('x-api-client');
});

test("public paths work with a user's bootstrap", async () => {
  const { host, port } = upstream;
  const routes = [
    { match: { path: '/own' }, direct_response: { status: 200, body: { inline_string: 'own' } } },
    { match: { prefix: '/' }, route: { cluster: 'api' } },
  ];
  const { bootstrap } = assemble({
    upstream: { host, port },
    port: await freePort(),
    patch: withManager({ route_config: { name: 'own', virtual_hosts: [{ name: 'own', domains: ['*'], routes }] } }),
  });
  await startEnvoy({
    upstream,
    baseConfig: bootstrap,
    apiKeys: { keys: { partner: KEY } },
    basicAuth: { users: { anna: PASSWORD } },
    authentication: { publicPaths: ['/health'], anyOf: ['apiKeys', 'basicAuth'] },
  });
  const listener = bootstrap.static_resources?.listeners?.[0]?.address?.socket_address?.port_value ?? 0;
  const ask = async (path: string, headers = {}) => (await call({ port: listener, path, headers })).status;
  expect([await ask('/'), await ask('/own'), await ask('/health/x')]).toEqual([401, 401, 200]);
  expect([await ask('/', { 'x-api-key': KEY }), await ask('/', anna)]).toEqual([200, 200]);
  expect([await ask('/', { 'x-api-key': 'wrong' }), await ask('/', { ...anna, 'x-api-key': 'wrong' })]).toEqual([
    401, 401,
  ]);
  // Direct responses have all filters, so they need both credentials.
  expect([await ask('/own', anna), await ask('/own', { ...anna, 'x-api-key': KEY })]).toEqual([401, 200]);
});
