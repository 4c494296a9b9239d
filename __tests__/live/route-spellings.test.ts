import type { OutgoingHttpHeaders } from 'node:http';
import { type Backend, startBackend } from './backend';
import { type Envoy, inTurn, startEnvoy } from './envoy';

const PASSWORD = 'not-a-real-password';
const as = (user: string): OutgoingHttpHeaders => ({
  authorization: `Basic ${Buffer.from(`${user}:${PASSWORD}`).toString('base64')}`,
});
const denied = { directResponse: { status: 403 } };

/** Returns spellings that Express or Tomcat read as the same path. */
function spellingsOf(path: string): string[] {
  const [, first = '', ...rest] = path.split('/');
  return [
    path,
    path.toUpperCase(),
    `${path}/`,
    `${path.toUpperCase()}/`,
    `${path};x=1`,
    `${path};x/`,
    `/;x${path}`,
    `/${[`${first};x`, ...rest].join('/')}`,
    `/${first}/;y${['', ...rest].join('/')}`,
    `/%${first.charCodeAt(0).toString(16)}${path.slice(2).toUpperCase()}`,
    `//x/../${path.slice(1)}`,
  ];
}

/** Returns the path as such an API reads it. */
const normalizeLeniently = (path: string) =>
  `/${path
    .toLowerCase()
    .split('/')
    .map((segment) => segment.replace(/;.*/, ''))
    .filter(Boolean)
    .join('/')}`;

describe('in front of an API that accepts many spellings of a path', () => {
  let api: Backend;
  let envoy: Envoy;
  beforeAll(async () => {
    api = await startBackend({ handler: (request, response) => response.end(normalizeLeniently(request.url ?? '')) });
    envoy = await startEnvoy({
      upstream: api,
      basicAuth: { users: { anna: PASSWORD, bob: PASSWORD } },
      authorization: { allow: [{ users: ['anna', 'bob'], headers: { 'x-allowed': true } }] },
      authentication: { publicPaths: ['/docs'] },
      routes: [
        { path: { template: '/users/{id}' }, methods: ['DELETE'], ...denied },
        { path: { exact: '/' }, ...denied },
        { path: { exact: '/only' }, ...denied },
        { path: { regex: '/reports/[0-9]+' }, ...denied },
        { path: '/a/b/c', ...denied },
        { path: '/closed', hosts: ['api.example.com'], headers: { 'x-closed': '1' }, ...denied },
        { path: '/bob', basicAuth: { allowedUsers: ['bob'] } },
        { path: '/admin', authorization: { allow: [{ users: ['bob'] }] } },
        { path: '/docs/private', timeouts: { request: '5s' } },
        { path: '/files:copy', ...denied },
        { path: '/open', basicAuth: false, authorization: false },
        { path: '/login', authentication: { public: true }, rateLimit: '3/hour' },
        { path: '/calc/sum', pathRewrite: '/add', rateLimit: '100/min' },
        { path: '/root', pathRewrite: '/', rateLimit: '100/min' },
      ],
      retries: false,
    });
  });

  const status = async (path: string, headers: OutgoingHttpHeaders = {}, method = 'GET') =>
    (await envoy.call({ path, method, headers: { 'x-allowed': 'yes', ...headers } })).status;
  const statuses = async (path: string, headers: OutgoingHttpHeaders, method = 'GET') => {
    const of = spellingsOf(path);
    return Object.fromEntries(
      await Promise.all(of.map(async (one) => [one, await status(one, headers, method)] as const)),
    );
  };
  const all = (path: string, expected: number) =>
    Object.fromEntries(spellingsOf(path).map((one) => [one, expected] as const));

  test.each(['/users/5', '/users/5;x'])('a 403 response by template applies to all spellings of %s', async (path) => {
    expect(await statuses(path, as('anna'), 'DELETE')).toEqual(all(path, 403));
    expect(await statuses(path, as('anna'))).toEqual(all(path, 200));
  });

  test.each(['/only', '/reports/7', '/a/b/c', '/a/b/c/d', '/files:copy', '/files%3Acopy'])(
    'a 403 response applies to all spellings of %s',
    async (path) => {
      expect(await statuses(path, as('anna'))).toEqual(all(path, 403));
    },
  );

  test.each([
    '/onlyx',
    '/only/x',
    '/reports/x',
    '/reports/7/x',
    '/a/b',
    '/a/bc',
    '/x/a/b/c',
    '/;x/a/bc',
    '/a;x/b',
    '/x',
  ])('a 403 response does not apply to the other path %s', async (path) => {
    expect(await status(path, as('anna'))).toBe(200);
  });

  test.each(['/', '//', '/;x', '/;x/', '/./', '/x/..', '///'])(
    'a 403 response for exact / applies to %s',
    async (path) => {
      expect(await status(path, as('anna'))).toBe(403);
    },
  );

  test('a 403 response requires the host and the headers of its route exactly', async () => {
    const headers = { ...as('anna'), host: 'api.example.com', 'x-closed': '1' };
    expect(await statuses('/closed', headers)).toEqual(all('/closed', 403));
    expect(await status('/CLOSED', { ...headers, host: 'example.com' })).toBe(200);
    expect(await status('/CLOSED', { ...headers, 'x-closed': '2' })).toBe(200);
  });

  test('all spellings need the credential of a route', async () => {
    expect(await statuses('/bob', as('anna'))).toEqual(all('/bob', 401));
    expect(await statuses('/bob', as('bob'))).toEqual(all('/bob', 200));
  });

  test('all other spellings need the authorization of the route and of the proxy', async () => {
    expect(await statuses('/admin', as('anna'))).toEqual(all('/admin', 403));
    expect(await statuses('/admin', as('bob'))).toEqual(all('/admin', 200));
    const headers = as('bob');
    expect((await envoy.call({ path: '/admin', headers })).status).toBe(200);
    expect((await envoy.call({ path: '/ADMIN', headers })).status).toBe(403);
  });

  test('a path is public in one spelling only', async () => {
    expect(await status('/open')).toBe(200);
    expect(await status('/OPEN')).toBe(401);
    expect(await status('/open;x')).toBe(401);
    expect(await status('/open/;x')).toBe(200);
  });

  test('a route within a public route needs credentials in all spellings', async () => {
    expect(await status('/docs/index')).toBe(200);
    const { '//x/../docs/private': _, ...others } = await statuses('/docs/private', {});
    expect(Object.values(others)).toEqual(Array(spellingsOf('').length - 1).fill(401));
  });

  test('a rate limit counts all spellings of a public path together, and other spellings need credentials', async () => {
    expect(await status('/LOGIN')).toBe(401);
    expect(await status('/login')).toBe(200);
    expect(await status('/Login', as('anna'))).toBe(200);
    expect(await statuses('/login', as('anna'))).toEqual(all('/login', 429));
  });

  test('all spellings of a path are rewritten', async () => {
    const bodyOf = async (path: string) =>
      (await envoy.call({ path, headers: { ...as('anna'), 'x-allowed': '1' } })).body;
    for (const path of ['/calc/sum', '/CALC/sum/', '/calc;x/SUM;y']) {
      expect(await bodyOf(path)).toBe('/add');
    }
    expect(await bodyOf('/CALC/sum/7?x=1')).toBe('/add/7?x=1');
    expect(await bodyOf('/ROOT/users')).toBe('/users');
    expect(await bodyOf('/root')).toBe('/');
  });
});

