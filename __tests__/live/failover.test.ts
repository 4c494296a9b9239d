import type http from 'node:http';
import type { EnvoyOptions, Upstream } from '../../envoy';
import { type Backend, HEALTH_PATH, reset, startBackend } from './backend';
import { until } from './cleanup';
import { startDns } from './dns';
import { type Envoy, type LiveOptions, startEnvoy } from './envoy';
import type { Call } from './http';
import { answering } from './replicas';
import { Authority, startTlsBackend } from './tls-backend';

// The tests run concurrently, since each has its own Envoy and mostly waits.

const respondWith =
  (name: string): http.RequestListener =>
  (request, response) => {
    request.resume().on('end', () => response.end(name));
  };
const hang: http.RequestListener = () => undefined;

/** Starts back ends that answer with their names, each at its own address. */
async function startBackends<Name extends string>(...names: Name[]): Promise<Record<Name, Backend>> {
  const all = await Promise.all(
    names.map(async (name, index) => [
      name,
      await startBackend({ host: `127.0.1.${index + 1}`, handler: respondWith(name) }),
    ]),
  );
  return Object.fromEntries(all);
}

const OFTEN = { interval: '100ms' } as const;
const SHORT = { interval: '100ms', baseEjectionTime: '1s' } as const;

async function start(options: Omit<LiveOptions, 'upstream'> = {}, own: Partial<Upstream> = {}) {
  const { primary, spare } = await startBackends('primary', 'spare');
  const envoy = await startEnvoy({
    upstream: [
      { ...primary, ...own },
      { service: spare, fallback: true },
    ],
    ...options,
  });
  return { envoy, primary, spare };
}

/** Sends requests one after another and counts the bodies of successful responses and the other statuses. */
async function countAnswers(
  envoy: Envoy,
  count: number,
  request: Omit<Call, 'port'> = {},
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let time = 0; time < count; time += 1) {
    const { status, body } = await envoy.call(request);
    const what = status === 200 ? body : String(status);
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
}

const POST = { method: 'POST', body: 'x' };
const waitUntilServedBy = (envoy: Envoy, name: string) =>
  until(`${name} serves all requests`, async () => (await countAnswers(envoy, 10))[name] === 10);

test.concurrent('sends no request to the fallback while the primary is healthy', async () => {
  const { envoy, spare } = await start();
  expect(await countAnswers(envoy, 40)).toEqual({ primary: 40 });
  expect(spare.seen).toEqual([]);
});

test.concurrent.each(['GET', 'POST'])(
  'loses no %s if the primary refuses connections, and returns to it afterwards',
  async (method) => {
    const { envoy, primary, spare } = await start({ outlierDetection: SHORT, healthCheck: { tcp: true, ...OFTEN } });
    const request = method === 'POST' ? POST : {};
    expect(await countAnswers(envoy, 20, request)).toEqual({ primary: 20 });
    await primary.stop();
    expect(await countAnswers(envoy, 60, request)).toEqual({ spare: 60 });
    expect(spare.seen).toHaveLength(60);
    await startBackend({ host: primary.host, port: primary.port, handler: respondWith('primary') });
    await waitUntilServedBy(envoy, 'primary');
    expect(await countAnswers(envoy, 20, request)).toEqual({ primary: 20 });
  },
);

test.concurrent('finds the fallback with a retry before any health check', async () => {
  const { envoy, primary } = await start({
    outlierDetection: false,
    healthCheck: { tcp: true, interval: '1h' },
    retries: { numRetries: 1 },
  });
  await primary.stop();
  expect(await countAnswers(envoy, 20)).toEqual({ spare: 20 });
  expect(await envoy.stat('cluster.api.upstream_rq_retry_success')).toBe(20);
});

test.concurrent('fails at most five requests without retries until the fallback takes over', async () => {
  const { envoy, primary } = await start({
    retries: false,
    outlierDetection: SHORT,
    healthCheck: { tcp: true, ...OFTEN },
  });
  await primary.stop();
  const { 503: failed = 0, spare = 0 } = await countAnswers(envoy, 60);
  expect(failed).toBeGreaterThan(0);
  expect(failed).toBeLessThanOrEqual(5);
  expect(spare).toBe(60 - failed);
});

