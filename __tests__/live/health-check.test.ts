import type http from 'node:http';
import http2 from 'node:http2';
import type { HealthCheckOptions } from '../../envoy';
import { type Backend, HEALTH_PATH, startBackend } from './backend';
import { atEnd, sleep, until } from './cleanup';
import { startDns } from './dns';
import { type Envoy, startEnvoy } from './envoy';
import { statuses } from './http';
import { freePort } from './ports';

// Each test has an Envoy of its own and mostly waits: they run at the same time.

/** An API that answers all requests, and the question for its health as it is told. */
interface Patient extends Backend {
  health: 'well' | 'bad' | 'slow';
  /** When it was asked for its health. */
  readonly asked: number[];
}

async function startPatient(host: string, port: number): Promise<Patient> {
  const asked: number[] = [];
  const handler: http.RequestListener = async (request, response) => {
    if (request.url === HEALTH_PATH) {
      asked.push(Date.now());
      response.statusCode = patient.health === 'bad' ? 503 : 200;
      await sleep(patient.health === 'slow' ? 400 : 0);
    }
    response.end(host);
  };
  const patient: Patient = Object.assign(await startBackend({ host, port, handler }), {
    health: 'well',
    asked,
  } as const);
  return patient;
}

async function start(options: HealthCheckOptions | false, count: number) {
  const hosts = ['127.0.0.2', '127.0.0.3', '127.0.0.4'].slice(0, count);
  const port = await freePort();
  const patients = await Promise.all(hosts.map((host) => startPatient(host, port)));
  const dns = await startDns(...hosts);
  const envoy = await startEnvoy({
    upstream: { host: 'api.test', port },
    patch: dns.patch,
    healthCheck: options && { ...(!options.tcp && { path: HEALTH_PATH }), ...options },
  });
  return { envoy, patients };
}

const isWell = async (envoy: Envoy, { host, port }: Patient) =>
  (await envoy.admin('/clusters')).body.includes(`api::${host}:${port}::health_flags::healthy`);

const becomes = (envoy: Envoy, patient: Patient, well: boolean) =>
  until(`${patient.host} is ${well ? '' : 'not '}well`, async () => (await isWell(envoy, patient)) === well, 20);

/** How many of 60 requests each gets; each has to be answered. */
async function shares(envoy: Envoy, patients: readonly Patient[]): Promise<number[]> {
  for (const { seen } of patients) {
    seen.length = 0;
  }
  expect(await statuses(60, { port: envoy.port })).toEqual({ 200: 60 });
  return patients.map(({ seen }) => seen.length);
}

/** Until these alone get requests, each of them some; its threads learn of a change up to a second later. */
async function used(envoy: Envoy, patients: readonly Patient[], expected: readonly Patient[]): Promise<void> {
  const asExpected = async () => {
    const counts = await shares(envoy, patients);
    return patients.every((patient, index) => (counts[index] === 0) !== expected.includes(patient));
  };
  await until(`requests go to ${expected.map(({ host }) => host)} alone`, asExpected, 4);
}

test.concurrent.each(['bad', 'slow'] as const)(
  'a replica in %s health gets no requests, and comes back',
  async (health) => {
    const { envoy, patients } = await start({ interval: '100ms', timeout: '200ms' }, 2);
    const [first, second] = patients as [Patient, Patient];
    await used(envoy, patients, [first, second]);

    first.health = health;
    await used(envoy, patients, [second]);
    expect(await shares(envoy, patients)).toEqual([0, 60]);

    first.health = 'well';
    await used(envoy, patients, [first, second]);
  },
);

test.concurrent('also where most replicas are not well', async () => {
  const { envoy, patients } = await start({ interval: '100ms' }, 3);
  const [first, second, third] = patients as [Patient, Patient, Patient];
  await used(envoy, patients, patients);
  first.health = 'bad';
  second.health = 'bad';
  await used(envoy, patients, [third]);
  expect(await shares(envoy, patients)).toEqual([0, 0, 60]);
});

test.concurrent.each(['bad', 'slow'] as const)(
  'thresholds: of %s answers, and of good ones until it is well again',
  async (health) => {
    const options = { interval: '700ms', timeout: '200ms', unhealthyThreshold: 4, healthyThreshold: 3 } as const;
    const { envoy, patients } = await start(options, 1);
    const [patient] = patients as [Patient];
    await becomes(envoy, patient, true);
    patient.health = health;
    patient.asked.length = 0;
    await becomes(envoy, patient, false);
    expect(patient.asked).toHaveLength(4);
    patient.health = 'well';
    patient.asked.length = 0;
    await becomes(envoy, patient, true);
    expect(patient.asked).toHaveLength(3);
  },
);

test.concurrent("the post's values: 0.1s, 3s, 3, 1", async () => {
  const { envoy, patients } = await start(
    { timeout: '0.1s', interval: '3s', unhealthyThreshold: 3, healthyThreshold: 1 },
    1,
  );
  const [patient] = patients as [Patient];
  await becomes(envoy, patient, true);
  expect(patient.asked).toHaveLength(1);
  patient.health = 'slow';
  await becomes(envoy, patient, false);
  expect(patient.asked).toHaveLength(4);
  patient.health = 'well';
  await becomes(envoy, patient, true);
  expect(patient.asked).toHaveLength(5);
  const pauses = patient.asked.slice(1).map((time, index) => time - (patient.asked[index] ?? 0));
  expect(Math.min(...pauses)).toBeGreaterThan(2_500);
});

test.concurrent('off: nobody is asked', async () => {
  const { envoy, patients } = await start(false, 1);
  await sleep(1_500);
  expect(await envoy.call()).toMatchObject({ status: 200 });
  expect(patients[0]?.asked).toEqual([]);
});

test.concurrent('tcp: one that takes connections is well, whatever it answers; one that does not, is not', async () => {
  const { envoy, patients } = await start({ tcp: true, interval: '100ms' }, 2);
  const [first, second] = patients as [Patient, Patient];
  first.health = 'bad';
  await used(envoy, patients, [first, second]);
  await first.stop();
  await becomes(envoy, first, false);
  expect(await shares(envoy, patients)).toEqual([0, 60]);
});

/** A gRPC server by hand: answers the health of its services, and anything else with its address. */
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
      // After the five bytes before a message: field 1, its length, the name.
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

test.concurrent.each<[{ readonly service?: string }]>([[{}], [{ service: 'shop.Cart' }]])(
  'grpc: %j is asked for its health over HTTP/2',
  async (grpc) => {
    const service = grpc.service ?? '';
    const primary = await startGrpc('127.0.0.2');
    const spare = await startGrpc('127.0.0.3');
    primary.well.add(service);
    spare.well.add(service);
    const envoy = await startEnvoy({
      upstream: [primary, { service: spare, fallback: true }],
      healthCheck: { grpc, interval: '100ms' },
    });
    const answeredBy = ({ host }: { readonly host: string }) =>
      until(`${host} answers`, async () => (await envoy.call()).body === host);
    await answeredBy(primary);
    expect([...primary.asked]).toEqual([service]);
    primary.well.delete(service);
    await answeredBy(spare);
    primary.well.add(service);
    await answeredBy(primary);
  },
);
