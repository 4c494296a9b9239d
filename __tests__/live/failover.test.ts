import type http from 'node:http';
import type { EnvoyOptions, Upstream } from '../../envoy';
import { type Backend, HEALTH_PATH, reset, startBackend } from './backend';
import { until } from './cleanup';
import { startDns } from './dns';
import { type Envoy, type LiveOptions, startEnvoy } from './envoy';
import type { Call } from './http';
import { answering } from './replicas';
import { Authority, startTlsBackend } from './tls-backend';

// Each test has an Envoy of its own and mostly waits: they run at the same time.

const WELL =
  (name: string): http.RequestListener =>
  (request, response) => {
    request.resume().on('end', () => response.end(name));
  };
const hang: http.RequestListener = () => undefined;

/** Back ends that answer with their names, `primary`, `spare` or what they are called, at addresses of their own. */
async function backends<Name extends string>(...names: Name[]): Promise<Record<Name, Backend>> {
  const all = await Promise.all(
    names.map(async (name, index) => [name, await startBackend({ host: `127.0.1.${index + 1}`, handler: WELL(name) })]),
  );
  return Object.fromEntries(all);
}

const OFTEN = { interval: '100ms' } as const;
const SHORT = { interval: '100ms', ejectionTime: '1s' } as const;

async function start(options: Omit<LiveOptions, 'upstream'> = {}, own: Partial<Upstream> = {}) {
  const { primary, spare } = await backends('primary', 'spare');
  const envoy = await startEnvoy({
    upstream: [
      { ...primary, ...own },
      { service: spare, fallback: true },
    ],
    ...options,
  });
  return { envoy, primary, spare };
}

/** What each of so many requests in turn got, counted. */
async function answers(envoy: Envoy, count: number, request: Omit<Call, 'port'> = {}): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let time = 0; time < count; time += 1) {
    const { status, body } = await envoy.call(request);
    const what = status === 200 ? body : String(status);
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
}

const POST = { method: 'POST', body: 'x' };
const servedBy = (envoy: Envoy, name: string) =>
  until(`${name} answers all`, async () => (await answers(envoy, 10))[name] === 10);

test.concurrent('while the primary is well, the spare gets nothing', async () => {
  const { envoy, spare } = await start();
  expect(await answers(envoy, 40)).toEqual({ primary: 40 });
  expect(spare.seen).toEqual([]);
});

test.concurrent.each(['GET', 'POST'])(
  'a primary that refuses connections costs no %s, and gets them back',
  async (method) => {
    const { envoy, primary, spare } = await start({ outlierDetection: SHORT, healthCheck: { tcp: true, ...OFTEN } });
    const request = method === 'POST' ? POST : {};
    expect(await answers(envoy, 20, request)).toEqual({ primary: 20 });
    await primary.stop();
    expect(await answers(envoy, 60, request)).toEqual({ spare: 60 });
    expect(spare.seen).toHaveLength(60);
    await startBackend({ host: primary.host, port: primary.port, handler: WELL('primary') });
    await servedBy(envoy, 'primary');
    expect(await answers(envoy, 20, request)).toEqual({ primary: 20 });
  },
);

test.concurrent('retries alone find the spare, before any check did', async () => {
  const { envoy, primary } = await start({
    outlierDetection: false,
    healthCheck: { tcp: true, interval: '1h' },
    retries: { attempts: 1 },
  });
  await primary.stop();
  expect(await answers(envoy, 20)).toEqual({ spare: 20 });
  expect(await envoy.stat('cluster.api.upstream_rq_retry_success')).toBe(20);
});

test.concurrent('without retries the first ones fail, until the spare takes over', async () => {
  const { envoy, primary } = await start({
    retries: false,
    outlierDetection: SHORT,
    healthCheck: { tcp: true, ...OFTEN },
  });
  await primary.stop();
  const { 503: failed = 0, spare = 0 } = await answers(envoy, 60);
  expect(failed).toBeGreaterThan(0);
  expect(failed).toBeLessThanOrEqual(5);
  expect(spare).toBe(60 - failed);
});

test.concurrent('a primary that ends its connections unanswered costs no GET', async () => {
  const { envoy, primary } = await start({ outlierDetection: SHORT });
  primary.handler = reset;
  expect(await answers(envoy, 30)).toEqual({ spare: 30 });
  // Three until it is out.
  expect(primary.seen.length).toBeLessThanOrEqual(5);
  primary.handler = WELL('primary');
  await servedBy(envoy, 'primary');
});