test.concurrent('loses no GET if the primary resets connections', async () => {
  const { envoy, primary } = await start({ outlierDetection: SHORT });
  primary.handler = reset;
  expect(await countAnswers(envoy, 30)).toEqual({ spare: 30 });
  // Three errors eject the primary.
  expect(primary.seen.length).toBeLessThanOrEqual(5);
  primary.handler = respondWith('primary');
  await waitUntilServedBy(envoy, 'primary');
});

test.concurrent('loses no GET and at most three POST if the primary answers 503', async () => {
  const { envoy, primary } = await start();
  primary.handler = answering(503);
  expect(await countAnswers(envoy, 1)).toEqual({ spare: 1 });
  const { 503: failed = 0, spare = 0 } = await countAnswers(envoy, 30, POST);
  expect(failed).toBeGreaterThan(0);
  expect(failed).toBeLessThanOrEqual(3);
  expect(spare).toBe(30 - failed);
  expect(await countAnswers(envoy, 20)).toEqual({ spare: 20 });
});

test.concurrent('passes 500 of the primary to the client, without failover and ejection', async () => {
  const { envoy, primary } = await start();
  primary.handler = answering(500);
  expect(await countAnswers(envoy, 20)).toEqual({ 500: 20 });
  expect(await envoy.stat('cluster.api.outlier_detection.ejections_active')).toBe(0);
});

test.concurrent('delays a GET by one try if the primary hangs, and ejects it after three', async () => {
  const { envoy, primary } = await start({ timeouts: { request: '2s' }, outlierDetection: { baseEjectionTime: '1m' } });
  primary.handler = hang;
  expect(await countAnswers(envoy, 6)).toEqual({ spare: 6 });
  await until(
    'the primary is ejected',
    async () => (await envoy.stat('cluster.api.outlier_detection.ejections_active')) === 1,
  );
  expect(primary.seen.length).toBeLessThanOrEqual(5);
  expect(await countAnswers(envoy, 10, POST)).toEqual({ spare: 10 });
});

test.concurrent('sends no request to a primary whose health check fails, until it succeeds', async () => {
  const { envoy, primary, spare } = await start({}, { healthCheck: { path: HEALTH_PATH, ...OFTEN } });
  const health =
    (status: number): http.RequestListener =>
    (request, response) =>
      (request.url === HEALTH_PATH ? answering(status) : respondWith('primary'))(request, response);
  primary.handler = health(200);
  await waitUntilServedBy(envoy, 'primary');
  primary.handler = health(503);
  await waitUntilServedBy(envoy, 'spare');
  primary.seen.length = 0;
  expect(await countAnswers(envoy, 30, POST)).toEqual({ spare: 30 });
  expect(primary.seen).toEqual([]);
  primary.handler = health(200);
  await waitUntilServedBy(envoy, 'primary');
  spare.seen.length = 0;
  expect(await countAnswers(envoy, 30, POST)).toEqual({ primary: 30 });
  expect(spare.seen).toEqual([]);
});

