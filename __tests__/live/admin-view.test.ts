import { ADMIN_PAGES, ADMIN_PORT } from '../../envoy/messages/resource-names';
import { type Backend, startBackend } from './backend';
import { until } from './cleanup';
import { type Envoy, startEnvoy } from './envoy';
import { call, connectRaw, rawCall } from './http';

let api: Backend;
let envoy: Envoy;

beforeAll(async () => {
  api = await startBackend();
  envoy = await startEnvoy({ upstream: api, adminView: { allowedHosts: ['envoy.internal'] } });
});

const view = (path: string, method = 'GET') => call({ port: envoy.adminViewPort, path, method });

/** Expects that no request of a test changed Envoy. */
async function expectUnharmed(): Promise<void> {
  expect(envoy.isRunning()).toBe(true);
  expect(await envoy.call()).toMatchObject({ status: 200, headers: { server: 'envoy' } });
  expect(await envoy.stat('listener_manager.total_listeners_draining')).toBe(0);
  expect(await envoy.stat('server.live')).toBe(1);
}

describe('the admin view serves', () => {
  test.each(ADMIN_PAGES)('%s', async (page) => {
    const { status, body } = await view(page);
    expect(status).toBe(200);
    // Without a certificate, Envoy's list of certificates is empty.
    expect(body.length).toBeGreaterThan(page === '/memory' ? 1 : 2);
  });

  test.each([
    ['/stats?filter=server.live', 'server.live: 1'],
    ['/stats/prometheus?usedonly', 'envoy_server_live'],
    ['/clusters?format=json', '"cluster_statuses"'],
    ['/listeners?format=json', '"listener_statuses"'],
  ])('%s', async (path, part) => {
    const { status, body } = await view(path);
    expect(body).toContain(part);
    expect(status).toBe(200);
  });
});

describe('the admin view rejects', () => {
  const pages = ADMIN_PAGES.flatMap((page) =>
    ['POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'].map((method) => [method, page]),
  );
  const others = [
    '/config_dump',
    '/drain_listeners',
    '/drain_listeners?graceful',
    '/logging?level=trace',
    '/quitquitquit',
    '/reset_counters',
    '/healthcheck/fail',
    '/runtime_modify?a=b',
    '/stats/recentlookups',
    '//quitquitquit',
    '/stats/../quitquitquit',
    '/stats/%2e%2e/quitquitquit',
    '/stats%2f..%2fquitquitquit',
    '/%71uitquitquit',
    '/quitquitquit/',
    '/QuitQuitQuit',
    '/ready;/quitquitquit',
    '/stats/prometheus/../../quitquitquit',
  ].flatMap((path) => ['GET', 'POST'].map((method) => [method, path]));

  test.each([...pages, ...others])('%s %s', async (method = '', path = '') => {
    expect(await view(path, method)).toMatchObject({ status: 403 });
  });

  test('a request line with an absolute URL', async () => {
    const answer = await rawCall(
      envoy.adminViewPort,
      'POST http://127.0.0.1/quitquitquit HTTP/1.1',
      'Content-Length: 0',
    );
    expect(answer).toMatch(/^HTTP\/1.1 403 /);
  });

  afterAll(expectUnharmed);
});

describe('the admin interface', () => {
  test.each([
    ['POST', '/quitquitquit'],
    ['POST', '/logging?level=trace'],
    ['POST', '/reset_counters'],
    ['POST', '/healthcheck/fail'],
    ['POST', '/runtime_modify?a=b'],
    ['GET', '/config_dump'],
    ['POST', '/stats/../quitquitquit'],
    ['POST', '//quitquitquit'],
    ['POST', '/%71uitquitquit'],
    ['POST', '/stats/recentlookups/enable'],
  ])('rejects %s %s', async (method, path) => {
    const { status } = await envoy.admin(path, method);
    expect(status).toBeGreaterThanOrEqual(400);
    await expectUnharmed();
  });

  test('listens on one loopback address only', async () => {
    await expect(connectRaw(ADMIN_PORT, '127.0.0.1')).rejects.toThrow('ECONNREFUSED');
    (await connectRaw(ADMIN_PORT, envoy.adminAddress)).end();
  });
});

test('the admin view responds while Envoy rejects new connections of clients', async () => {
  const full = await startEnvoy({ upstream: api, limits: { maxConnections: 1 }, adminView: {} });
  const first = await connectRaw(full.port);
  await until(
    'the connection is counted',
    async () => (await full.stat('http.ingress_http.downstream_cx_active')) === 1,
  );
  await (await connectRaw(full.port)).closed;
  expect(first.isClosed()).toBe(false);
  expect(await call({ port: full.adminViewPort, path: '/ready' })).toMatchObject({ status: 200 });
});

describe('the host name of a request to the admin view', () => {
  const named = (host: string) => call({ port: envoy.adminViewPort, path: '/ready', headers: { host } });

  test.each(['localhost', 'LocalHost:8081', '127.0.0.1', '192.168.1.7:8081', '[::1]:8081', 'envoy.internal:8081'])(
    'may be %s',
    async (host) => {
      expect(await named(host)).toMatchObject({ status: 200, body: 'LIVE\n' });
    },
  );

  test.each([
    'evil.example',
    'evil.example:8081',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    'envoyxinternal',
    'envoy',
  ])('must not be %s, which a page could send by DNS rebinding', async (host) => {
    expect(await named(host)).toMatchObject({ status: 403 });
  });
});

describe('slow clients of the admin view', () => {
  test('keep at most 64 of 200 connections open, while the API is still served', async () => {
    const held = await startEnvoy({ upstream: api, adminView: {} });
    const connections = await Promise.all(Array.from({ length: 200 }, () => connectRaw(held.adminViewPort)));
    for (const { send } of connections) {
      send(`GET /ready HTTP/1.1\r\nx-long: ${'a'.repeat(40_000)}`);
    }
    const open = () => connections.filter((each) => !each.isClosed()).length;
    await until('64 connections are open', () => open() === 64);
    expect(await held.call()).toMatchObject({ status: 200 });
    // Envoy waits 10 s for the headers of each request.
    await until('no connection is open', () => open() === 0, 20);
    expect(await call({ port: held.adminViewPort, path: '/ready' })).toMatchObject({ status: 200 });
  });
});

test('the admin view is off by default', async () => {
  const without = await startEnvoy({ upstream: api });
  expect(await without.call()).toMatchObject({ status: 200 });
  expect((await without.admin('/listeners')).body.trim()).toBe(`http::0.0.0.0:${without.port}`);
  expect((await envoy.admin('/listeners')).body).toContain(`admin_view::0.0.0.0:${envoy.adminViewPort}`);
});
