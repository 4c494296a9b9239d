import http2 from 'node:http2';
import { reset, startBackend } from './backend';
import { type Envoy, startEnvoy } from './envoy';
import { connectRaw } from './http';

const respondWith = (body: string) => ({ directResponse: { status: 200, body } });

/** Starts an API that responds after half a second. */
async function startSlowApi() {
  return startBackend({ handler: (_, response) => setTimeout(() => response.end('late'), 500) });
}

test('applies the timeout of a route to its path, subpaths and queries, and to no similar path', async () => {
  const envoy = await startEnvoy({
    upstream: await startSlowApi(),
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

test('prefers the longest path in any order', async () => {
  const envoy = await startEnvoy({
    upstream: await startSlowApi(),
    routes: [
      { path: '/a', timeouts: { request: '100ms' } },
      { path: '/a/b', timeouts: { request: '5s' } },
    ],
  });
  expect((await envoy.call({ path: '/a/b/c' })).status).toBe(200);
  expect((await envoy.call({ path: '/a/c' })).status).toBe(504);
});

test('turns retries off or on for one route', async () => {
  const upstream = await startBackend({ handler: (request) => request.socket.destroy() });
  const triesOf = async (envoy: Awaited<ReturnType<typeof startEnvoy>>, path: string) => {
    upstream.seen.length = 0;
    await envoy.call({ path });
    return upstream.seen.length;
  };
  const on = await startEnvoy({
    upstream,
    retries: { backOff: { baseInterval: '1ms' } },
    routes: [
      { path: '/once', retries: false },
      { path: '/twice', retries: { numRetries: 1 } },
    ],
  });
  expect([await triesOf(on, '/'), await triesOf(on, '/once'), await triesOf(on, '/twice')]).toEqual([4, 1, 2]);
  const off = await startEnvoy({
    upstream,
    retries: false,
    routes: [{ path: '/twice', retries: { numRetries: 1, backOff: { baseInterval: '1ms' } } }],
  });
  expect([await triesOf(off, '/'), await triesOf(off, '/twice')]).toEqual([1, 2]);
});

test('matches the normalized path', async () => {
  const envoy = await startEnvoy({
    upstream: await startSlowApi(),
    routes: [{ path: '/quick', timeouts: { request: '100ms' } }],
  });
  for (const path of ['//quick', '/./quick', '/x/../quick', '/%71uick']) {
    expect({ path, status: (await envoy.call({ path })).status }).toEqual({ path, status: 504 });
  }
});

test('applies streamIdle of a route to its streams', async () => {
  const envoy = await startEnvoy({
    upstream: await startSlowApi(),
    timeouts: { request: '0s' },
    routes: [{ path: '/live', timeouts: { streamIdle: '100ms' } }],
  });
  expect((await envoy.call({ path: '/live' })).status).toBe(504);
  expect((await envoy.call({ path: '/' })).status).toBe(200);
});

describe('route matching', () => {
  let envoy: Envoy;
  beforeAll(async () => {
    envoy = await startEnvoy({
      upstream: { host: '127.0.0.1', port: 9 },
      routes: [
        { path: '/users', ...respondWith('below') },
        { path: { exact: '/users' }, ...respondWith('exact') },
        { path: { template: '/users/{id}/posts' }, ...respondWith('template') },
        { path: { regex: '/v[0-9]+' }, ...respondWith('regex') },
        { path: '/items', methods: ['POST', 'PUT'], ...respondWith('written') },
        { path: '/items', headers: { 'x-version': '2' }, ...respondWith('second') },
        { path: '/items', ...respondWith('read') },
        { path: '/', headers: { 'x-debug': true }, ...respondWith('debug') },
        { path: '/', methods: ['PATCH'], ...respondWith('patch') },
      ],
      retries: false,
    });
  });

  test.each<[string, string, object, string]>([
    ['prefers an exact path', '/users', {}, 'exact'],
    ['ignores the query', '/users?x=1', {}, 'exact'],
    ['matches a final slash by prefix', '/users/', {}, 'below'],
    ['matches a subpath by prefix', '/users/7', {}, 'below'],
    ['matches a template', '/users/7/posts', {}, 'template'],
    ['matches one segment per template variable', '/users/7/8/posts', {}, 'below'],
    ['matches a regular expression', '/v12', {}, 'regex'],
    ['matches a path without conditions', '/items', {}, 'read'],
    ['matches a method', '/items/1', { method: 'POST', body: 'x' }, 'written'],
    ['skips a route with other methods', '/items/1', { method: 'PATCH', body: 'x' }, 'read'],
    ['matches a header value', '/items', { headers: { 'x-version': '2' } }, 'second'],
    ['skips a route with another header value', '/items', { headers: { 'x-version': '20' } }, 'read'],
    ['matches a present header', '/none', { headers: { 'x-debug': '' } }, 'debug'],
  ])('%s', async (_, path, request, body) => {
    expect(await envoy.call({ path, ...request })).toMatchObject({ status: 200, body });
  });

  test.each(['/userss', '/v12/x', '/xv12', '/itemss'])('matches no route for %s', async (path) => {
    expect((await envoy.call({ path })).status).toBe(503);
  });
});

describe('host matching', () => {
  let envoy: Envoy;
  beforeAll(async () => {
    envoy = await startEnvoy({
      upstream: { host: '127.0.0.1', port: 9 },
      routes: [
        { path: { exact: '/health' }, ...respondWith('health of all') },
        { path: '/', hosts: ['*.example.com', 'example.com'], ...respondWith('below') },
        { path: '/', hosts: ['*.eu.example.com'], ...respondWith('below eu') },
        { path: '/', hosts: ['api.example.com', 'my_api', '127.0.0.1'], ...respondWith('api') },
        { path: '/v2', hosts: ['api.example.com'], ...respondWith('api v2') },
      ],
      retries: false,
    });
  });

  const other = 'none';
  test.each<[string, string]>([
    ['api.example.com', 'api'],
    ['api.example.com:8800', 'api'],
    ['API.Example.COM', 'api'],
    ['API.example.com.:80', 'api'],
    ['api.example.com.', 'api'],
    ['my_api', 'api'],
    ['127.0.0.1:8800', 'api'],
    ['example.com', 'below'],
    ['www.example.com', 'below'],
    ['a.b.WWW.example.com:1', 'below'],
    ['eu.example.com', 'below'],
    ['a.eu.example.com', 'below eu'],
    ['example.org', other],
    ['xexample.com', other],
    ['apixexample.com', other],
    ['api.example.com.evil.example', other],
  ])('sends %s to the route: %s', async (host, body) => {
    const answer = await envoy.call({ headers: { host } });
    expect(answer.status === 200 ? answer.body : other).toBe(body);
    const path = '/health';
    expect((await envoy.call({ path, headers: { host } })).body).toBe(body === other ? 'health of all' : body);
  });

  test.each(['api.example.com:', 'api.example.com:x', 'api.example.com:80.evil.example', '.example.com'])(
    'rejects the malformed host %s',
    async (host) => {
      expect((await envoy.call({ headers: { host } })).status).toBe(400);
    },
  );

  test.each<[string, Record<string, string>, string]>([
    ['matches in any case and with a port', { ':authority': 'API.example.com:443' }, 'api'],
    ['matches host and path', { ':authority': 'api.example.com', ':path': '/v2/x' }, 'api v2'],
    ['matches a wildcard', { ':authority': 'www.example.com' }, 'below'],
    ['ignores the header host', { ':authority': 'api.example.com', host: 'www.example.com' }, 'api'],
  ])('%s over HTTP/2', async (_, headers, body) => {
    const session = http2.connect(`http://127.0.0.1:${envoy.port}`);
    const stream = session.request(headers).setEncoding('utf8');
    let received = '';
    for await (const part of stream) {
      received += part;
    }
    session.destroy();
    expect(received).toBe(body);
  });

  test('uses the host of an absolute URL in place of the header', async () => {
    const connection = await connectRaw(envoy.port);
    const lines = ['GET http://api.example.com/v2 HTTP/1.1', 'Host: www.example.com', 'Connection: close'];
    connection.send([...lines, '', ''].join('\r\n'));
    expect((await connection.closed).split('\r\n\r\n')[1]).toBe('api v2');
  });
});

test('passes the host to the API as the client sent it', async () => {
  const upstream = await startBackend();
  const envoy = await startEnvoy({ upstream, routes: [{ path: '/', hosts: ['api.example.com'], timeouts: false }] });
  await envoy.call({ headers: { host: 'API.example.com.:8800' } });
  expect(upstream.seen.map(({ headers }) => headers.host)).toEqual(['API.example.com.:8800']);
});

test("uses the first matching route with routeOrder: 'asWritten'", async () => {
  const envoy = await startEnvoy({
    upstream: { host: '127.0.0.1', port: 9 },
    routes: [
      { path: '/a', headers: { 'x-first': true }, ...respondWith('first') },
      { path: { regex: '/[a-z/]+' }, ...respondWith('expression') },
      { path: { exact: '/a/1' }, ...respondWith('exact') },
      { path: '/', hosts: ['api.example.com'], ...respondWith('host') },
    ],
    routeOrder: 'asWritten',
    retries: false,
  });
  const host = 'api.example.com';
  const bodyOf = async (path: string, headers = {}) => (await envoy.call({ path, headers: { host, ...headers } })).body;
  expect(await bodyOf('/a/1', { 'x-first': '' })).toBe('first');
  expect(await bodyOf('/a/b')).toBe('expression');
  expect(await bodyOf('/a/1')).toBe('exact');
  expect(await bodyOf('/a/2')).toBe('host');
});

describe('route actions', () => {
  test('redirects with the configured parts of the URL, and keeps the others', async () => {
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

  test('rewrites the path that the API receives', async () => {
    const upstream = await startBackend();
    const envoy = await startEnvoy({
      upstream,
      routes: [
        { path: '/api', pathRewrite: '/v1' },
        { path: '/root', pathRewrite: '/' },
        { path: { exact: '/one' }, pathRewrite: '/two' },
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

test('sends a route to another upstream with a rewritten path', async () => {
  const [upstream, other] = [await startBackend(), await startBackend()];
  const { host, port } = other;
  const envoy = await startEnvoy({
    upstream,
    upstreams: { other: { host, port, healthCheck: { path: '/health' } } },
    routes: [{ path: '/other', upstream: 'other', pathRewrite: '/' }],
  });
  await envoy.call({ path: '/other/x' });
  await envoy.call({ path: '/x' });
  expect([upstream.seen, other.seen].map((seen) => seen.map(({ url }) => url))).toEqual([['/x'], ['/x']]);
  other.handler = reset;
  expect(await envoy.call({ path: '/other', method: 'POST' })).toMatchObject({ status: 503 });
  expect(await envoy.call({ path: '/', method: 'POST' })).toMatchObject({ status: 200 });
});
