import type http from 'node:http';
import http2 from 'node:http2';
import type { HealthCheckOptions } from '../../envoy';
import { type Backend, HEALTH_PATH, startBackend } from './backend';
import { atEnd, sleep, until } from './cleanup';
import { startDns } from './dns';
import { type Envoy, startEnvoy } from './envoy';
import { statuses } from './http';
import { freePort } from './ports';

// The tests run concurrently, since each has its own Envoy and mostly waits.

/** A replica that answers all requests. A test sets how it answers health checks. */
interface Replica extends Backend {
  health: 'well' | 'bad' | 'slow';
  /** The times of the health checks. */
  readonly asked: number[];
}

async function startReplica(host: string, port: number): Promise<Replica> {
  const asked: number[] = [];
  const handler: http.RequestListener = async (request, response) => {
    if (request.url === HEALTH_PATH) {
      asked.push(Date.now());
      response.statusCode = replica.health === 'bad' ? 503 : 200;
      await sleep(replica.health === 'slow' ? 400 : 0);
    }
    response.end(host);
  };
  const replica: Replica = Object.assign(await startBackend({ host, port, handler }), {
    health: 'well',
    asked,
  } as const);
  return replica;
}

async function start(options: HealthCheckOptions | false, count: number) {
  const hosts = ['127.0.0.2', '127.0.0.3', '127.0.0.4'].slice(0, count);
  const port = await freePort();
  const replicas = await Promise.all(hosts.map((host) => startReplica(host, port)));
  const dns = await startDns(...hosts);
  const envoy = await startEnvoy({
    upstream: { host: 'api.test', port },
    patch: dns.patch,
    healthCheck: options && { ...(!options.tcp && { path: HEALTH_PATH }), ...options },
  });
  return { envoy, replicas };
}

const isHealthy = async (envoy: Envoy, { host, port }: Replica) =>
  (await envoy.admin('/clusters')).body.includes(`api::${host}:${port}::health_flags::healthy`);

const waitUntilHealthIs = (envoy: Envoy, replica: Replica, well: boolean) =>
  until(`${replica.host} is ${well ? '' : 'un'}healthy`, async () => (await isHealthy(envoy, replica)) === well, 20);

/** Sends 60 requests and counts them per replica. Expects a response to each request. */
async function countRequests(envoy: Envoy, replicas: readonly Replica[]): Promise<number[]> {
  for (const { seen } of replicas) {
    seen.length = 0;
  }
  expect(await statuses(60, { port: envoy.port })).toEqual({ 200: 60 });
  return replicas.map(({ seen }) => seen.length);
}

/** Waits until exactly these replicas receive requests. Envoy's threads learn of a change within a second. */
async function waitUntilUsed(envoy: Envoy, replicas: readonly Replica[], expected: readonly Replica[]): Promise<void> {
  const asExpected = async () => {
    const counts = await countRequests(envoy, replicas);
    return replicas.every((replica, index) => (counts[index] === 0) !== expected.includes(replica));
  };
  await until(`only ${expected.map(({ host }) => host)} receive requests`, asExpected, 4);
}

test.concurrent.each([
  ['fail', 'bad'],
  ['time out', 'slow'],
] as const)('sends no requests to a replica whose health checks %s, until they succeed', async (_, health) => {
  const { envoy, replicas } = await start({ interval: '100ms', timeout: '200ms' }, 2);
  const [first, second] = replicas as [Replica, Replica];
  await waitUntilUsed(envoy, replicas, [first, second]);

  first.health = health;
  await waitUntilUsed(envoy, replicas, [second]);
  expect(await countRequests(envoy, replicas)).toEqual([0, 60]);

  first.health = 'well';
  await waitUntilUsed(envoy, replicas, [first, second]);
});

test.concurrent('sends all requests to the only healthy replica of three', async () => {
  const { envoy, replicas } = await start({ interval: '100ms' }, 3);
  const [first, second, third] = replicas as [Replica, Replica, Replica];
  await waitUntilUsed(envoy, replicas, replicas);
  first.health = 'bad';
  second.health = 'bad';
  await waitUntilUsed(envoy, replicas, [third]);
  expect(await countRequests(envoy, replicas)).toEqual([0, 0, 60]);
});

