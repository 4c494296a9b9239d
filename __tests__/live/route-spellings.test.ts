import type { OutgoingHttpHeaders } from 'node:http';
import { type Backend, startBackend } from './backend';
import { type Envoy, inTurn, startEnvoy } from './envoy';

const PASSWORD = 'not-a-real-password';
const as = (user: string): OutgoingHttpHeaders => ({
  authorization: `Basic ${Buffer.from(`${user}:${PASSWORD}`).toString('base64')}`,
});
const refused = { respond: { status: 403 } };

/** What an API may take for the same path, as Express and Tomcat read it. */
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

/** The path in one spelling, as such an API reads it. */
const read = (path: string) =>
  `/${path
    .toLowerCase()
    .split('/')
    .map((segment) => segment.replace(/;.*/, ''))
    .filter(Boolean)
    .join('/')}`;

describe('before an API that takes many spellings for one path', () => {
  let api: Backend;
  let envoy: Envoy;
  beforeAll(async () => {
    api = await startBackend({ handler: (request, response) => response.end(read(request.url ?? '')) });
    envoy = await startEnvoy({
      upstream: api,
      basicAuth: { users: { anna: PASSWORD, bob: PASSWORD } },
      authorization: { allow: [{ users: ['anna', 'bob'], headers: { 'x-allowed': true } }] },
      public: ['/docs'],
      routes: [
        { path: { template: '/users/{id}' }, methods: ['DELETE'], ...refused },
        { path: { exact: '/' }, ...refused },
        { path: { exact: '/only' }, ...refused },
        { path: { regex: '/reports/[0-9]+' }, ...refused },
        { path: '/a/b/c', ...refused },
        { path: '/closed', hosts: ['api.example.com'], headers: { 'x-closed': '1' }, ...refused },
        { path: '/bob', basicAuth: { users: ['bob'] } },
        { path: '/admin', authorization: { allow: [{ users: ['bob'] }] } },
        { path: '/docs/private', timeouts: { request: '5s' } },
        { path: '/files:copy', ...refused },
        { path: '/open', basicAuth: false, authorization: false },
        { path: '/login', public: true, rateLimit: '3/hour' },
        { path: '/calc/sum', rewrite: '/add', rateLimit: '100/min' },
        { path: '/root', rewrite: '/', rateLimit: '100/min' },
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

  test.each(['/users/5', '/users/5;x'])('a refusal by a template holds for all spellings of %s', async (path) => {
    expect(await statuses(path, as('anna'), 'DELETE')).toEqual(all(path, 403));
    expect(await statuses(path, as('anna'))).toEqual(all(path, 200));
  });

  test.each(['/only', '/reports/7', '/a/b/c', '/a/b/c/d', '/files:copy', '/files%3Acopy'])(
    'a refusal holds for all spellings of %s',
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
  ])('%s is another path', async (path) => {
    expect(await status(path, as('anna'))).toBe(200);
  });

  test.each(['/', '//', '/;x', '/;x/', '/./', '/x/..', '///'])('a refusal of exact / holds for %s', async (path) => {
    expect(await status(path, as('anna'))).toBe(403);
  });

  test('hosts and headers of the route hold as they are written', async () => {
    const headers = { ...as('anna'), host: 'api.example.com', 'x-closed': '1' };
    expect(await statuses('/closed', headers)).toEqual(all('/closed', 403));
    expect(await status('/CLOSED', { ...headers, host: 'example.com' })).toBe(200);
    expect(await status('/CLOSED', { ...headers, 'x-closed': '2' })).toBe(200);
  });

  test('a credential of a route is needed for all spellings', async () => {
    expect(await statuses('/bob', as('anna'))).toEqual(all('/bob', 401));
    expect(await statuses('/bob', as('bob'))).toEqual(all('/bob', 200));
  });

  test('an authorization of a route holds for all spellings, together with that of all others', async () => {
    expect(await statuses('/admin', as('anna'))).toEqual(all('/admin', 403));
    expect(await statuses('/admin', as('bob'))).toEqual(all('/admin', 200));
    const headers = as('bob');
    expect((await envoy.call({ path: '/admin', headers })).status).toBe(200);
    expect((await envoy.call({ path: '/ADMIN', headers })).status).toBe(403);
  });

  test('what is public is so in one spelling', async () => {
    expect(await status('/open')).toBe(200);
    expect(await status('/OPEN')).toBe(401);
    expect(await status('/open;x')).toBe(401);
    expect(await status('/open/;x')).toBe(200);
  });

  test('a route within a public one needs credentials in all spellings', async () => {
    expect(await status('/docs/index')).toBe(200);
    const { '//x/../docs/private': _, ...others } = await statuses('/docs/private', {});
    expect(Object.values(others)).toEqual(Array(spellingsOf('').length - 1).fill(401));
  });

  test('a rate counts all spellings of a public path in one bucket, and the others need credentials', async () => {
    expect(await status('/LOGIN')).toBe(401);
    expect(await status('/login')).toBe(200);
    expect(await status('/Login', as('anna'))).toBe(200);
    expect(await statuses('/login', as('anna'))).toEqual(all('/login', 429));
  });

  test('a path is put in the place of all its spellings', async () => {
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

test('a rate of a route holds for all spellings of its path, and one that is higher than elsewhere for the one alone', async () => {
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

test.each(['1.37', '1.39'])('Envoy %s takes the largest expressions', async (minor) => {
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
    { upstream: await startBackend(), routes: paths.map((path) => ({ path, ...refused })) },
    minor,
  );
  expect(envoy.isRunning()).toBe(true);
  expect((await envoy.call({ path: '/A'.repeat(11) })).status).toBe(403);
});

test('exact / is denied with //', async () => {
  const envoy = await startEnvoy({
    upstream: await startBackend(),
    authorization: { allow: 'all', deny: [{ paths: [{ exact: '/' }] }] },
  });
  expect((await envoy.call({ path: '//' })).status).toBe(403);
});
