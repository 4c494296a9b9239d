import type http from 'node:http';
import type { RetryOptions } from '../../envoy';
import { type Backend, reset, startBackend } from './backend';
import { sleep, until } from './cleanup';
import { type Dns, startDns } from './dns';
import { type LiveOptions, startEnvoy } from './envoy';
import { statuses } from './http';
import { freePort } from './ports';
import { startReplicas } from './replicas';

// An API listens at the first address, and nothing at the second.
let api: Backend;
let dns: Dns;

beforeAll(async () => {
  api = await startBackend({
    host: '127.0.0.2',
    handler: (request, response) => {
      request.resume().on('end', () => response.end());
    },
  });
  dns = await startDns('127.0.0.2', '127.0.0.3');
});

const startWithDeadReplica = (retries?: RetryOptions | false) =>
  startEnvoy({
    upstream: { host: 'api.test', port: api.port },
    patch: dns.patch,
    ...(retries !== undefined && { retries }),
  });

describe('with a replica that refuses connections', () => {
  test.each(['GET', 'POST'])('every %s succeeds', async (method) => {
    const { port } = await startWithDeadReplica();
    expect(await statuses(60, { port, method, ...(method === 'POST' && { body: 'x' }) })).toEqual({ 200: 60 });
  });

  test('one retry is enough, since it uses another replica', async () => {
    const { port } = await startWithDeadReplica({ numRetries: 1 });
    expect(await statuses(60, { port })).toEqual({ 200: 60 });
  });

  test.each(['leastRequest', 'random'] as const)(
    'one retry is almost always enough with %s, which may choose the same replica again',
    async (policy) => {
      const { port } = await startEnvoy({
        upstream: { host: 'api.test', port: api.port },
        patch: dns.patch,
        retries: { numRetries: 1 },
        loadBalancing: { policy },
      });
      // Of the requests to the dead replica, (3/4)^21 fail, or one in 400.
      const { 503: failed = 0 } = await statuses(100, { port });
      expect(failed).toBeLessThan(4);
    },
  );

  // The body exceeds the connection buffer.
  test('uploads of 256 KiB succeed', async () => {
    const { port } = await startWithDeadReplica();
    expect(await statuses(20, { port, method: 'POST', body: Buffer.alloc(256 * 1_024) })).toEqual({ 200: 20 });
  });

  test.each([
    ['retries: false', false],
    ['no attempts', { numRetries: 0 }],
  ] as const)('some requests fail with %s', async (_, retries) => {
    const { port } = await startWithDeadReplica(retries);
    const counts = await statuses(40, { port });
    expect(counts).toEqual({ 200: expect.any(Number), 503: expect.any(Number) });
    expect(counts[503]).toBeGreaterThan(10);
  });

  test('requests above the limit of concurrent retries fail', async () => {
    const { port, stat } = await startWithDeadReplica({
      maxConcurrentRetries: 1,
      backOff: { baseInterval: '500ms', maxInterval: '500ms' },
    });
    const counts = await statuses(60, { port });
    expect(counts[503]).toBeGreaterThan(10);
    expect(await stat('cluster.api.upstream_rq_retry_overflow')).toBe(counts[503]);
  });
});

test("does not apply Envoy's limit of three concurrent retries", async () => {
  const port = await freePort();
  const envoy = await startEnvoy({
    upstream: { host: '127.0.0.1', port },
    retries: { numRetries: 100, backOff: { baseInterval: '100ms', maxInterval: '200ms' }, retryOnIdempotent: [] },
  });
  // Nothing listens yet, so that all requests wait for the API.
  const waiting = Promise.all([
    statuses(30, { port: envoy.port }),
    statuses(30, { port: envoy.port, method: 'POST', body: 'x' }),
  ]);
  await until('Envoy has retried all requests', async () => (await envoy.stat('cluster.api.upstream_rq_retry')) >= 60);
  const late = await startBackend({ port });
  expect(await waiting).toEqual([{ 200: 30 }, { 200: 30 }]);
  expect(late.seen).toHaveLength(60);
  expect(await envoy.stat('cluster.api.upstream_rq_retry_overflow')).toBe(0);
});

