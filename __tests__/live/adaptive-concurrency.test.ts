import type http from 'node:http';
import http2 from 'node:http2';
import type { AdaptiveConcurrencyOptions } from '../../envoy/features/adaptive-concurrency';
import { startBackend } from './backend';
import { atEnd, sleep, until } from './cleanup';
import { type Envoy, type LiveOptions, startEnvoy } from './envoy';
import { connectRaw, keepAlive } from './http';
import { problemOf } from './problem';

const stat = (envoy: Envoy, name: string) =>
  envoy.stat(`http.ingress_http.adaptive_concurrency.gradient_controller.${name}`);

/**
 * Starts an API that holds each response until the test releases it, except for the path `/quick`. Envoy has one thread,
 * so that limits are exact.
 */
async function startHoldingApi(options: Omit<LiveOptions, 'upstream'>) {
  const held: http.ServerResponse[] = [];
  const api = await startBackend({
    handler: (request, response) => {
      request.resume().on('end', () => (request.url === '/quick' ? response.end('quick') : held.push(response)));
    },
  });
  const envoy = await startEnvoy({ upstream: api, concurrency: 1, ...options });
  const release = () => {
    for (const response of held.splice(0)) {
      response.end();
    }
  };
  return { api, envoy, held, release };
}

/** Sends requests one after another and counts the responses of each status. */
async function countStatuses(envoy: Envoy, count: number, request: Parameters<Envoy['call']>[0] = {}) {
  const counts: Record<number, number> = {};
  for (let time = 0; time < count; time += 1) {
    const { status } = await envoy.call(request);
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

test('finds the concurrency of an API that slows down above five requests, and serves all 80 clients', async () => {
  let underWay = 0;
  let most = 0;
  const api = await startBackend({
    handler: (_, response) => {
      underWay += 1;
      most = Math.max(most, underWay);
      // Twice the requests take eight times as long.
      const time = Math.min(3_000, 100 * Math.max(1, underWay / 5) ** 3);
      setTimeout(() => {
        underWay -= 1;
        response.end('served');
      }, time);
    },
  });
  const envoy = await startEnvoy({ upstream: api, adaptiveConcurrency: { fixedMinRtt: '100ms', minConcurrency: 5 } });
  const agent = keepAlive(80);
  const statuses: Record<number, number> = {};
  const client = async () => {
    for (let status = 503; status !== 200; ) {
      ({ status } = await envoy.call({ agent }));
      statuses[status] = (statuses[status] ?? 0) + 1;
      await sleep(status === 200 ? 0 : 500);
    }
  };
  await Promise.all(Array.from({ length: 80 }, client));
  expect(statuses).toEqual({ 200: 80, 503: expect.any(Number) });
  expect(api.seen).toHaveLength(80);
  expect(most).toBeGreaterThanOrEqual(5);
  // A busy machine lowers the number.
  expect(most).toBeLessThan(50);
});

describe('the concurrency limit', () => {
  test('is minConcurrency during a measurement; further requests get 503 immediately and are not retried', async () => {
    const { api, envoy, release } = await startHoldingApi({ adaptiveConcurrency: {} });
    const answers: number[] = [];
    const sent = Array.from({ length: 30 }, async () => answers.push((await envoy.call()).status));
    await until('20 requests are rejected', () => answers.length === 20);
    expect(answers).toEqual(answers.map(() => 503));
    expect(api.seen).toHaveLength(10);
    expect(await stat(envoy, 'rq_blocked')).toBe(20);
    expect(await envoy.stat('cluster.api.upstream_rq_retry')).toBe(0);
    release();
    await Promise.all(sent);
    expect(answers.slice(20)).toEqual(Array(10).fill(200));
  });

  test('is calculated after 25 responses', async () => {
    const { envoy } = await startHoldingApi({ adaptiveConcurrency: {} });
    expect(await countStatuses(envoy, 24, { path: '/quick' })).toEqual({ 200: 24 });
    expect(await stat(envoy, 'min_rtt_calculation_active')).toBe(1);
    expect(await countStatuses(envoy, 1, { path: '/quick' })).toEqual({ 200: 1 });
    await until('the measurement has ended', async () => (await stat(envoy, 'min_rtt_calculation_active')) === 0);
  });

  test('is measured again after the API has become slower permanently', async () => {
    const { api, envoy } = await startHoldingApi({ adaptiveConcurrency: {} });
    await countStatuses(envoy, 25, { path: '/quick' });
    api.handler = (_, response) => setTimeout(() => response.end(), 100);
    await until('Envoy has measured the new latency', async () => {
      await Promise.all(Array.from({ length: 10 }, () => envoy.call()));
      return (await stat(envoy, 'min_rtt_msecs')) >= 90;
    });
  });

  test.each<[string, AdaptiveConcurrencyOptions]>([
    ['the measured latency', {}],
    ['fixedMinRtt', { fixedMinRtt: '200ms' }],
  ])('falls when the API becomes slower than %s, and rises again afterwards', async (_, options) => {
    const { api, envoy, held, release } = await startHoldingApi({
      adaptiveConcurrency: { minConcurrency: 3, ...options },
    });
    const hold = api.handler;
    const takes = (milliseconds: number) => {
      api.handler = (_, response) => setTimeout(() => response.end(), milliseconds);
    };
    const fast = async () => {
      takes(200);
      const enough = async () => {
        await Promise.all([envoy.call(), envoy.call()]);
        return (await stat(envoy, 'concurrency_limit')) >= 60;
      };
      await until('the limit is 60', enough, 40);
    };
    /** Sends 60 requests at once and counts those served and those rejected. */
    const countServedAndRejected = async () => {
      api.handler = hold;
      const answers: number[] = [];
      const sent = Array.from({ length: 60 }, async () => answers.push((await envoy.call()).status));
      await until('each request is held or rejected', () => held.length + answers.length === 60);
      release();
      await Promise.all(sent);
      return [200, 503].map((status) => answers.filter((answer) => answer === status).length);
    };
    await fast();
    expect(await countServedAndRejected()).toEqual([60, 0]);

    takes(2_000);
    const slow: Promise<unknown>[] = [];
    await until('the limit is 3', async () => {
      slow.push(envoy.call());
      return (await stat(envoy, 'concurrency_limit')) === 3;
    });
    await Promise.all(slow);
    expect(await countServedAndRejected()).toEqual([3, 57]);

    await fast();
    expect(await countServedAndRejected()).toEqual([60, 0]);
  });

  test('is never measured with fixedMinRtt', async () => {
    const { envoy } = await startHoldingApi({ adaptiveConcurrency: { fixedMinRtt: '1s' } });
    expect(await stat(envoy, 'min_rtt_calculation_active')).toBe(0);
  });

  test('does not exist with adaptiveConcurrency: false', async () => {
    const { envoy, held, release } = await startHoldingApi({ adaptiveConcurrency: false });
    const sent = Array.from({ length: 60 }, () => envoy.call());
    await until('the API holds all requests', () => held.length === 60);
    release();
    expect((await Promise.all(sent)).map(({ status }) => status)).toEqual(Array(60).fill(200));
  });

  test('is shared by all threads, which may exceed it briefly', async () => {
    const { envoy, held } = await startHoldingApi({ adaptiveConcurrency: {}, concurrency: 2 });
    let refused = 0;
    Array.from({ length: 80 }, () =>
      envoy.call().then(
        ({ status }) => {
          refused += status === 503 ? 1 : 0;
        },
        () => {},
      ),
    );
    await until('all other requests are rejected', () => refused + held.length === 80);
    expect(held.length).toBeGreaterThanOrEqual(10);
    expect(held.length).toBeLessThanOrEqual(12);
  });
});

describe('a request above the limit', () => {
  const ONE = { minConcurrency: 1 } as const;
  async function startFullApi(options: Omit<LiveOptions, 'upstream'> = {}) {
    const all = await startHoldingApi({ adaptiveConcurrency: ONE, ...options });
    all.envoy.call({ path: '/held' }).catch(() => {});
    await until('the API holds one request', () => all.held.length === 1);
    return all;
  }

  test('gets a problem document, and the access log names the limit', async () => {
    const { envoy } = await startFullApi();
    const answer = await envoy.call({ path: '/quick' });
    expect(answer.status).toBe(503);
    expect(problemOf(answer).problem).toEqual({ status: 503, title: 'Service Unavailable' });
    expect(await envoy.logged('/quick')).toMatchObject({ details: 'reached_concurrency_limit', upstream: null });
  });

  test('gets status 429 if configured', async () => {
    const { envoy } = await startFullApi({ adaptiveConcurrency: { ...ONE, rejectionStatus: 429 } });
    const answer = await envoy.call();
    expect(answer.status).toBe(429);
    expect(problemOf(answer).problem).toEqual({ status: 429, title: 'Too Many Requests' });
  });

  test('gets a gRPC status if it is a gRPC request', async () => {
    const { envoy } = await startFullApi();
    const session = http2.connect(`http://127.0.0.1:${envoy.port}`);
    atEnd(() => session.destroy());
    const stream = session.request({
      ':path': '/a.B/C',
      ':method': 'POST',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const headers = await new Promise<http2.IncomingHttpHeaders>((done, failed) => {
      stream.on('response', done);
      stream.on('error', failed);
      stream.end();
    });
    expect(headers).toMatchObject({ ':status': 200, 'grpc-status': '14', 'grpc-message': 'Service Unavailable' });
  });

  test('gets CORS headers if its origin is allowed', async () => {
    const origin = 'https://app.example.com';
    const { envoy } = await startFullApi({ cors: { allowOrigins: [origin] } });
    expect(await envoy.call({ headers: { origin } })).toMatchObject({
      status: 503,
      headers: { 'access-control-allow-origin': origin },
    });
  });

  test.each([
    [503, 'rq_failure'],
    [429, 'rq_success'],
  ] as const)('with status %d counts as %s in admission control', async (rejectionStatus, counted) => {
    const { envoy } = await startFullApi({ adaptiveConcurrency: { ...ONE, rejectionStatus }, admissionControl: {} });
    expect(await countStatuses(envoy, 5)).toEqual({ [rejectionStatus]: 5 });
    expect(await envoy.stat(`http.ingress_http.admission_control.${counted}`)).toBe(5);
  });

  test('is served on a route with adaptiveConcurrency: false', async () => {
    const { envoy } = await startFullApi({ routes: [{ path: '/quick', adaptiveConcurrency: false }] });
    expect(await countStatuses(envoy, 5, { path: '/quick' })).toEqual({ 200: 5 });
    expect(await countStatuses(envoy, 1)).toEqual({ 503: 1 });
  });
});

describe('the count of concurrent requests', () => {
  const ONE = { minConcurrency: 1 } as const;

  test('excludes requests on a route with adaptiveConcurrency: false', async () => {
    const { envoy, held } = await startHoldingApi({
      adaptiveConcurrency: ONE,
      routes: [{ path: '/poll', adaptiveConcurrency: false }],
    });
    Array.from({ length: 3 }, () => envoy.call({ path: '/poll' }).catch(() => {}));
    await until('the API holds three requests', () => held.length === 3);
    expect(await countStatuses(envoy, 5, { path: '/quick' })).toEqual({ 200: 5 });
  });

  test('excludes a request whose client has disconnected', async () => {
    const { envoy, held } = await startHoldingApi({ adaptiveConcurrency: ONE });
    const connection = await connectRaw(envoy.port);
    connection.send('GET /gone HTTP/1.1\r\nHost: api\r\n\r\n');
    await until('the API holds the request', () => held.length === 1);
    expect(await countStatuses(envoy, 1, { path: '/quick' })).toEqual({ 503: 1 });
    connection.end();
    await until('the next request is served', async () => (await envoy.call({ path: '/quick' })).status === 200);
  });

  test.each([
    ['excludes a slow request body with requestBuffering, the default', {}, 200],
    ['excludes a slow request body with bodyLimit', { requestBuffering: false, bodyLimit: '1MiB' }, 200],
    ['includes a slow request body without request buffering and bodyLimit', { requestBuffering: false }, 503],
  ] as const)('%s', async (_, more, status) => {
    const { envoy } = await startHoldingApi({ adaptiveConcurrency: ONE, ...more });
    const slow = await connectRaw(envoy.port);
    slow.send('POST /quick HTTP/1.1\r\nHost: api\r\nContent-Length: 10\r\n\r\nabc');
    await until(
      'Envoy reads the request',
      async () => (await envoy.stat('http.ingress_http.downstream_rq_active')) === 1,
    );
    expect(await countStatuses(envoy, 1, { path: '/quick' })).toEqual({ [status]: 1 });
  });

  test.each<[string, Omit<LiveOptions, 'upstream'>, object, number]>([
    [
      'requests on a route with adaptiveConcurrency: false',
      { routes: [{ path: '/quick', adaptiveConcurrency: false }] },
      {},
      200,
    ],
    [
      'direct responses on a route with adaptiveConcurrency: false',
      { routes: [{ path: '/quick', directResponse: { status: 204 }, adaptiveConcurrency: false }] },
      {},
      204,
    ],
    [
      'requests rejected for a missing key',
      { apiKeys: { keys: { partner: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' } } },
      {},
      401,
    ],
    ['requests rejected for their size', { bodyLimit: '1KiB' }, { method: 'POST', body: 'a'.repeat(2_000) }, 413],
    [
      'CORS preflights',
      { cors: { allowOrigins: ['*'] } },
      { method: 'OPTIONS', headers: { origin: 'https://a.example.com', 'access-control-request-method': 'GET' } },
      200,
    ],
  ])('the latency measurement excludes %s', async (_, options, request, status) => {
    const { envoy } = await startHoldingApi({ adaptiveConcurrency: {}, ...options });
    expect(await countStatuses(envoy, 30, { path: '/quick', ...request })).toEqual({ [status]: 30 });
    expect(await stat(envoy, 'min_rtt_calculation_active')).toBe(1);
  });

  test('the latency measurement includes direct responses on other routes', async () => {
    const { envoy } = await startHoldingApi({
      adaptiveConcurrency: {},
      routes: [{ path: '/mine', directResponse: { status: 204 } }],
    });
    expect(await countStatuses(envoy, 25, { path: '/mine' })).toEqual({ 204: 25 });
    await until('the measurement has ended', async () => (await stat(envoy, 'min_rtt_calculation_active')) === 0);
  });
});