test('a lower rate of a route applies to all spellings of its path, and a higher rate to one spelling only', async () => {
  const envoy = await startEnvoy({
    upstream: await startBackend(),
    rateLimit: '5/hour',
    routes: [
      { path: '/login', rateLimit: '1/hour' },
      { path: '/feed', rateLimit: '100/hour' },
    ],
  });
  expect((await envoy.call({ path: '/login' })).status).toBe(200);
  for (const path of spellingsOf('/login')) {
    expect({ path, status: (await envoy.call({ path })).status }).toEqual({ path, status: 429 });
  }
  expect(await inTurn(envoy, 6, { path: '/FEED' })).toEqual([200, 200, 200, 200, 200, 429]);
  expect(await inTurn(envoy, 6, { path: '/feed' })).toEqual(Array(6).fill(200));
});

test.each(['1.37', '1.39'])('Envoy %s accepts the longest regular expressions', async (minor) => {
  const paths = [
    `/${'a'.repeat(82)}`,
    '/a'.repeat(11),
    '/a:b'.repeat(6),
    { exact: `/${'r'.repeat(79)}` },
    { template: '/*'.repeat(8) },
    { regex: `/${'\\w'.repeat(9)}` },
    { regex: '/[a-z0-9._-]+/[^/]+/\\d+x' },
    { regex: '/[^a-z]/[^/]+/a' },
  ];
  const envoy = await startEnvoy(
    { upstream: await startBackend(), routes: paths.map((path) => ({ path, ...denied })) },
    minor,
  );
  expect(envoy.isRunning()).toBe(true);
  expect((await envoy.call({ path: '/A'.repeat(11) })).status).toBe(403);
});

test('a deny rule for exact / applies to //', async () => {
  const envoy = await startEnvoy({
    upstream: await startBackend(),
    authorization: { allow: 'all', deny: [{ paths: [{ exact: '/' }] }] },
  });
  expect((await envoy.call({ path: '//' })).status).toBe(403);
});
