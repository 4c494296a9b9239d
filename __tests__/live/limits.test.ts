import http2 from 'node:http2';
import type { Bootstrap, LimitOptions } from '../../envoy';
import { type Backend, startBackend } from './backend';
import { atEnd, sleep, until } from './cleanup';
import { startEnvoy } from './envoy';
import { call, connectRaw } from './http';

let api: Backend;

beforeAll(async () => {
  api = await startBackend();
});

const REQUEST = 'GET / HTTP/1.1\r\nHost: api\r\n\r\n';

test('closes a connection above the limit, and serves a new one after another has ended', async () => {
  const envoy = await startEnvoy({ upstream: api, limits: { maxConnections: 2 } });
  const connect = async () => {
    const connection = await connectRaw(envoy.port);
    connection.send(REQUEST);
    return connection;
  };
  const first = await connect();
  await until('the first connection has a response', () => first.received());
  const second = await connect();
  await until('the second connection has a response', () => second.received());

  expect(await (await connect()).closed).toBe('');
  expect([first.isClosed(), second.isClosed()]).toEqual([false, false]);

  first.end();
  await until('a new connection has a response', async () => {
    const connection = await connect();
    return Promise.race([connection.closed, until('a response', () => connection.received())]);
  });
});

test('closes idle connections when the limit is reached, so that new clients are served', async () => {
  const envoy = await startEnvoy({ upstream: api, limits: { maxConnections: 10, maxHeapSize: '512MiB' } });
  const idle = await Promise.all(Array.from({ length: 10 }, () => connectRaw(envoy.port)));
  for (const connection of idle) {
    connection.send(REQUEST);
  }
  await until('all connections are served', () => idle.every(({ received }) => received().startsWith('HTTP/1.1 200')));
  expect(await (await connectRaw(envoy.port)).closed).toBe('');
  const status = () =>
    envoy.call().then(
      ({ status }) => status,
      () => undefined,
    );
  await until('a new client is served', async () => (await status()) === 200, 30);
  expect(idle.some(({ isClosed }) => isClosed())).toBe(true);
});

describe('the limit of streams per HTTP/2 connection', () => {
  const held: (() => void)[] = [];

  beforeAll(() => {
    api.handler = (_, response) => held.push(() => response.end('held'));
  });

  afterAll(() => {
    api.handler = (_, response) => response.end();
  });

  /** Opens all streams at once, before the client receives the limit of the server. */
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

  test('is 100 by default', async () => {
    const envoy = await startEnvoy({ upstream: api });
    const { settings } = await openStreams(envoy.port, 1);
    expect(settings).toMatchObject({ maxConcurrentStreams: 100, initialWindowSize: 65_536 });
  });

  test('refuses streams above it, and serves the others', async () => {
    const envoy = await startEnvoy({ upstream: api, limits: { maxConcurrentStreams: 2 } });
    held.length = 0;
    const { settings, streams } = await openStreams(envoy.port, 4);
    expect(settings.maxConcurrentStreams).toBe(2);
    const refused = await Promise.all(streams.slice(2));
    expect(refused).toEqual([expect.stringContaining('REFUSED_STREAM'), expect.stringContaining('REFUSED_STREAM')]);
    await until('the API holds both requests', () => held.length === 2);
    for (const answer of held) {
      answer();
    }
    expect(await Promise.all(streams.slice(0, 2))).toEqual(['200', '200']);
  });
});

test('closes the connection of a client that resets its streams immediately, and serves other clients', async () => {
  const envoy = await startEnvoy({ upstream: api });
  const session = http2.connect(`http://127.0.0.1:${envoy.port}`);
  atEnd(() => session.destroy());
  session.on('error', () => {});
  const gone = new Promise<void>((done) => session.on('close', done));
  let isGone = false;
  gone.then(() => {
    isGone = true;
  });
  for (let opened = 0; opened < 5_000 && !isGone; opened += 1) {
    const stream = session.request({ ':path': '/reset' });
    stream.on('error', () => {});
    stream.close(http2.constants.NGHTTP2_CANCEL);
    if (opened % 50 === 0) {
      await sleep(1);
    }
  }
  await gone;
  expect(await envoy.stat('http.ingress_http.downstream_rq_too_many_premature_resets')).toBe(1);
  expect(await envoy.call()).toMatchObject({ status: 200 });
});

describe('request headers', () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, 'a']));
  const long = (kib: number) => ({ 'x-long': 'a'.repeat(kib * 1_024) });

  test.each<[string, LimitOptions, object, number]>([
    ['accepts 80 headers', {}, many(80), 200],
    ['rejects 101 headers', {}, many(101), 431],
    ['accepts headers of 50 KiB', {}, long(50), 200],
    ['rejects headers of 61 KiB', {}, long(61), 431],
    ['rejects 21 headers with a limit of 20', { maxRequestHeaders: 20 }, many(21), 431],
    ['rejects headers of 2 KiB with a limit of 1 KiB', { maxRequestHeadersSize: '1KiB' }, long(2), 431],
    ['accepts headers of 70 KiB with a limit of 80 KiB', { maxRequestHeadersSize: '80KiB' }, long(70), 200],
  ])('%s', async (_, limits, headers, status) => {
    const large = await startBackend({ maxHeaderSize: 200_000 });
    const envoy = await startEnvoy({ upstream: large, limits });
    expect((await envoy.call({ headers: { ...headers } })).status).toBe(status);
  });
});

