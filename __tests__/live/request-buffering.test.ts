import http2 from 'node:http2';
import { type Backend, startBackend } from './backend';
import { atEnd, sleep, until } from './cleanup';
import { type Envoy, startEnvoy } from './envoy';
import { call, connectRaw, statuses } from './http';

const HELD = 16 * 1_024;
const STREAMED = 10;

let api: Backend;
let envoy: Envoy;

beforeAll(async () => {
  api = await startBackend({
    handler: (request, response) => {
      if (request.url === '/echo') {
        request.pipe(response);
        return;
      }
      let size = 0;
      request.on('data', (part: Buffer) => {
        size += part.length;
      });
      request.on('end', () => response.end(String(size)));
    },
  });
  envoy = await startEnvoy({
    upstream: api,
    circuitBreaker: { connections: 2 * STREAMED },
    // A thread can't use idle connections of another one, and they count towards these few.
    concurrency: 1,
    routes: [{ path: '/off', requestBuffering: false }],
  });
});

beforeEach(() => {
  api.seen.length = 0;
});

/** A request over HTTP/1.1 whose body does not end. */
const unfinished = (start: string) => async () => {
  const { received, isClosed, send, end } = await connectRaw(envoy.port);
  send(`${start}\r\n\r\n`);
  return { isOver: () => isClosed() || received() !== '', end };
};

/** The same over HTTP/2. */
const unfinishedStream = (headers: http2.OutgoingHttpHeaders) => {
  let session: http2.ClientHttp2Session | undefined;
  return async () => {
    if (session === undefined || session.destroyed) {
      session = http2.connect(`http://127.0.0.1:${envoy.port}`);
      session.on('error', () => {});
    }
    const own = session;
    atEnd(() => own.destroy());
    const stream = own.request({ ':path': '/slow', ...headers }, { endStream: false });
    let over = false;
    for (const event of ['response', 'error', 'close']) {
      stream.on(event, () => {
        over = true;
      });
    }
    stream.write('x');
    return { isOver: () => over, end: () => own.destroy() };
  };
};