test.concurrent('one that answers 503 costs no GET, and three POST until it is out', async () => {
  const { envoy, primary } = await start();
  primary.handler = answering(503);
  expect(await answers(envoy, 1)).toEqual({ spare: 1 });
  const { 503: failed = 0, spare = 0 } = await answers(envoy, 30, POST);
  expect(failed).toBeGreaterThan(0);
  expect(failed).toBeLessThanOrEqual(3);
  expect(spare).toBe(30 - failed);
  expect(await answers(envoy, 20)).toEqual({ spare: 20 });
});

test.concurrent('500 is an answer: it neither goes to the spare nor takes the primary out', async () => {
  const { envoy, primary } = await start();
  primary.handler = answering(500);
  expect(await answers(envoy, 20)).toEqual({ 500: 20 });
  expect(await envoy.stat('cluster.api.outlier_detection.ejections_active')).toBe(0);
});

test.concurrent('one that hangs costs a GET the time of one try, and is out after three', async () => {
  const { envoy, primary } = await start({ timeouts: { request: '2s' }, outlierDetection: { ejectionTime: '1m' } });
  primary.handler = hang;
  expect(await answers(envoy, 6)).toEqual({ spare: 6 });
  await until('it is out', async () => (await envoy.stat('cluster.api.outlier_detection.ejections_active')) === 1);
  expect(primary.seen.length).toBeLessThanOrEqual(5);
  expect(await answers(envoy, 10, POST)).toEqual({ spare: 10 });
});

test.concurrent('one that says it is not well gets nothing until it is', async () => {
  const { envoy, primary, spare } = await start({}, { healthCheck: { path: HEALTH_PATH, ...OFTEN } });
  const health =
    (status: number): http.RequestListener =>
    (request, response) =>
      (request.url === HEALTH_PATH ? answering(status) : WELL('primary'))(request, response);
  primary.handler = health(200);
  await servedBy(envoy, 'primary');
  primary.handler = health(503);
  await servedBy(envoy, 'spare');
  primary.seen.length = 0;
  expect(await answers(envoy, 30, POST)).toEqual({ spare: 30 });
  expect(primary.seen).toEqual([]);
  primary.handler = health(200);
  await servedBy(envoy, 'primary');
  spare.seen.length = 0;
  expect(await answers(envoy, 30, POST)).toEqual({ primary: 30 });
  expect(spare.seen).toEqual([]);
});

test.concurrent('under load, what the primary leaves unanswered is all that fails, and only of POST', async () => {
  const { envoy, primary, spare } = await start({ outlierDetection: SHORT, healthCheck: { tcp: true, ...OFTEN } });
  const slow =
    (name: string): http.RequestListener =>
    (request, response) =>
      setTimeout(() => WELL(name)(request, response), 20);
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
  await until('the primary is busy', () => primary.seen.length > 100);
  await primary.stop();
  await until('the spare is busy', () => spare.seen.length > 200);
  await startBackend({ host: primary.host, port: primary.port, handler: slow('primary') });
  await until(
    'it is handed back',
    async () => (await envoy.stat('cluster.api.outlier_detection.ejections_active')) === 0,
  );
  await servedBy(envoy, 'primary');
  ends = true;
  await load;
  expect(counts.GET).toEqual({ 200: expect.any(Number) });
  // Eight clients send POST, each one at a time.
  expect(counts.POST[503] ?? 0).toBeLessThanOrEqual(8);
  expect(Object.keys(counts.POST).every((status) => ['200', '503'].includes(status))).toBe(true);
});

