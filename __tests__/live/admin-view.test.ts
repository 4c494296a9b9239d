import { ADMIN_PAGES, ADMIN_PORT } from '../../envoy/names';
import { type Backend, startBackend } from './backend';
import { until } from './cleanup';
import { type Envoy, startEnvoy } from './envoy';
import { call, connectRaw, rawCall } from './http';

let api: Backend;
let envoy: Envoy;

beforeAll(async () => {
  api = await startBackend();
  envoy = await startEnvoy({ upstream: api });
});

const view = (path: string, method = 'GET') => call({ port: envoy.adminViewPort, path, method });

/** That none of what a test tried had an effect. */
async function expectUnharmed(): Promise<void> {
  expect(envoy.isRunning()).toBe(true);
  expect(await envoy.call()).toMatchObject({ status: 200, headers: { server: 'envoy' } });
  expect(await envoy.stat('listener_manager.total_listeners_draining')).toBe(0);
  expect(await envoy.stat('server.live')).toBe(1);
}

describe('shows', () => {
  test.each(ADMIN_PAGES)('%s', async (page) => {
    const { status, body } = await view(page);
    expect(status).toBe(200);
    // Envoy without a certificate has an empty list of them.
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

describe('refuses', () => {
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

  test('a request line with a whole URL', async () => {
    const answer = await rawCall(
      envoy.adminViewPort,
      'POST http://127.0.0.1/quitquitquit HTTP/1.1',
      'Content-Length: 0',
    );
    expect(answer).toMatch(/^HTTP\/1.1 403 /);
  });

  afterAll(expectUnharmed);
});

describe('the admin interface itself', () => {
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
  ])('refuses %s %s', async (method, path) => {
    const { status } = await envoy.admin(path, method);
    expect(status).toBeGreaterThanOrEqual(400);
    await expectUnharmed();
  });

  test('listens on its own address alone', async () => {
    await expect(connectRaw(ADMIN_PORT, '127.0.0.1')).rejects.toThrow('ECONNREFUSED');
    (await connectRaw(ADMIN_PORT, envoy.adminAddress)).end();
  });
});

test('answers while clients are refused', async () => {
  const full = await startEnvoy({ upstream: api, limits: { connections: 1 } });
  const first = await connectRaw(full.port);
  await until(
    'the connection is counted',
    async () => (await full.stat('http.ingress_http.downstream_cx_active')) === 1,
  );
  await (await connectRaw(full.port)).closed;
  expect(first.isClosed()).toBe(false);
  expect(await call({ port: full.adminViewPort, path: '/ready' })).toMatchObject({ status: 200 });
});

test('off', async () => {
  const without = await startEnvoy({ upstream: api, adminView: false });
  expect(await without.call()).toMatchObject({ status: 200 });
  expect((await without.admin('/listeners')).body.trim()).toBe(`http::0.0.0.0:${without.port}`);
  expect((await envoy.admin('/listeners')).body).toContain(`admin_view::0.0.0.0:${envoy.adminViewPort}`);
});