describe('60 bodies that do not end, three times what the API takes at once, do not take it from others', () => {
  const COUNT = 60;

  test.each<[string, number, () => Promise<{ isOver: () => boolean; end: () => void }>]>([
    ['small ones', COUNT, unfinished('POST /slow HTTP/1.1\r\nHost: api\r\nContent-Length: 4096')],
    ['large ones', STREAMED, unfinished('POST /slow HTTP/1.1\r\nHost: api\r\nContent-Length: 100000')],
    ['chunks of POST', STREAMED, unfinished('POST /slow HTTP/1.1\r\nHost: api\r\nTransfer-Encoding: chunked')],
    ['chunks of GET', COUNT, unfinished('GET /slow HTTP/1.1\r\nHost: api\r\nTransfer-Encoding: chunked')],
    [
      'an upgrade that is none',
      STREAMED,
      unfinished('POST /slow HTTP/1.1\r\nHost: api\r\nUpgrade: websocket\r\nContent-Length: 100000'),
    ],
    [
      'a length with zeros before it',
      STREAMED,
      unfinished('POST /slow HTTP/1.1\r\nHost: api\r\nContent-Length: 0000004096'),
    ],
    ['GET over HTTP/2', COUNT, unfinishedStream({ ':method': 'GET' })],
    ['small ones over HTTP/2', COUNT, unfinishedStream({ ':method': 'POST', 'content-length': 4096 })],
    ['POST without a length over HTTP/2', STREAMED, unfinishedStream({ ':method': 'POST' })],
    ['gRPC', STREAMED, unfinishedStream({ ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers' })],
  ])('%s', async (_, held, begin) => {
    const slow = await Promise.all(Array.from({ length: COUNT }, begin));
    try {
      await until('the others are refused', () => slow.filter(({ isOver }) => !isOver()).length === held);
      const { port } = envoy;
      expect(await statuses(STREAMED, { port })).toEqual({ 200: STREAMED });
      const small = { port, method: 'POST', body: 'x'.repeat(HELD) };
      expect(await statuses(STREAMED, small)).toEqual({ 200: STREAMED });
      expect(slow.filter(({ isOver }) => !isOver())).toHaveLength(held);
    } finally {
      for (const { end } of slow) {
        end();
      }
    }
    await until('their places are free', async () => (await envoy.stat('cluster.api.upstream_rq_active')) === 0);
  });
});

describe('a body', () => {
  const post = (size: number, headers = {}) =>
    call({ port: envoy.port, method: 'POST', body: 'x'.repeat(size), headers });

  test('that is small reaches the API when it is complete, and a larger one as it comes', async () => {
    const [small, large] = await Promise.all([connectRaw(envoy.port), connectRaw(envoy.port)]);
    const start = (path: string, size: number) =>
      `POST ${path} HTTP/1.1\r\nHost: api\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size - 1)}`;
    small.send(start('/small', HELD));
    large.send(start('/large', HELD + 1));
    await until('the large one is there', () => api.seen.length === 1);
    expect(api.seen.map(({ url }) => url)).toEqual(['/large']);
    small.send('x');
    large.send('x');
    await until('both are answered', () => small.received() !== '' && large.received() !== '');
    expect([small.received(), large.received()]).toEqual([
      expect.stringMatching(new RegExp(`${HELD}$`)),
      expect.stringContaining(String(HELD + 1)),
    ]);
  });

  test('of any size and kind arrives whole, one after the other, more often than are streamed at once', async () => {
    for (let turn = 0; turn < 2 * STREAMED; turn += 1) {
      expect(await post(1_000_000)).toMatchObject({ status: 200, body: '1000000' });
      expect(await post(50_000, { 'transfer-encoding': 'chunked' })).toMatchObject({ status: 200, body: '50000' });
    }
    expect(await post(0)).toMatchObject({ status: 200, body: '0' });
  });

  test.each([100, 100_000])('of %d bytes that waits for 100-continue arrives', async (size) => {
    const connection = await connectRaw(envoy.port);
    connection.send(`POST / HTTP/1.1\r\nHost: api\r\nExpect: 100-continue\r\nContent-Length: ${size}\r\n\r\n`);
    await until('it may go on', () => connection.received().startsWith('HTTP/1.1 100'));
    connection.send('x'.repeat(size));
    await until('it is answered', () => connection.received().includes('HTTP/1.1 200'));
  });

  test('that comes slowly arrives whole while others are slow on purpose', async () => {
    const begin = unfinished('POST /slow HTTP/1.1\r\nHost: api\r\nContent-Length: 100000');
    const slow = await Promise.all(Array.from({ length: STREAMED - 1 }, begin));
    await until('all are at the API', () => api.seen.length === STREAMED - 1);
    const connection = await connectRaw(envoy.port);
    const part = 'x'.repeat(100_000);
    connection.send(`POST / HTTP/1.1\r\nHost: api\r\nContent-Length: ${20 * part.length}\r\n\r\n`);
    for (let sent = 0; sent < 20; sent += 1) {
      connection.send(part);
      await sleep(50);
    }
    await until('it is answered', () => connection.received().includes(String(20 * part.length)));
    for (const { end } of slow) {
      end();
    }
  });

  test('of GET over HTTP/2 that is larger than a held one gets 413', async () => {
    const session = http2.connect(`http://127.0.0.1:${envoy.port}`);
    atEnd(() => session.destroy());
    const ask = (size: number) =>
      new Promise<number>((done, failed) => {
        const stream = session.request({ ':path': '/', ':method': 'GET' }, { endStream: false });
        stream.on('response', ({ ':status': status }) => done(status ?? 0));
        stream.on('error', failed);
        stream.end('x'.repeat(size));
      });
    expect(await ask(HELD)).toBe(200);
    expect(await ask(HELD + 1)).toBe(413);
  });
});

test('a stream of both directions goes on while its request does not end', async () => {
  const session = http2.connect(`http://127.0.0.1:${envoy.port}`);
  atEnd(() => session.destroy());
  const stream = session.request({ ':path': '/echo', ':method': 'POST' }, { endStream: false });
  let text = '';
  stream.on('data', (part) => {
    text += part;
  });
  for (const word of ['one', 'two', 'three']) {
    stream.write(word);
    await until(`${word} comes back`, () => text.endsWith(word));
  }
  stream.end();
});

test('off on a route, the API gets a small body as it comes', async () => {
  const connection = await connectRaw(envoy.port);
  connection.send('POST /off HTTP/1.1\r\nHost: api\r\nContent-Length: 10\r\n\r\nabc');
  await until('it is there', () => api.seen.length === 1);
  connection.end();
});