describe('two primaries', () => {
  const both = async (options: Omit<LiveOptions, 'upstream'> = {}) => {
    const all = await backends('one', 'two', 'spare');
    const upstream: EnvoyOptions['upstream'] = [all.one, all.two, { service: all.spare, fallback: true }];
    return { envoy: await startEnvoy({ upstream, outlierDetection: SHORT, ...options }), ...all };
  };

  test.concurrent('share what comes', async () => {
    const { envoy } = await both();
    expect(await answers(envoy, 40)).toEqual({ one: expect.any(Number), two: expect.any(Number) });
  });

  test.concurrent('one of them carries all as long as it is well, and the spare gets nothing', async () => {
    const { envoy, one, spare } = await both({ outlierDetection: { ejectionTime: '1m' } });
    one.handler = answering(503);
    expect(await answers(envoy, 60)).toEqual({ two: 60 });
    expect(await envoy.stat('cluster.api.outlier_detection.ejections_active')).toBe(1);
    expect(spare.seen).toEqual([]);
  });

  test.concurrent('with both out, the spare takes over', async () => {
    const { envoy, one, two } = await both({ outlierDetection: { ejectionTime: '1m' } });
    one.handler = answering(503);
    two.handler = answering(503);
    expect(await answers(envoy, 30)).toEqual({ spare: 30 });
    expect(await envoy.stat('cluster.api.outlier_detection.ejections_active')).toBe(2);
    expect(await answers(envoy, 10, POST)).toEqual({ spare: 10 });
  });
});

/** Two at one name, of which the first does this, and a spare; the retries are all that finds out. */
async function replicas(first: http.RequestListener, options: Omit<LiveOptions, 'upstream'>, second = WELL('primary')) {
  const { spare } = await backends('spare');
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
    ['ends its connections', reset, {}],
    ['answers 503', answering(503), {}],
    ['hangs', hang, { timeouts: { request: '2s' } }],
  ] as const)('one that %s costs no GET, and the spare gets nothing', async (_, handler, options) => {
    expect(await answers(await replicas(handler, options), 10)).toEqual({ primary: 10 });
  });

  test.concurrent.each([
    ['end their connections', reset, {}],
    ['hang', hang, { timeouts: { request: '2s' } }],
  ] as const)('both that %s cost no GET, the spare answers', async (_, handler, options) => {
    expect(await answers(await replicas(handler, options, handler), 6)).toEqual({ spare: 6 });
  });

  test.concurrent('the one retry that there may be is at the spare', async () => {
    expect(await answers(await replicas(reset, { retries: { attempts: 1 } }, reset), 10)).toEqual({ spare: 10 });
  });
});

test.concurrent.each([
  [true, { primary: expect.any(Number), spare: expect.any(Number) }],
  [false, { 503: 20 }],
])('with none of them well, all are tried if panic is %s', async (panic, expected) => {
  const { primary, spare } = await backends('primary', 'spare');
  const unwell =
    (name: string): http.RequestListener =>
    (request, response) =>
      (request.url === HEALTH_PATH ? answering(503) : WELL(name))(request, response);
  primary.handler = unwell('primary');
  spare.handler = unwell('spare');
  const envoy = await startEnvoy({
    upstream: [primary, { service: spare, fallback: true }],
    healthCheck: { path: HEALTH_PATH, ...OFTEN },
    loadBalancing: { panic },
  });
  await until('both are unwell', async () => (await envoy.stat('cluster.api.membership_healthy')) === 0);
  expect(await answers(envoy, 20)).toEqual(expected);
});

test.concurrent('each is found by its own name, the spare also while the name of the primary is not known', async () => {
  const { primary, spare } = await backends('primary', 'spare');
  const dns = await startDns();
  dns.names['spare.test'] = [spare.host];
  const envoy = await startEnvoy({
    upstream: [
      { host: 'primary.test', port: primary.port },
      { service: { host: 'spare.test', port: spare.port }, fallback: true },
    ],
    patch: dns.patch,
  });
  await servedBy(envoy, 'spare');
  dns.names['primary.test'] = [primary.host];
  await servedBy(envoy, 'primary');
});

test.concurrent('each is known by the certificate of its own name', async () => {
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
  await until('both are well', async () => (await envoy.stat('cluster.api.membership_healthy')) === 2);
  expect((await envoy.call()).body).toBe('from the API');
  expect(one.seen).toEqual([{ serverName: 'primary.test', version: 'TLSv1.3' }]);
  one.stop();
  expect((await envoy.call()).body).toBe('from the API');
  expect(other.seen[0]).toEqual({ serverName: 'spare.test', version: 'TLSv1.3' });
});

test.concurrent('a name that the certificate of another is for is not enough', async () => {
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

test.concurrent('addresses without discovery', async () => {
  const { envoy, primary } = await start({ discovery: { type: 'STATIC' } });
  await primary.stop();
  expect(await answers(envoy, 20)).toEqual({ spare: 20 });
});
