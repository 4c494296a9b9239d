import { type Backend, startBackend } from './backend';
import { until } from './cleanup';
import { type Envoy, type LiveOptions, startEnvoy } from './envoy';
import { problemOf } from './problem';
import { answering, startReplicas } from './replicas';

const WELL = answering(200);
const SHORT = { window: '1s', minRate: 5 } as const;

// One thread, so that all requests are judged together.
async function started(api: Backend, options: Omit<LiveOptions, 'upstream'>) {
  return startEnvoy({ upstream: api, concurrency: 1, retries: false, ...options });
}

/** How many of so many requests, one after another, got which status. */
async function inTurn(envoy: Envoy, count: number, path = '/') {
  const counts: Record<number, number> = {};
  for (let time = 0; time < count; time += 1) {
    const { status } = await envoy.call({ path });
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

const stat = (envoy: Envoy, name: string) => envoy.stat(`http.ingress_http.admission_control.${name}`);

test.concurrent('opens while the API fails, and closes when it is well: what each of the clients saw', async () => {
  const api = await startBackend({ handler: WELL });
  const envoy = await started(api, { errorBreaker: SHORT });
  expect(await inTurn(envoy, 50)).toEqual({ 200: 50 });

  api.handler = answering(500);
  api.seen.length = 0;
  await until('it is open', async () => (await envoy.call()).status === 503);
  const before = api.seen.length;
  const { 500: failed = 0, 503: refused = 0 } = await inTurn(envoy, 200);
  expect(failed + refused).toBe(200);
  // The API is asked by those that got its 500 alone, at 80 % at the most refused: it finds out when the API is well.
  expect(api.seen.length - before).toBe(failed);
  expect(failed).toBeGreaterThan(10);
  expect(refused).toBeGreaterThan(60);

  api.handler = WELL;
  let refusedStill = 0;
  await until('it is closed', async () => {
    const { 503: more = 0, ...others } = await inTurn(envoy, 20);
    expect(Object.keys(others)).toEqual(['200']);
    refusedStill += more;
    return more === 0;
  });
  expect(await inTurn(envoy, 100)).toEqual({ 200: 100 });
  expect(await stat(envoy, 'rq_rejected')).toBe(1 + refused + refusedStill);
});

test.concurrent('who is refused gets a problem, and the access log says why', async () => {
  const api = await startBackend({ handler: answering(500) });
  const envoy = await started(api, { errorBreaker: SHORT });
  const answer = await until('it is open', async () => {
    const one = await envoy.call({ path: '/one' });
    return one.status === 503 ? one : undefined;
  });
  const { id, problem } = problemOf(answer);
  expect(problem).toEqual({ status: 503, title: 'Service Unavailable' });
  const line = await until('it is logged', () => envoy.accessLog().find(({ request_id }) => request_id === id));
  expect(line).toMatchObject({ details: 'denied_by_admission_control', upstream: null });
});

describe('a client that provokes 500s', () => {
  const QUICK = { window: '30s', minRate: 0 } as const;
  const provoked = answering(500);
  const failing = async (options: Omit<LiveOptions, 'upstream'>) => {
    const handler: Backend['handler'] = (request, response) =>
      request.url === '/bug' ? provoked(request, response) : WELL(request, response);
    const envoy = await started(await startBackend({ handler }), options);
    for (let time = 0; time < 40; time += 1) {
      await envoy.call({ path: '/bug', localAddress: '127.0.0.2' });
      await envoy.call({ path: '/bug', localAddress: '127.0.0.2' });
      await envoy.call();
    }
    return inTurn(envoy, 40);
  };

  test.concurrent('takes no more from others than maxRefused', async () => {
    const { 200: served = 0, 503: refused = 0 } = await failing({ errorBreaker: { ...QUICK, maxRefused: 20 } });
    expect(served).toBeGreaterThan(refused);
    expect(refused).toBeGreaterThan(0);
  });

  test.concurrent('takes nothing from others where 500 does not count', async () => {
    expect(await failing({ errorBreaker: { ...QUICK, countInternalErrors: false } })).toEqual({ 200: 40 });
  });

  test.concurrent('takes nothing from others where a rate limit keeps its share small', async () => {
    const limited = {
      rateLimit: { perClient: '1/min' },
      routes: [{ path: { exact: '/' }, rateLimit: false }],
    } as const;
    expect(await failing({ errorBreaker: QUICK, ...limited })).toEqual({ 200: 40 });
  });
});

describe('what opens it', () => {
  test.concurrent('an API that does not answer', async () => {
    const api = await startBackend({ handler: () => {} });
    const envoy = await started(api, { errorBreaker: { ...SHORT, window: '10s' }, timeouts: { request: '20ms' } });
    await until('it is open', async () => (await envoy.call()).status === 503);
    expect(await stat(envoy, 'rq_failure')).toBe(api.seen.length);
  });

  test.concurrent('an API that is not there', async () => {
    const api = await startBackend();
    await api.stop();
    const envoy = await started(api, { errorBreaker: SHORT });
    await until('it is open', async () => {
      await envoy.call();
      return (await stat(envoy, 'rq_rejected')) > 0;
    });
  });

  test.concurrent.each([
    [14, 'rq_failure'], // unavailable
    [5, 'rq_success'], // not found
  ])('with gRPC, the code: %d is %s', async (code, expected) => {
    const grpc = { 'content-type': 'application/grpc', 'grpc-status': String(code), 'content-length': '0' };
    const api = await startBackend({ handler: (_, response) => response.writeHead(200, grpc).end() });
    const envoy = await started(api, { errorBreaker: SHORT });
    await envoy.call({ method: 'POST', headers: { 'content-type': 'application/grpc', te: 'trailers' } });
    expect(await stat(envoy, expected)).toBe(1);
    expect((await stat(envoy, 'rq_failure')) + (await stat(envoy, 'rq_success'))).toBe(1);
  });
});

describe('what does not open it', () => {
  test.concurrent('few requests', async () => {
    const api = await startBackend({ handler: answering(500) });
    const envoy = await started(api, { errorBreaker: { window: '1s', minRate: 1_000_000 } });
    expect(await inTurn(envoy, 100)).toEqual({ 500: 100 });
  });

  test.concurrent('answers that tell of the client', async () => {
    const api = await startBackend({ handler: answering(404) });
    const envoy = await started(api, { errorBreaker: SHORT });
    expect(await inTurn(envoy, 100)).toEqual({ 404: 100 });
  });

  test.concurrent('what other features refuse, which Envoy takes for good answers', async () => {
    const api = await startBackend({ handler: WELL });
    const envoy = await started(api, { errorBreaker: SHORT, rateLimit: '1/day' });
    expect(await inTurn(envoy, 50)).toEqual({ 200: 1, 429: 49 });
    expect(await stat(envoy, 'rq_success')).toBe(50);
  });

  test.concurrent('the requests of a route without it, which are not refused either', async () => {
    const api = await startBackend({ handler: answering(500) });
    const envoy = await started(api, {
      errorBreaker: { ...SHORT, window: '30s' },
      routes: [{ path: '/always', errorBreaker: false }],
    });
    expect(await inTurn(envoy, 50, '/always')).toEqual({ 500: 50 });
    await until('it is open', async () => (await envoy.call()).status === 503);
    expect(await stat(envoy, 'rq_failure')).toBe(api.seen.filter(({ url }) => url === '/').length);
    expect(await inTurn(envoy, 50, '/always')).toEqual({ 500: 50 });
  });
});

test.concurrent.each([
  [true, 1],
  [false, 0],
])('ejectReplicas: %s: of two replicas, one that fails is out: %d', async (ejectReplicas, out) => {
  const { apis, envoy, inTurn } = await startReplicas(2, {
    errorBreaker: { ...SHORT, minRate: 1_000_000, ejectReplicas },
    retries: false,
  });
  const [bad, good] = apis as [Backend, Backend];
  bad.handler = answering(500);
  good.handler = WELL;
  await inTurn(40);
  expect(await envoy.stat('cluster.api.outlier_detection.ejections_active')).toBe(out || Number.NaN);
});
