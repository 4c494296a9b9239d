import http2 from 'node:http2';
import { type Backend, startBackend } from './backend';
import { atEnd, sleep, until } from './cleanup';
import { startEnvoy } from './envoy';
import { call, connectRaw } from './http';

let api: Backend;

beforeAll(async () => {
  api = await startBackend();
});

const REQUEST = 'GET / HTTP/1.1\r\nHost: api\r\n\r\n';

test('one connection more than allowed is closed, and after one ended the next is served', async () => {
  const envoy = await startEnvoy({ upstream: api, limits: { connections: 2 } });
  const connect = async () => {
    const connection = await connectRaw(envoy.port);
    connection.send(REQUEST);
    return connection;
  };
  const first = await connect();
  await until('the first has its answer', () => first.received());
  const second = await connect();
  await until('the second has its answer', () => second.received());

  expect(await (await connect()).closed).toBe('');
  expect([first.isClosed(), second.isClosed()]).toEqual([false, false]);

  first.end();
  await until('a new one has its answer', async () => {
    const connection = await connect();
    return Promise.race([connection.closed, until('an answer', () => connection.received())]);
  });
});

describe('streams of one HTTP/2 connection', () => {
  const held: (() => void)[] = [];

  beforeAll(() => {
    api.handler = (_, response) => held.push(() => response.end('held'));
  });

  afterAll(() => {
    api.handler = (_, response) => response.end();
  });

  /** Sends all at once, before the limit of the other side can be known. */
  async function openStreams(port: number, count: number) {
    const session = http2.connect(`http://127.0.0.1:${port}`);
    atEnd(() => session.destroy());
    const settings = new Promise<http2.Settings>((done) => session.once('remoteSettings', done));
    const streams = Array.from({ length: count }, (_, index) => {
      const stream = session.request({ ':path': `/${index}` });
      return new Promise<string>((done) => {
        stream.on('response', ({ ':status': status }) => done(String(status)));
        stream.on('error', (error) => done(error.message));
      });
    });
    return { settings: await settings, streams };
  }

  test('are 100 by default', async () => {
    const envoy = await startEnvoy({ upstream: api });
    const { settings } = await openStreams(envoy.port, 1);
    expect(settings).toMatchObject({ maxConcurrentStreams: 100, initialWindowSize: 65_536 });
  });

  test('over the limit are refused, and those before are served', async () => {
    const envoy = await startEnvoy({ upstream: api, limits: { concurrentStreams: 2 } });
    held.length = 0;
    const { settings, streams } = await openStreams(envoy.port, 4);
    expect(settings.maxConcurrentStreams).toBe(2);
    const refused = await Promise.all(streams.slice(2));
    expect(refused).toEqual([expect.stringContaining('REFUSED_STREAM'), expect.stringContaining('REFUSED_STREAM')]);
    await until('both are with the API', () => held.length === 2);
    for (const answer of held) {
      answer();
    }
    expect(await Promise.all(streams.slice(0, 2))).toEqual(['200', '200']);
  });
});

describe('heap', () => {
  const pressure = 'overload.envoy.resource_monitors.fixed_heap.pressure';

  test('a full one answers 503, and the admin view still shows why', async () => {
    const envoy = await startEnvoy({ upstream: api, limits: { heap: '1MiB' } });
    await until('it is measured', async () => (await envoy.stat(pressure)) >= 98);
    const { status: refused, headers, body: problem } = await envoy.call({ path: '/full' });
    expect({ refused, type: headers['content-type'] }).toEqual({ refused: 503, type: 'application/problem+json' });
    // Refused before it gets an id.
    expect(JSON.parse(problem)).toMatchObject({ status: 503, title: 'Service Unavailable', request_id: null });
    expect(await envoy.logged('/full')).toMatchObject({ status: 503, details: 'overload' });
    const { status, body } = await call({ port: envoy.adminViewPort, path: '/stats' });
    expect(status).toBe(200);
    expect(body).toContain('overload.envoy.overload_actions.stop_accepting_requests.active: 1');
  });

  test('one with room does not', async () => {
    const envoy = await startEnvoy({ upstream: api, limits: { heap: '512MiB' } });
    await until('it is measured', async () => (await envoy.stat(pressure)) >= 0);
    expect(await envoy.stat(pressure)).toBeLessThan(50);
    expect(await envoy.call()).toMatchObject({ status: 200 });
  });
});

/** How much of an upload Envoy takes while the API reads nothing of it. */
async function takenFor(connectionBuffer: '32KiB' | '64MiB'): Promise<number> {
  const size = 48 * 1_024 ** 2;
  const { port, stop, stat } = await startEnvoy({ upstream: api, limits: { connectionBuffer }, retries: false });
  const connection = await connectRaw(port);
  connection.send(`POST / HTTP/1.1\r\nHost: api\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`);
  let taken = -1;
  await until('Envoy takes no more', async () => {
    const before = taken;
    await sleep(200);
    taken = await stat('http.ingress_http.downstream_cx_rx_bytes_total');
    return taken === before && taken > 0;
  });
  connection.end();
  await stop();
  return taken / size;
}

test('what Envoy holds of a fast upload for a slow API', async () => {
  api.handler = (request) => request.pause();
  // The system's own buffers hold some of it in both cases.
  expect(await takenFor('64MiB')).toBeGreaterThan(0.95);
  expect(await takenFor('32KiB')).toBeLessThan(0.6);
});

test('off', async () => {
  api.handler = (_, response) => response.end();
  const envoy = await startEnvoy({ upstream: api, limits: false });
  expect(await envoy.call()).toMatchObject({ status: 200 });
  expect(envoy.stderr()).toContain('no configured limit to the number of allowed active downstream connections');
});