describe('the heap limit', () => {
  const pressure = 'overload.envoy.resource_monitors.fixed_heap.pressure';

  /** Keeps only the action at 85 %, since no test can hold the heap between 85 and 90 %. */
  const refusing = (bootstrap: Bootstrap) => {
    const { loadshed_points, ...manager } = bootstrap.overload_manager ?? { resource_monitors: [] };
    return { ...bootstrap, overload_manager: manager };
  };

  test('answers 503 when the heap is almost full, and the admin view still shows the reason', async () => {
    const envoy = await startEnvoy({ upstream: api, limits: { maxHeapSize: '1MiB' }, adminView: {}, patch: refusing });
    await until('Envoy has measured the heap', async () => (await envoy.stat(pressure)) >= 98);
    const { status: refused, headers, body: problem } = await envoy.call({ path: '/full' });
    expect({ refused, type: headers['content-type'] }).toEqual({ refused: 503, type: 'application/problem+json' });
    // Envoy rejects the request before it assigns an id.
    expect(JSON.parse(problem)).toMatchObject({ status: 503, title: 'Service Unavailable', request_id: null });
    expect(await envoy.logged('/full')).toMatchObject({ status: 503, details: 'overload' });
    const { status, body } = await call({ port: envoy.adminViewPort, path: '/stats' });
    expect(status).toBe(200);
    expect(body).toContain('overload.envoy.overload_actions.stop_accepting_requests.active: 1');
  });

  test('closes new connections when the heap is full, and the admin view still shows the reason', async () => {
    const envoy = await startEnvoy({ upstream: api, limits: { maxHeapSize: '1MiB' }, adminView: {} });
    await until('Envoy has measured the heap', async () => (await envoy.stat(pressure)) >= 98);
    expect(await (await connectRaw(envoy.port)).closed).toBe('');
    const { status, body } = await call({ port: envoy.adminViewPort, path: '/stats' });
    expect(status).toBe(200);
    expect(body).toMatch(/tcp_listener_accept\.shed_load_count: [1-9]/);
  });

  test('closes existing connections that send data when the heap is full', async () => {
    const accepting = (bootstrap: Bootstrap) => {
      const { loadshed_points = [], ...manager } = bootstrap.overload_manager ?? { resource_monitors: [] };
      const points = loadshed_points.filter(({ name }) => !name.endsWith('accept'));
      return { ...bootstrap, overload_manager: { ...manager, loadshed_points: points } };
    };
    const envoy = await startEnvoy({ upstream: api, limits: { maxHeapSize: '1MiB' }, patch: accepting });
    await until('Envoy has measured the heap', async () => (await envoy.stat(pressure)) >= 98);
    const connection = await connectRaw(envoy.port);
    connection.send(REQUEST.slice(0, 20));
    expect(await connection.closed).not.toContain('HTTP/1.1 200');
  });

  test('serves requests while the heap is not full', async () => {
    const envoy = await startEnvoy({ upstream: api, limits: { maxHeapSize: '512MiB' } });
    await until('Envoy has measured the heap', async () => (await envoy.stat(pressure)) >= 0);
    expect(await envoy.stat(pressure)).toBeLessThan(50);
    expect(await envoy.call()).toMatchObject({ status: 200 });
  });
});

/** Returns the share of an upload that Envoy accepts while the API reads nothing. */
async function acceptedShare(connectionBufferLimit: '32KiB' | '64MiB'): Promise<number> {
  const size = 48 * 1_024 ** 2;
  const { port, stop, stat } = await startEnvoy({ upstream: api, limits: { connectionBufferLimit }, retries: false });
  const connection = await connectRaw(port);
  connection.send(`POST / HTTP/1.1\r\nHost: api\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`);
  let taken = -1;
  let still = 0;
  // Envoy must accept nothing for a second, since it may pause on a busy machine.
  await until('Envoy accepts no more data', async () => {
    const before = taken;
    await sleep(200);
    taken = await stat('http.ingress_http.downstream_cx_rx_bytes_total');
    still = taken === before && taken > 0 ? still + 1 : 0;
    return still === 5;
  });
  connection.end();
  await stop();
  return taken / size;
}

test('buffers a fast upload for a slow API up to the limit per connection', async () => {
  api.handler = (request) => request.pause();
  // The socket buffers of the system hold a part in both cases.
  expect(await acceptedShare('64MiB')).toBeGreaterThan(0.95);
  expect(await acceptedShare('32KiB')).toBeLessThan(0.6);
});

test('has no limits with limits: false', async () => {
  api.handler = (_, response) => response.end();
  const envoy = await startEnvoy({ upstream: api, limits: false });
  expect(await envoy.call()).toMatchObject({ status: 200 });
  expect(envoy.stderr()).toContain('no configured limit to the number of allowed active downstream connections');
});