test.concurrent('loses under load only the POST requests that the primary leaves unanswered', async () => {
  const { envoy, primary, spare } = await start({ outlierDetection: SHORT, healthCheck: { tcp: true, ...OFTEN } });
  const slow =
    (name: string): http.RequestListener =>
    (request, response) =>
      setTimeout(() => respondWith(name)(request, response), 20);
  primary.handler = slow('primary');
  spare.handler = slow('spare');
  let ends = false;
  const counts = { GET: {} as Record<number, number>, POST: {} as Record<number, number> };
  const client = async (method: 'GET' | 'POST') => {
    while (!ends) {
      const { status } = await envoy.call(method === 'POST' ? POST : {});
      counts[method][status] = (counts[method][status] ?? 0) + 1;
    }
  };
  const load = Promise.all(Array.from({ length: 16 }, (_, index) => client(index % 2 ? 'POST' : 'GET')));
  await until('the primary serves the load', () => primary.seen.length > 100);
  await primary.stop();
  await until('the fallback serves the load', () => spare.seen.length > 200);
  await startBackend({ host: primary.host, port: primary.port, handler: slow('primary') });
  await until(
    'the primary is no longer ejected',
    async () => (await envoy.stat('cluster.api.outlier_detection.ejections_active')) === 0,
  );
  await waitUntilServedBy(envoy, 'primary');
  ends = true;
  await load;
  expect(counts.GET).toEqual({ 200: expect.any(Number) });
  // Eight clients send POST, each one at a time.
  expect(counts.POST[503] ?? 0).toBeLessThanOrEqual(8);
  expect(Object.keys(counts.POST).every((status) => ['200', '503'].includes(status))).toBe(true);
});

describe('two primaries', () => {
  const both = async (options: Omit<LiveOptions, 'upstream'> = {}) => {
    const all = await startBackends('one', 'two', 'spare');
    const upstream: EnvoyOptions['upstream'] = [all.one, all.two, { service: all.spare, fallback: true }];
    return { envoy: await startEnvoy({ upstream, outlierDetection: SHORT, ...options }), ...all };
  };

  test.concurrent('share the requests', async () => {
    const { envoy } = await both();
    expect(await countAnswers(envoy, 40)).toEqual({ one: expect.any(Number), two: expect.any(Number) });
  });

  test.concurrent('serve all requests without the fallback while one of them is healthy', async () => {
    const { envoy, one, spare } = await both({ outlierDetection: { baseEjectionTime: '1m' } });
    one.handler = answering(503);
    expect(await countAnswers(envoy, 60)).toEqual({ two: 60 });
    expect(await envoy.stat('cluster.api.outlier_detection.ejections_active')).toBe(1);
    expect(spare.seen).toEqual([]);
  });

  test.concurrent('are replaced by the fallback when both are ejected', async () => {
    const { envoy, one, two } = await both({ outlierDetection: { baseEjectionTime: '1m' } });
    one.handler = answering(503);
    two.handler = answering(503);
    expect(await countAnswers(envoy, 30)).toEqual({ spare: 30 });
    expect(await envoy.stat('cluster.api.outlier_detection.ejections_active')).toBe(2);
    expect(await countAnswers(envoy, 10, POST)).toEqual({ spare: 10 });
  });
});

/** Starts two replicas with one host name and a fallback. Only retries detect a failed replica. */
async function startNamedReplicas(
  first: http.RequestListener,
  options: Omit<LiveOptions, 'upstream'>,
  second = respondWith('primary'),
) {
  const { spare } = await startBackends('spare');
  const one = await startBackend({ host: '127.0.1.4', handler: first });
  await startBackend({ host: '127.0.1.5', port: one.port, handler: second });
  const dns = await startDns('127.0.1.4', '127.0.1.5');
  return startEnvoy({
    upstream: [
      { host: 'api.test', port: one.port, replicas: 2 },
      { service: spare, fallback: true },
    ],
    outlierDetection: false,
    healthCheck: { tcp: true, interval: '1h' },
    patch: dns.patch,
    ...options,
  });
}

describe('two replicas of one name', () => {
  test.concurrent.each([
    ['resets connections', reset, {}],
    ['answers 503', answering(503), {}],
    ['hangs', hang, { timeouts: { request: '2s' } }],
  ] as const)('lose no GET without the fallback if one %s', async (_, handler, options) => {
    expect(await countAnswers(await startNamedReplicas(handler, options), 10)).toEqual({ primary: 10 });
  });

  test.concurrent.each([
    ['reset connections', reset, {}],
    ['hang', hang, { timeouts: { request: '2s' } }],
  ] as const)('lose no GET thanks to the fallback if both %s', async (_, handler, options) => {
    expect(await countAnswers(await startNamedReplicas(handler, options, handler), 6)).toEqual({ spare: 6 });
  });

  test.concurrent('use the fallback for the only allowed retry', async () => {
    expect(await countAnswers(await startNamedReplicas(reset, { retries: { numRetries: 1 } }, reset), 10)).toEqual({
      spare: 10,
    });
  });
});