describe('with an API that resets connections', () => {
  let resetting: Backend;

  beforeAll(async () => {
    resetting = await startBackend({ handler: reset });
  });

  beforeEach(() => {
    resetting.seen.length = 0;
  });

  test.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])('%s is tried four times in total', async (method) => {
    const envoy = await startEnvoy({ upstream: resetting, retries: { backOff: { baseInterval: '1ms' } } });
    expect(await envoy.call({ method, path: '/x' })).toMatchObject({ status: 503 });
    expect(resetting.seen).toHaveLength(4);
    expect(await envoy.logged('/x')).toMatchObject({ upstream_attempts: 4, flags: expect.stringContaining('URX') });
  });

  test.each(['POST', 'PATCH'])('%s is not retried, since the API may have executed it', async (method) => {
    const envoy = await startEnvoy({ upstream: resetting, retries: { backOff: { baseInterval: '1ms' } } });
    expect(await envoy.call({ method, body: 'x' })).toMatchObject({ status: 503 });
    expect(resetting.seen).toHaveLength(1);
  });

  test('POST is retried if configured', async () => {
    const envoy = await startEnvoy({
      upstream: resetting,
      retries: { retryOn: ['reset'], numRetries: 1, backOff: { baseInterval: '1ms' } },
    });
    expect(await envoy.call({ method: 'POST', body: 'x' })).toMatchObject({ status: 503 });
    expect(resetting.seen).toHaveLength(2);
  });

  test.each([
    ['retries: false', false],
    ['no attempts', { numRetries: 0 }],
    ['no conditions', { retryOn: [], retryOnIdempotent: [] }],
  ] as const)('a GET is tried once with %s', async (_, retries) => {
    const envoy = await startEnvoy({ upstream: resetting, retries });
    expect(await envoy.call()).toMatchObject({ status: 503 });
    expect(resetting.seen).toHaveLength(1);
  });
});

describe('with a replica that hangs', () => {
  const start = async (options: Omit<LiveOptions, 'upstream'>) => {
    const replicas = await startReplicas(2, options);
    const [hanging, well] = replicas.apis as [Backend, Backend];
    hanging.handler = () => undefined;
    return { ...replicas, hanging, well };
  };

  test('every GET succeeds at the other replica after perTryTimeout', async () => {
    const { inTurn, shares } = await start({ retries: { perTryTimeout: '300ms' } });
    expect(await inTurn(6)).toEqual({ 200: 6 });
    const [hung, answered] = shares();
    expect(answered).toBe(6);
    expect(hung).toBeGreaterThan(0);
  });

  test.each<[string, string, RetryOptions]>([
    ['a GET by default', 'GET', {}],
    ['a POST with perTryTimeout', 'POST', { perTryTimeout: '100ms' }],
    ['a GET without conditions', 'GET', { perTryTimeout: '100ms', retryOnIdempotent: [] }],
  ])('%s is tried once, and waits for its replica', async (_, method, options) => {
    const { envoy, hanging, well } = await start({ timeouts: { request: '600ms' }, retries: options });
    const { 504: late = 0 } = await statuses(10, { port: envoy.port, method, ...(method === 'POST' && { body: 'x' }) });
    expect(late).toBeGreaterThan(0);
    expect(hanging.seen).toHaveLength(late);
    expect(well.seen).toHaveLength(10 - late);
    expect(await envoy.stat('cluster.api.upstream_rq_retry')).toBe(0);
  });
});

