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
 * An API that answers once a request's body is there and, unless its path says that it is quick, it is let go. One thread, so
 * that bounds are exact.
 */
async function holding(options: Omit<LiveOptions, 'upstream'>) {
  const held: http.ServerResponse[] = [];
  const api = await startBackend({
    handler: (request, response) => {
      request.resume().on('end', () => (request.url === '/quick' ? response.end('quick') : held.push(response)));
    },
  });
  const envoy = await startEnvoy({ upstream: api, concurrency: 1, ...options });
  const letGo = () => {
    for (const response of held.splice(0)) {
      response.end();
    }
  };
  return { api, envoy, held, letGo };
}

/** Calls one after another; how many got which status. */
async function inTurn(envoy: Envoy, count: number, request: Parameters<Envoy['call']>[0] = {}) {
  const counts: Record<number, number> = {};
  for (let time = 0; time < count; time += 1) {
    const { status } = await envoy.call(request);
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

test('of an API that gets slow with more than five at once it finds out how many it bears: 80 clients are all served', async () => {
  let underWay = 0;
  let most = 0;
  const api = await startBackend({
    handler: (_, response) => {
      underWay += 1;
      most = Math.max(most, underWay);
      // Twice as many take eight times as long.
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
  // A machine that is busy with other things makes it fewer.
  expect(most).toBeLessThan(50);
});

describe('how many may be under way', () => {
  test('while it measures: minConcurrency; the others are refused at once, and nobody tries them again', async () => {
    const { api, envoy, letGo } = await holding({ adaptiveConcurrency: {} });
    const answers: number[] = [];
    const sent = Array.from({ length: 30 }, async () => answers.push((await envoy.call()).status));
    await until('20 are refused', () => answers.length === 20);
    expect(answers).toEqual(answers.map(() => 503));
    expect(api.seen).toHaveLength(10);
    expect(await stat(envoy, 'rq_blocked')).toBe(20);
    expect(await envoy.stat('cluster.api.upstream_rq_retry')).toBe(0);
    letGo();
    await Promise.all(sent);
    expect(answers.slice(20)).toEqual(Array(10).fill(200));
  });

  test('it has measured when 25 are answered', async () => {
    const { envoy } = await holding({ adaptiveConcurrency: {} });
    expect(await inTurn(envoy, 24, { path: '/quick' })).toEqual({ 200: 24 });
    expect(await stat(envoy, 'min_rtt_calculation_active')).toBe(1);
    expect(await inTurn(envoy, 1, { path: '/quick' })).toEqual({ 200: 1 });
    await until('it has measured', async () => (await stat(envoy, 'min_rtt_calculation_active')) === 0);
  });

  test('one that has become slower for good is measured again', async () => {
    const { api, envoy } = await holding({ adaptiveConcurrency: {} });
    await inTurn(envoy, 25, { path: '/quick' });
    api.handler = (_, response) => setTimeout(() => response.end(), 100);
    await until('it is known', async () => {
      await Promise.all(Array.from({ length: 10 }, () => envoy.call()));
      return (await stat(envoy, 'min_rtt_msecs')) >= 90;
    });
  });

  test.each<[string, AdaptiveConcurrencyOptions]>([
    ['as it measured', {}],
    ['as said', { fixedMinRtt: '200ms' }],
  ])('many while the API is as fast %s, few when it has become slow, and many again', async (_, options) => {
    const { api, envoy, held, letGo } = await holding({ adaptiveConcurrency: { minConcurrency: 3, ...options } });
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
      await until('60 may be', enough, 40);
    };
    /** Of 60 at once: how many get there, and are served, and how many are refused. */
    const shares = async () => {
      api.handler = hold;
      const answers: number[] = [];
      const sent = Array.from({ length: 60 }, async () => answers.push((await envoy.call()).status));
      await until('each is there or refused', () => held.length + answers.length === 60);
      letGo();
      await Promise.all(sent);
      return [200, 503].map((status) => answers.filter((answer) => answer === status).length);
    };
    await fast();
    expect(await shares()).toEqual([60, 0]);

    takes(2_000);
    const slow: Promise<unknown>[] = [];
    await until('3 may be', async () => {
      slow.push(envoy.call());
      return (await stat(envoy, 'concurrency_limit')) === 3;
    });
    await Promise.all(slow);
    expect(await shares()).toEqual([3, 57]);

    await fast();
    expect(await shares()).toEqual([60, 0]);
  });

  test('it never measures what is said', async () => {
    const { envoy } = await holding({ adaptiveConcurrency: { fixedMinRtt: '1s' } });
    expect(await stat(envoy, 'min_rtt_calculation_active')).toBe(0);
  });

  test('off: as many as come', async () => {
    const { envoy, held, letGo } = await holding({ adaptiveConcurrency: false });
    const sent = Array.from({ length: 60 }, () => envoy.call());
    await until('all are there', () => held.length === 60);
    letGo();
    expect((await Promise.all(sent)).map(({ status }) => status)).toEqual(Array(60).fill(200));
  });

  test('the threads count together, and may be above it for an instant', async () => {
    const { envoy, held } = await holding({ adaptiveConcurrency: {}, concurrency: 2 });
    let refused = 0;
    Array.from({ length: 80 }, () =>
      envoy.call().then(
        ({ status }) => {
          refused += status === 503 ? 1 : 0;
        },
        () => {},
      ),
    );
    await until('all others are refused', () => refused + held.length === 80);
    expect(held.length).toBeGreaterThanOrEqual(10);
    expect(held.length).toBeLessThanOrEqual(12);
  });
});

describe('with one under way, who comes then', () => {
  const ONE = { minConcurrency: 1 } as const;
  async function full(options: Omit<LiveOptions, 'upstream'> = {}) {
    const all = await holding({ adaptiveConcurrency: ONE, ...options });
    all.envoy.call({ path: '/held' }).catch(() => {});
    await until('one is under way', () => all.held.length === 1);
    return all;
  }

  test('gets a problem, and the access log says why', async () => {
    const { envoy } = await full();
    const answer = await envoy.call({ path: '/quick' });
    expect(answer.status).toBe(503);
    expect(problemOf(answer).problem).toEqual({ status: 503, title: 'Service Unavailable' });
    expect(await envoy.logged('/quick')).toMatchObject({ details: 'reached_concurrency_limit', upstream: null });
  });

  test('status: 429: gets that', async () => {
    const { envoy } = await full({ adaptiveConcurrency: { ...ONE, status: 429 } });
    const answer = await envoy.call();
    expect(answer.status).toBe(429);
    expect(problemOf(answer).problem).toEqual({ status: 429, title: 'Too Many Requests' });
  });

  test('with gRPC, gets a status of gRPC', async () => {
    const { envoy } = await full();
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

  test('from a page of an allowed site, can read that', async () => {
    const origin = 'https://app.example.com';
    const { envoy } = await full({ cors: { origins: [origin] } });
    expect(await envoy.call({ headers: { origin } })).toMatchObject({
      status: 503,
      headers: { 'access-control-allow-origin': origin },
    });
  });

  test.each([
    [503, 'rq_failure'],
    [429, 'rq_success'],
  ] as const)('to errorBreaker %d is %s', async (status, counted) => {
    const { envoy } = await full({ adaptiveConcurrency: { ...ONE, status }, errorBreaker: {} });
    expect(await inTurn(envoy, 5)).toEqual({ [status]: 5 });
    expect(await envoy.stat(`http.ingress_http.admission_control.${counted}`)).toBe(5);
  });

  test('is served where it is off', async () => {
    const { envoy } = await full({ routes: [{ path: '/quick', adaptiveConcurrency: false }] });
    expect(await inTurn(envoy, 5, { path: '/quick' })).toEqual({ 200: 5 });
    expect(await inTurn(envoy, 1)).toEqual({ 503: 1 });
  });
});

describe('what does not count', () => {
  const ONE = { minConcurrency: 1 } as const;

  test('a request that waits where it is off', async () => {
    const { envoy, held } = await holding({
      adaptiveConcurrency: ONE,
      routes: [{ path: '/poll', adaptiveConcurrency: false }],
    });
    Array.from({ length: 3 }, () => envoy.call({ path: '/poll' }).catch(() => {}));
    await until('three wait', () => held.length === 3);
    expect(await inTurn(envoy, 5, { path: '/quick' })).toEqual({ 200: 5 });
  });

  test('one whose client is gone', async () => {
    const { envoy, held } = await holding({ adaptiveConcurrency: ONE });
    const connection = await connectRaw(envoy.port);
    connection.send('GET /gone HTTP/1.1\r\nHost: api\r\n\r\n');
    await until('it is there', () => held.length === 1);
    expect(await inTurn(envoy, 1, { path: '/quick' })).toEqual({ 503: 1 });
    connection.end();
    await until('its place is free', async () => (await envoy.call({ path: '/quick' })).status === 200);
  });

  test.each([
    ['with requestBuffering, the default', {}, 200],
    ['with bodyLimit', { requestBuffering: false, bodyLimit: '1MiB' }, 200],
    ['and without both, it does', { requestBuffering: false }, 503],
  ] as const)('a body that comes slowly: %s', async (_, more, status) => {
    const { envoy } = await holding({ adaptiveConcurrency: ONE, ...more });
    const slow = await connectRaw(envoy.port);
    slow.send('POST /quick HTTP/1.1\r\nHost: api\r\nContent-Length: 10\r\n\r\nabc');
    await until('it is there', async () => (await envoy.stat('http.ingress_http.downstream_rq_active')) === 1);
    expect(await inTurn(envoy, 1, { path: '/quick' })).toEqual({ [status]: 1 });
  });

  test.each<[string, Omit<LiveOptions, 'upstream'>, object, number]>([
    ['where it is off', { routes: [{ path: '/quick', adaptiveConcurrency: false }] }, {}, 200],
    [
      'what Envoy answers where it is off',
      { routes: [{ path: '/quick', respond: { status: 204 }, adaptiveConcurrency: false }] },
      {},
      204,
    ],
    ['what has no key', { apiKeys: { keys: { partner: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' } } }, {}, 401],
    ['what is too large', { bodyLimit: '1KiB' }, { method: 'POST', body: 'a'.repeat(2_000) }, 413],
    [
      'a preflight',
      { cors: { origins: ['*'] } },
      { method: 'OPTIONS', headers: { origin: 'https://a.example.com', 'access-control-request-method': 'GET' } },
      200,
    ],
  ])('%s, to what it measures', async (_, options, request, status) => {
    const { envoy } = await holding({ adaptiveConcurrency: {}, ...options });
    expect(await inTurn(envoy, 30, { path: '/quick', ...request })).toEqual({ [status]: 30 });
    expect(await stat(envoy, 'min_rtt_calculation_active')).toBe(1);
  });

  test('but what Envoy answers elsewhere does', async () => {
    const { envoy } = await holding({ adaptiveConcurrency: {}, routes: [{ path: '/mine', respond: { status: 204 } }] });
    expect(await inTurn(envoy, 25, { path: '/mine' })).toEqual({ 204: 25 });
    await until('it has measured', async () => (await stat(envoy, 'min_rtt_calculation_active')) === 0);
  });
});