test.concurrent.each([
  ['failed', 'bad'],
  ['timed out', 'slow'],
] as const)(
  'counts %s health checks up to unhealthyThreshold, and successes up to healthyThreshold',
  async (_, health) => {
    const options = { interval: '700ms', timeout: '200ms', unhealthyThreshold: 4, healthyThreshold: 3 } as const;
    const { envoy, replicas } = await start(options, 1);
    const [replica] = replicas as [Replica];
    await waitUntilHealthIs(envoy, replica, true);
    replica.health = health;
    replica.asked.length = 0;
    await waitUntilHealthIs(envoy, replica, false);
    expect(replica.asked).toHaveLength(4);
    replica.health = 'well';
    replica.asked.length = 0;
    await waitUntilHealthIs(envoy, replica, true);
    expect(replica.asked).toHaveLength(3);
  },
);

test.concurrent('follows the timeout, interval and thresholds of the reference stack', async () => {
  const { envoy, replicas } = await start(
    { timeout: '0.1s', interval: '3s', unhealthyThreshold: 3, healthyThreshold: 1 },
    1,
  );
  const [replica] = replicas as [Replica];
  await waitUntilHealthIs(envoy, replica, true);
  expect(replica.asked).toHaveLength(1);
  replica.health = 'slow';
  await waitUntilHealthIs(envoy, replica, false);
  expect(replica.asked).toHaveLength(4);
  replica.health = 'well';
  await waitUntilHealthIs(envoy, replica, true);
  expect(replica.asked).toHaveLength(5);
  const pauses = replica.asked.slice(1).map((time, index) => time - (replica.asked[index] ?? 0));
  expect(Math.min(...pauses)).toBeGreaterThan(2_500);
});

test.concurrent('sends no health check with healthCheck: false', async () => {
  const { envoy, replicas } = await start(false, 1);
  await sleep(1_500);
  expect(await envoy.call()).toMatchObject({ status: 200 });
  expect(replicas[0]?.asked).toEqual([]);
});

test.concurrent('tcp: treats a replica as healthy if and only if it accepts connections', async () => {
  const { envoy, replicas } = await start({ tcp: true, interval: '100ms' }, 2);
  const [first, second] = replicas as [Replica, Replica];
  first.health = 'bad';
  await waitUntilUsed(envoy, replicas, [first, second]);
  await first.stop();
  await waitUntilHealthIs(envoy, first, false);
  expect(await countRequests(envoy, replicas)).toEqual([0, 60]);
});

/** Starts a minimal gRPC server. It answers health checks of its services, and other requests with its address. */
async function startGrpc(host: string) {
  const well = new Set<string>(['']);
  const asked = new Set<string>();
  const server = http2.createServer();
  server.on('stream', (stream, headers) => {
    const parts: Buffer[] = [];
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('error', () => undefined);
    stream.on('end', () => {
      if (headers[':path'] !== '/grpc.health.v1.Health/Check') {
        stream.respond({ ':status': 200 });
        stream.end(host);
        return;
      }
      // Five bytes of gRPC framing, then field 1, its length and the name.
      const service = Buffer.concat(parts).subarray(7).toString();
      asked.add(service);
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.from([0, 0, 0, 0, 2, 0x08, well.has(service) ? 1 : 2]));
    });
  });
  const port = await freePort(host);
  await new Promise<void>((done) => server.listen(port, host, done));
  atEnd(() => server.close());
  return { host, port, well, asked };
}

test.concurrent.each<[string, { readonly service?: string }]>([
  ['the server', {}],
  ['one service', { service: 'shop.Cart' }],
])('grpc: checks the health of %s over HTTP/2', async (_, grpc) => {
  const service = grpc.service ?? '';
  const primary = await startGrpc('127.0.0.2');
  const spare = await startGrpc('127.0.0.3');
  primary.well.add(service);
  spare.well.add(service);
  const envoy = await startEnvoy({
    upstream: [primary, { service: spare, fallback: true }],
    healthCheck: { grpc, interval: '100ms' },
  });
  const waitUntilAnsweredBy = ({ host }: { readonly host: string }) =>
    until(`${host} responds`, async () => (await envoy.call()).body === host);
  await waitUntilAnsweredBy(primary);
  expect([...primary.asked]).toEqual([service]);
  primary.well.delete(service);
  await waitUntilAnsweredBy(spare);
  primary.well.add(service);
  await waitUntilAnsweredBy(primary);
});
