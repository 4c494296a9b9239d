import { reset, startBackend } from './backend';
import { type Envoy, startEnvoy } from './envoy';

/** An API that takes half a second. */
async function startSlow() {
  return startBackend({ handler: (_, response) => setTimeout(() => response.end('late'), 500) });
}

test('a route has a time-out of its own, also below its path and with a query, and its neighbours have not', async () => {
  const envoy = await startEnvoy({
    upstream: await startSlow(),
    routes: [{ path: '/quick', timeouts: { request: '100ms' } }],
  });
  const status = async (path: string, method = 'GET') => (await envoy.call({ path, method })).status;
  expect(await status('/quick')).toBe(504);
  expect(await status('/quick/and/deep')).toBe(504);
  expect(await status('/quick?x=1')).toBe(504);
  expect(await status('/quick', 'POST')).toBe(504);
  expect(await status('/quickly')).toBe(200);
  expect(await status('/')).toBe(200);
});

test('the longest path counts, whatever the order', async () => {
  const envoy = await startEnvoy({
    upstream: await startSlow(),
    routes: [
      { path: '/a', timeouts: { request: '100ms' } },
      { path: '/a/b', timeouts: { request: '5s' } },
    ],
  });
  expect((await envoy.call({ path: '/a/b/c' })).status).toBe(200);
  expect((await envoy.call({ path: '/a/c' })).status).toBe(504);
});

test('false turns retries off there, and options turn them on there', async () => {
  const upstream = await startBackend({ handler: (request) => request.socket.destroy() });
  const triesOf = async (envoy: Awaited<ReturnType<typeof startEnvoy>>, path: string) => {
    upstream.seen.length = 0;
    await envoy.call({ path });
    return upstream.seen.length;
  };
  const on = await startEnvoy({
    upstream,
    retries: { backOff: '1ms' },
    routes: [
      { path: '/once', retries: false },
      { path: '/twice', retries: { attempts: 1 } },
    ],
  });
  expect([await triesOf(on, '/'), await triesOf(on, '/once'), await triesOf(on, '/twice')]).toEqual([4, 1, 2]);
  const off = await startEnvoy({
    upstream,
    retries: false,
    routes: [{ path: '/twice', retries: { attempts: 1, backOff: '1ms' } }],
  });
  expect([await triesOf(off, '/'), await triesOf(off, '/twice')]).toEqual([1, 2]);
});

test('a path is compared after it was normalized', async () => {
  const envoy = await startEnvoy({
    upstream: await startSlow(),
    routes: [{ path: '/quick', timeouts: { request: '100ms' } }],
  });
  for (const path of ['//quick', '/./quick', '/x/../quick', '/%71uick']) {
    expect({ path, status: (await envoy.call({ path })).status }).toEqual({ path, status: 504 });
  }
});

test('a stream of a route may be silent for as long as the route says', async () => {
  const envoy = await startEnvoy({
    upstream: await startSlow(),
    timeouts: { request: '0s' },
    routes: [{ path: '/live', timeouts: { streamIdle: '100ms' } }],
  });
  expect((await envoy.call({ path: '/live' })).status).toBe(504);
  expect((await envoy.call({ path: '/' })).status).toBe(200);
});

describe('which requests it is for', () => {
  const said = (body: string) => ({ respond: { status: 200, body } });
  let envoy: Envoy;
  beforeAll(async () => {
    envoy = await startEnvoy({
      upstream: { host: '127.0.0.1', port: 9 },
      routes: [
        { path: '/users', ...said('below') },
        { path: { exact: '/users' }, ...said('exact') },
        { path: { template: '/users/{id}/posts' }, ...said('template') },
        { path: { regex: '/v[0-9]+' }, ...said('regex') },
        { path: '/items', methods: ['POST', 'PUT'], ...said('written') },
        { path: '/items', headers: { 'x-version': '2' }, ...said('second') },
        { path: '/items', ...said('read') },
        { path: '/', headers: { 'x-debug': true }, ...said('debug') },
        { path: '/', methods: ['TRACE'], ...said('trace') },
      ],
      retries: false,
    });
  });

  test.each<[string, object, string]>([
    ['/users', {}, 'exact'],
    ['/users?x=1', {}, 'exact'],
    ['/users/', {}, 'below'],
    ['/users/7', {}, 'below'],
    ['/users/7/posts', {}, 'template'],
    ['/users/7/8/posts', {}, 'below'],
    ['/v12', {}, 'regex'],
    ['/items', {}, 'read'],
    ['/items/1', { method: 'POST', body: 'x' }, 'written'],
    ['/items/1', { method: 'PATCH', body: 'x' }, 'read'],
    ['/items', { headers: { 'x-version': '2' } }, 'second'],
    ['/items', { headers: { 'x-version': '20' } }, 'read'],
    ['/none', { headers: { 'x-debug': '' } }, 'debug'],
  ])('%s %j', async (path, request, body) => {
    expect(await envoy.call({ path, ...request })).toMatchObject({ status: 200, body });
  });

  test.each(['/userss', '/v12/x', '/xv12', '/itemss'])('%s is for none of them', async (path) => {
    expect((await envoy.call({ path })).status).toBe(503);
  });
});

describe('what becomes of them', () => {
  test('a redirect changes what it says, and keeps the rest', async () => {
    const envoy = await startEnvoy({
      upstream: { host: '127.0.0.1', port: 9 },
      routes: [
        { path: '/old', redirect: { path: '/new' } },
        { path: '/away', redirect: { scheme: 'https', host: 'other.example', port: 8443, status: 302 } },
      ],
    });
    const headers = { host: 'here.example' };
    expect(await envoy.call({ path: '/old/x?y=1', headers })).toMatchObject({
      status: 308,
      headers: { location: 'http://here.example/new?y=1' },
    });
    expect(await envoy.call({ path: '/away/x?y=1', headers })).toMatchObject({
      status: 302,
      headers: { location: 'https://other.example:8443/away/x?y=1' },
    });
  });

  test('the API sees the path that it is rewritten to', async () => {
    const upstream = await startBackend();
    const envoy = await startEnvoy({
      upstream,
      routes: [
        { path: '/api', rewrite: '/v1' },
        { path: '/root', rewrite: '/' },
        { path: { exact: '/one' }, rewrite: '/two' },
      ],
    });
    for (const path of ['/api', '/api/', '/api/users?x=1', '/apix', '/root', '/root/', '/root/users?x=1', '/one?x=1']) {
      await envoy.call({ path });
    }
    expect(upstream.seen.map(({ url }) => url)).toEqual([
      '/v1',
      '/v1/',
      '/v1/users?x=1',
      '/apix',
      '/',
      '/',
      '/users?x=1',
      '/two?x=1',
    ]);
  });
});

test('a route leads to another upstream, with the path that it knows', async () => {
  const [upstream, other] = [await startBackend(), await startBackend()];
  const { host, port } = other;
  const envoy = await startEnvoy({
    upstream,
    upstreams: { other: { host, port, healthCheck: { path: '/health' } } },
    routes: [{ path: '/other', to: 'other', rewrite: '/' }],
  });
  await envoy.call({ path: '/other/x' });
  await envoy.call({ path: '/x' });
  expect([upstream.seen, other.seen].map((seen) => seen.map(({ url }) => url))).toEqual([['/x'], ['/x']]);
  other.handler = reset;
  expect(await envoy.call({ path: '/other', method: 'POST' })).toMatchObject({ status: 503 });
  expect(await envoy.call({ path: '/', method: 'POST' })).toMatchObject({ status: 200 });
});