describe('with a slow API', () => {
  const start = async (options: Omit<LiveOptions, 'upstream'>) => {
    const slow = await startBackend({
      handler: (_, response) => {
        setTimeout(() => response.end('late'), 800);
      },
    });
    return { envoy: await startEnvoy({ upstream: slow, ...options }), slow };
  };

  test('a GET succeeds although it takes longer than perTryTimeout', async () => {
    const { envoy, slow } = await start({ timeouts: { request: '2s' }, retries: { perTryTimeout: '500ms' } });
    expect(await envoy.call()).toMatchObject({ status: 200, body: 'late' });
    // The first try, and the second one after half a second.
    expect(slow.seen).toHaveLength(2);
  });

  test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'POST'])('the API executes a %s once', async (method) => {
    const { envoy, slow } = await start({ timeouts: { request: '1s' } });
    expect(await envoy.call({ method })).toMatchObject({ status: 200 });
    expect(slow.seen).toHaveLength(1);
  });

  test('the API executes a GET that times out once with any number of attempts', async () => {
    const { envoy, slow } = await start({ timeouts: { request: '700ms' }, retries: { numRetries: 9 } });
    expect(await envoy.call()).toMatchObject({ status: 504 });
    expect(slow.seen).toHaveLength(1);
  });

  test('the API executes a streaming GET once', async () => {
    const { envoy, slow } = await start({ timeouts: { request: '0s' } });
    expect(await envoy.call()).toMatchObject({ status: 200, body: 'late' });
    expect(slow.seen).toHaveLength(1);
  });
});

test('fails requests whose retries exceed the budget', async () => {
  const { envoy, apis } = await startReplicas(2, {
    retries: {
      budget: { budgetPercent: 20, minRetryConcurrency: 2 },
      backOff: { baseInterval: '500ms', maxInterval: '500ms' },
    },
  });
  await apis[0]?.stop();
  const counts = await statuses(60, { port: envoy.port });
  expect(counts[503]).toBeGreaterThan(5);
  expect(await envoy.stat('cluster.api.upstream_rq_retry_overflow')).toBe(counts[503]);
  expect(await envoy.stat('cluster.api.upstream_rq_retry')).toBeGreaterThanOrEqual(2);
});

describe('with a response that Envoy cannot parse', () => {
  const lines =
    (...all: string[]): http.RequestListener =>
    (request) => {
      request.socket.end([...all, '', ''].join('\r\n'));
    };

  test.each([
    [
      '101 response headers',
      lines('HTTP/1.1 200 OK', 'content-length: 0', ...Array.from({ length: 100 }, (_, n) => `x-${n}: 1`)),
    ],
    [
      '140 KiB of response headers',
      lines(
        'HTTP/1.1 200 OK',
        'content-length: 0',
        ...'0123456789'.split('').map((n) => `x-${n}: ${'a'.repeat(14_000)}`),
      ),
    ],
    [
      'transfer-encoding twice',
      lines('HTTP/1.1 200 OK', 'transfer-encoding: chunked', 'transfer-encoding: chunked', '', '0'),
    ],
    [
      'content-length with transfer-encoding',
      lines('HTTP/1.1 200 OK', 'content-length: 5', 'transfer-encoding: chunked', '', '0'),
    ],
  ])('the API executes a GET twice with one retry: %s', async (_, handler) => {
    const api = await startBackend({ handler });
    const envoy = await startEnvoy({ upstream: api, retries: { numRetries: 1 } });
    expect(await envoy.call()).toMatchObject({ status: 502 });
    expect(api.seen).toHaveLength(2);
  });
});

test('does not retry a 503 response of the API', async () => {
  const failing = await startBackend({
    handler: (_, response) => {
      response.statusCode = 503;
      response.end('mine');
    },
  });
  const envoy = await startEnvoy({ upstream: failing });
  expect(await envoy.call()).toMatchObject({ status: 503, body: 'mine' });
  expect(failing.seen).toHaveLength(1);
});

test('ends all tries at the timeout of the request', async () => {
  const envoy = await startEnvoy({
    upstream: { host: '127.0.0.1', port: await freePort() },
    retries: { numRetries: 1_000, backOff: { baseInterval: '20ms', maxInterval: '20ms' } },
    timeouts: { request: '300ms' },
  });
  expect(await envoy.call()).toMatchObject({ status: 504 });
  const retried = await envoy.stat('cluster.api.upstream_rq_retry');
  expect(retried).toBeGreaterThan(1);
  await sleep(200);
  expect(await envoy.stat('cluster.api.upstream_rq_retry')).toBe(retried);
});
