import { type Backend, startBackend } from './backend';
import { binaries } from './binaries';
import { startEnvoy } from './envoy';
import { rawCall } from './http';
import { freePort } from './ports';

let api: Backend;

beforeAll(async () => {
  api = await startBackend();
});

test('writes one line of JSON per request, without the query', async () => {
  const envoy = await startEnvoy({ upstream: api });
  await envoy.call({
    path: '/calculate?token=secret',
    method: 'POST',
    body: 'four',
    headers: { 'User-Agent': 'test' },
  });
  await envoy.call({ path: '/x/../a%2Fb' });
  await envoy.call({ path: '/last' });
  await envoy.logged('/last');

  const lines = envoy.accessLog();
  expect(lines).toHaveLength(3);
  expect(lines[0]).toEqual({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    request_id: api.seen[0]?.headers['x-request-id'],
    client: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    method: 'POST',
    host: `127.0.0.1:${envoy.port}`,
    path: '/calculate',
    protocol: 'HTTP/1.1',
    status: 200,
    flags: '-',
    details: 'via_upstream',
    duration_ms: expect.any(Number),
    upstream: `127.0.0.1:${api.port}`,
    upstream_attempts: 1,
    upstream_failure: null,
    bytes_received: 4,
    bytes_sent: 9,
    user_agent: 'test',
  });
  expect(lines[1]).toMatchObject({ status: 307, path: '/a/b', upstream: null });
  expect(envoy.stdout()).not.toContain('secret');
});

test.each([...binaries().keys()])('logs the host without user and password in Envoy %s', async (minor) => {
  const envoy = await startEnvoy({ upstream: api, requestHeaders: false }, minor);
  await envoy.call({ path: '/1', headers: { host: 'user:secret@api.example.com:80' } });
  await envoy.call({ path: 'http://user:secret@api.example.com/2' });
  await envoy.call({ path: '/3', headers: { host: 'api.example.com' } });
  await envoy.logged('/3');
  expect(envoy.accessLog().map(({ host, path }) => [host, path])).toEqual([
    ['api.example.com:80', '/1'],
    ['api.example.com', '/2'],
    ['api.example.com', '/3'],
  ]);
});

test('escapes client input, which can neither forge a field nor break a line', async () => {
  const envoy = await startEnvoy({ upstream: api });
  await rawCall(envoy.port, 'GET /real HTTP/1.1', 'X-Envoy-Original-Path: /forged', 'User-Agent: \xff\xfe"},\\{');
  expect(await envoy.logged('/real')).toMatchObject({ status: 200, user_agent: expect.stringContaining('"},\\{') });

  await rawCall(envoy.port, 'no request at all');
  await envoy.call({ path: '/last' });
  await envoy.logged('/last');
  expect(envoy.accessLog().map(({ path, status }) => [path, status])).toEqual([
    ['/real', 200],
    [null, 400],
    ['/last', 200],
  ]);
});

test('logs why the API did not respond', async () => {
  const envoy = await startEnvoy({
    upstream: { host: '127.0.0.1', port: await freePort() },
    retries: { numRetries: 2, backOff: { baseInterval: '1ms' } },
  });
  expect(await envoy.call({ path: '/gone' })).toMatchObject({ status: 503 });
  expect(await envoy.logged('/gone')).toMatchObject({
    status: 503,
    flags: expect.stringContaining('UF'),
    upstream_attempts: 3,
    upstream_failure: expect.stringContaining('Connection_refused'),
  });
});

test('logs the query if an option includes it', async () => {
  const envoy = await startEnvoy({ upstream: api, accessLog: { includeQuery: true } });
  await envoy.call({ path: '/calculate?x=1' });
  expect(await envoy.logged('/calculate?x=1')).toMatchObject({ status: 200 });
});

test('writes no access log with accessLog: false', async () => {
  const envoy = await startEnvoy({ upstream: api, accessLog: false });
  expect(await envoy.call()).toMatchObject({ status: 200 });
  await envoy.stop();
  expect(envoy.stdout()).toBe('');
});
