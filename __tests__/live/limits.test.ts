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

test('with no connection left, idle ones are closed, and a new one finds a place', async () => {
  const envoy = await startEnvoy({ upstream: api, limits: { connections: 10, heap: '512MiB' } });
  const idle = await Promise.all(Array.from({ length: 10 }, () => connectRaw(envoy.port)));
  for (const connection of idle) {
    connection.send(REQUEST);
  }
  await until('all are served', () => idle.every(({ received }) => received().startsWith('HTTP/1.1 200')));
  expect(await (await connectRaw(envoy.port)).closed).toBe('');
  const status = () =>
    envoy.call().then(
      ({ status }) => status,
      () => undefined,
    );
  await until('a new one is served', async () => (await status()) === 200, 30);
  expect(idle.some(({ isClosed }) => isClosed())).toBe(true);
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

test('a client that opens streams to reset them at once loses its connection, and others are served', async () => {
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

describe('headers', () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, 'a']));
  const long = (kib: number) => ({ 'x-long': 'a'.repeat(kib * 1_024) });

  test.each<[string, LimitOptions, object, number]>([
    ['80 are enough', {}, many(80), 200],
    ['101 are too many', {}, many(101), 431],
    ['of 50 KiB pass', {}, long(50), 200],
    ['of 61 KiB do not', {}, long(61), 431],
    ['21 of 20', { headerCount: 20 }, many(21), 431],
    ['2 KiB of 1', { headers: '1KiB' }, long(2), 431],
    ['70 KiB of 80', { headers: '80KiB' }, long(70), 200],
  ])('%s', async (_, limits, headers, status) => {
    const large = await startBackend({ maxHeaderSize: 200_000 });
    const envoy = await startEnvoy({ upstream: large, limits });
    expect((await envoy.call({ headers: { ...headers } })).status).toBe(status);
  });
});

describe('heap', () => {
  const pressure = 'overload.envoy.resource_monitors.fixed_heap.pressure';

  /** With what Envoy does at 85 % alone, since no heap stays between that and 90 %. */
  const refusing = (bootstrap: Bootstrap) => {
    const { loadshed_points, ...manager } = bootstrap.overload_manager ?? { resource_monitors: [] };
    return { ...bootstrap, overload_manager: manager };
  };

  test('one that fills up answers 503, and the admin view still shows why', async () => {
    const envoy = await startEnvoy({ upstream: api, limits: { heap: '1MiB' }, adminView: {}, patch: refusing });
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

  test('a full one closes connections as they arrive, and the admin view still shows why', async () => {
    const envoy = await startEnvoy({ upstream: api, limits: { heap: '1MiB' }, adminView: {} });
    await until('it is measured', async () => (await envoy.stat(pressure)) >= 98);
    expect(await (await connectRaw(envoy.port)).closed).toBe('');
    const { status, body } = await call({ port: envoy.adminViewPort, path: '/stats' });
    expect(status).toBe(200);
    expect(body).toMatch(/tcp_listener_accept\.shed_load_count: [1-9]/);
  });

  test('a full one closes connections that were there before, when more is sent on them', async () => {
    const accepting = (bootstrap: Bootstrap) => {
      const { loadshed_points = [], ...manager } = bootstrap.overload_manager ?? { resource_monitors: [] };
      const points = loadshed_points.filter(({ name }) => !name.endsWith('accept'));
      return { ...bootstrap, overload_manager: { ...manager, loadshed_points: points } };
    };
    const envoy = await startEnvoy({ upstream: api, limits: { heap: '1MiB' }, patch: accepting });
    await until('it is measured', async () => (await envoy.stat(pressure)) >= 98);
    const connection = await connectRaw(envoy.port);
    connection.send(REQUEST.slice(0, 20));
    expect(await connection.closed).not.toContain('HTTP/1.1 200');
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
  let still = 0;
  // For a second: on a busy machine it also pauses in the midst of it.
  await until('Envoy takes no more', async () => {
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
