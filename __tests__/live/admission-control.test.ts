import { type Backend, startBackend } from './backend';
import { until } from './cleanup';
import { type Envoy, type LiveOptions, startEnvoy } from './envoy';
import { problemOf } from './problem';
import { answering, startReplicas } from './replicas';

const WELL = answering(200);
const SHORT = { samplingWindow: '1s', rpsThreshold: 5 } as const;

// Envoy has one thread, so that it counts all requests together.
async function started(api: Backend, options: Omit<LiveOptions, 'upstream'>) {
  return startEnvoy({ upstream: api, concurrency: 1, retries: false, ...options });
}

/** Sends requests one after another and counts the responses of each status. */
async function countStatuses(envoy: Envoy, count: number, path = '/') {
  const counts: Record<number, number> = {};
  for (let time = 0; time < count; time += 1) {
    const { status } = await envoy.call({ path });
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

const stat = (envoy: Envoy, name: string) => envoy.stat(`http.ingress_http.admission_control.${name}`);

test.concurrent('opens while the API fails, and closes when the API has recovered', async () => {
  const api = await startBackend({ handler: WELL });
  const envoy = await started(api, { admissionControl: SHORT });
  expect(await countStatuses(envoy, 50)).toEqual({ 200: 50 });

  api.handler = answering(500);
  api.seen.length = 0;
  await until('Envoy rejects requests', async () => (await envoy.call()).status === 503);
  const before = api.seen.length;
  const { 500: failed = 0, 503: refused = 0 } = await countStatuses(envoy, 200);
  expect(failed + refused).toBe(200);
  // Envoy rejects at most 80 % of the requests. The others show it when the API has recovered.
  expect(api.seen.length - before).toBe(failed);
  expect(failed).toBeGreaterThan(10);
  expect(refused).toBeGreaterThan(60);

  api.handler = WELL;
  let refusedStill = 0;
  await until('Envoy rejects no request', async () => {
    const { 503: more = 0, ...others } = await countStatuses(envoy, 20);
    expect(Object.keys(others)).toEqual(['200']);
    refusedStill += more;
    return more === 0;
  });
  expect(await countStatuses(envoy, 100)).toEqual({ 200: 100 });
  expect(await stat(envoy, 'rq_rejected')).toBe(1 + refused + refusedStill);
});

test.concurrent('answers a rejected request with a problem document, and logs the reason', async () => {
  const api = await startBackend({ handler: answering(500) });
  const envoy = await started(api, { admissionControl: SHORT });
  const answer = await until('Envoy rejects requests', async () => {
    const one = await envoy.call({ path: '/one' });
    return one.status === 503 ? one : undefined;
  });
  const { id, problem } = problemOf(answer);
  expect(problem).toEqual({ status: 503, title: 'Service Unavailable' });
  const line = await until('the access log has the request', () =>
    envoy.accessLog().find(({ request_id }) => request_id === id),
  );
  expect(line).toMatchObject({ details: 'denied_by_admission_control', upstream: null });
});

describe('a client that provokes errors', () => {
  const QUICK = { samplingWindow: '30s', rpsThreshold: 0 } as const;
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
    return countStatuses(envoy, 40);
  };

  test.concurrent('causes no more rejections of others than the maximal probability', async () => {
    const { 200: served = 0, 503: refused = 0 } = await failing({
      admissionControl: { ...QUICK, maxRejectionProbability: 20 },
    });
    expect(served).toBeGreaterThan(refused);
    expect(refused).toBeGreaterThan(0);
  });

  test.concurrent('causes no rejections of others if 500 does not count', async () => {
    expect(await failing({ admissionControl: { ...QUICK, includeInternalErrors: false } })).toEqual({ 200: 40 });
  });

  test.concurrent('causes no rejections of others if a rate limit bounds its requests', async () => {
    const limited = {
      rateLimit: { perClient: '1/min' },
      routes: [{ path: { exact: '/' }, rateLimit: false }],
    } as const;
    expect(await failing({ admissionControl: QUICK, ...limited })).toEqual({ 200: 40 });
  });
});

describe('opens', () => {
  test.concurrent('if the API does not respond', async () => {
    const api = await startBackend({ handler: () => {} });
    const envoy = await started(api, {
      admissionControl: { ...SHORT, samplingWindow: '10s' },
      timeouts: { request: '20ms' },
    });
    await until('Envoy rejects requests', async () => (await envoy.call()).status === 503);
    expect(await stat(envoy, 'rq_failure')).toBe(api.seen.length);
  });

  test.concurrent('if the API refuses connections', async () => {
    const api = await startBackend();
    await api.stop();
    const envoy = await started(api, { admissionControl: SHORT });
    await until('Envoy rejects requests', async () => {
      await envoy.call();
      return (await stat(envoy, 'rq_rejected')) > 0;
    });
  });

  test.concurrent.each([
    [14, 'rq_failure'], // unavailable
    [5, 'rq_success'], // not found
  ])('counts the gRPC status %d as %s', async (code, expected) => {
    const grpc = { 'content-type': 'application/grpc', 'grpc-status': String(code), 'content-length': '0' };
    const api = await startBackend({ handler: (_, response) => response.writeHead(200, grpc).end() });
    const envoy = await started(api, { admissionControl: SHORT });
    await envoy.call({ method: 'POST', headers: { 'content-type': 'application/grpc', te: 'trailers' } });
    expect(await stat(envoy, expected)).toBe(1);
    expect((await stat(envoy, 'rq_failure')) + (await stat(envoy, 'rq_success'))).toBe(1);
  });
});

describe('stays closed', () => {
  test.concurrent('with fewer requests than the minimal rate', async () => {
    const api = await startBackend({ handler: answering(500) });
    const envoy = await started(api, { admissionControl: { samplingWindow: '1s', rpsThreshold: 1_000_000 } });
    expect(await countStatuses(envoy, 100)).toEqual({ 500: 100 });
  });

  test.concurrent('if the API answers 404', async () => {
    const api = await startBackend({ handler: answering(404) });
    const envoy = await started(api, { admissionControl: SHORT });
    expect(await countStatuses(envoy, 100)).toEqual({ 404: 100 });
  });

  test.concurrent('if other features reject requests', async () => {
    const api = await startBackend({ handler: WELL });
    const envoy = await started(api, { admissionControl: SHORT, rateLimit: '1/day' });
    expect(await countStatuses(envoy, 50)).toEqual({ 200: 1, 429: 49 });
    expect(await stat(envoy, 'rq_success')).toBe(50);
  });

  test.concurrent('if a route without it fails, and rejects no request of that route', async () => {
    const api = await startBackend({ handler: answering(500) });
    const envoy = await started(api, {
      admissionControl: { ...SHORT, samplingWindow: '30s' },
      routes: [{ path: '/always', admissionControl: false }],
    });
    expect(await countStatuses(envoy, 50, '/always')).toEqual({ 500: 50 });
    await until('Envoy rejects requests', async () => (await envoy.call()).status === 503);
    expect(await stat(envoy, 'rq_failure')).toBe(api.seen.filter(({ url }) => url === '/').length);
    expect(await countStatuses(envoy, 50, '/always')).toEqual({ 500: 50 });
  });
});

test.concurrent.each([
  [true, 1],
  [false, 0],
])('includeOutlierDetection: %s ejects %d of two replicas of which one fails', async (includeOutlierDetection, out) => {
  const { apis, envoy, inTurn } = await startReplicas(2, {
    admissionControl: { ...SHORT, rpsThreshold: 1_000_000, includeOutlierDetection },
    retries: false,
  });
  const [bad, good] = apis as [Backend, Backend];
  bad.handler = answering(500);
  good.handler = WELL;
  await inTurn(40);
  expect(await envoy.stat('cluster.api.outlier_detection.ejections_active')).toBe(out || Number.NaN);
});