test.concurrent.each([
  [
    'sends requests to all unhealthy hosts in panic mode',
    true,
    { primary: expect.any(Number), spare: expect.any(Number) },
  ],
  ['answers 503 without panic mode if all hosts are unhealthy', false, { 503: 20 }],
])('%s', async (_, panicMode, expected) => {
  const { primary, spare } = await startBackends('primary', 'spare');
  const unwell =
    (name: string): http.RequestListener =>
    (request, response) =>
      (request.url === HEALTH_PATH ? answering(503) : respondWith(name))(request, response);
  primary.handler = unwell('primary');
  spare.handler = unwell('spare');
  const envoy = await startEnvoy({
    upstream: [primary, { service: spare, fallback: true }],
    healthCheck: { path: HEALTH_PATH, ...OFTEN },
    loadBalancing: { panicMode },
  });
  await until('both are unhealthy', async () => (await envoy.stat('cluster.api.membership_healthy')) === 0);
  expect(await countAnswers(envoy, 20)).toEqual(expected);
});

test.concurrent('resolves each host name, and uses the fallback while the name of the primary is unknown', async () => {
  const { primary, spare } = await startBackends('primary', 'spare');
  const dns = await startDns();
  dns.names['spare.test'] = [spare.host];
  const envoy = await startEnvoy({
    upstream: [
      { host: 'primary.test', port: primary.port },
      { service: { host: 'spare.test', port: spare.port }, fallback: true },
    ],
    patch: dns.patch,
  });
  await waitUntilServedBy(envoy, 'spare');
  dns.names['primary.test'] = [primary.host];
  await waitUntilServedBy(envoy, 'primary');
});

test.concurrent('verifies the certificate of each upstream against its host name', async () => {
  const authority = new Authority();
  const one = await startTlsBackend(authority.issue('primary', 'DNS:primary.test'), { host: '127.0.1.1' });
  const other = await startTlsBackend(authority.issue('spare', 'DNS:spare.test'), { host: '127.0.1.2' });
  const dns = await startDns();
  dns.names['primary.test'] = ['127.0.1.1'];
  dns.names['spare.test'] = ['127.0.1.2'];
  const envoy = await startEnvoy({
    upstream: [
      { host: 'primary.test', port: one.port },
      { service: { host: 'spare.test', port: other.port }, fallback: true },
    ],
    upstreamTls: { trustedCa: { file: authority.file } },
    patch: dns.patch,
  });
  await until('both are healthy', async () => (await envoy.stat('cluster.api.membership_healthy')) === 2);
  expect((await envoy.call()).body).toBe('from the API');
  expect(one.seen).toEqual([{ serverName: 'primary.test', version: 'TLSv1.3' }]);
  one.stop();
  expect((await envoy.call()).body).toBe('from the API');
  expect(other.seen[0]).toEqual({ serverName: 'spare.test', version: 'TLSv1.3' });
});

test.concurrent('rejects a certificate with the host name of another upstream', async () => {
  const authority = new Authority();
  const { port, seen } = await startTlsBackend(authority.issue('primary', 'DNS:primary.test'), { host: '127.0.1.1' });
  const dns = await startDns('127.0.1.1');
  const envoy = await startEnvoy({
    upstream: [
      { host: 'other.test', port },
      { service: { host: 'spare.test', port }, fallback: true },
    ],
    upstreamTls: { trustedCa: { file: authority.file } },
    patch: dns.patch,
  });
  expect(await envoy.call()).toMatchObject({ status: 503 });
  expect(seen).toEqual([]);
});

test.concurrent('fails over between static addresses', async () => {
  const { envoy, primary } = await start({ discovery: { type: 'STATIC' } });
  await primary.stop();
  expect(await countAnswers(envoy, 20)).toEqual({ spare: 20 });
});
