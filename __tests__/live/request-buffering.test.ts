import http2 from 'node:http2';
import { type Backend, startBackend } from './backend';
import { atEnd, sleep, until } from './cleanup';
import { type Envoy, startEnvoy } from './envoy';
import { call, connectRaw, statuses } from './http';

const BUFFERED_SIZE = 16 * 1_024;
const MAX_STREAMED = 10;

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
    circuitBreaker: { maxConnections: 2 * MAX_STREAMED },
    // Idle connections of other threads would count towards this limit.
    concurrency: 1,
    routes: [{ path: '/off', requestBuffering: false }],
  });
});

beforeEach(() => {
  api.seen.length = 0;
});

/** Returns a function that sends a request over HTTP/1.1 with an incomplete body. */
const unfinished = (start: string) => async () => {
  const { received, isClosed, send, end } = await connectRaw(envoy.port);
  send(`${start}\r\n\r\n`);
  return { isOver: () => isClosed() || received() !== '', end };
};

/** Returns a function that sends a request over HTTP/2 with an incomplete body. */
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

describe('other requests are served during 60 incomplete bodies, three times the connections of the API', () => {
  const COUNT = 60;

  test.each<[string, number, () => Promise<{ isOver: () => boolean; end: () => void }>]>([
    ['with small bodies', COUNT, unfinished('POST /slow HTTP/1.1\r\nHost: api\r\nContent-Length: 4096')],
    ['with large bodies', MAX_STREAMED, unfinished('POST /slow HTTP/1.1\r\nHost: api\r\nContent-Length: 100000')],
    ['with chunked POST', MAX_STREAMED, unfinished('POST /slow HTTP/1.1\r\nHost: api\r\nTransfer-Encoding: chunked')],
    ['with chunked GET', COUNT, unfinished('GET /slow HTTP/1.1\r\nHost: api\r\nTransfer-Encoding: chunked')],
    [
      'with a failed upgrade',
      MAX_STREAMED,
      unfinished('POST /slow HTTP/1.1\r\nHost: api\r\nUpgrade: websocket\r\nContent-Length: 100000'),
    ],
    [
      'with leading zeros in content-length',
      MAX_STREAMED,
      unfinished('POST /slow HTTP/1.1\r\nHost: api\r\nContent-Length: 0000004096'),
    ],
    ['with GET over HTTP/2', COUNT, unfinishedStream({ ':method': 'GET' })],
    ['with small bodies over HTTP/2', COUNT, unfinishedStream({ ':method': 'POST', 'content-length': 4096 })],
    ['with POST without a length over HTTP/2', MAX_STREAMED, unfinishedStream({ ':method': 'POST' })],
    [
      'with gRPC',
      MAX_STREAMED,
      unfinishedStream({ ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers' }),
    ],
  ])('%s', async (_, held, begin) => {
    const slow = await Promise.all(Array.from({ length: COUNT }, begin));
    try {
      await until('the other slow requests are rejected', () => slow.filter(({ isOver }) => !isOver()).length === held);
      const { port } = envoy;
      expect(await statuses(MAX_STREAMED, { port })).toEqual({ 200: MAX_STREAMED });
      const small = { port, method: 'POST', body: 'x'.repeat(BUFFERED_SIZE) };
      expect(await statuses(MAX_STREAMED, small)).toEqual({ 200: MAX_STREAMED });
      expect(slow.filter(({ isOver }) => !isOver())).toHaveLength(held);
    } finally {
      for (const { end } of slow) {
        end();
      }
    }
    await until('the API has no open request', async () => (await envoy.stat('cluster.api.upstream_rq_active')) === 0);
  });
});

describe('a request body', () => {
  const post = (size: number, headers = {}) =>
    call({ port: envoy.port, method: 'POST', body: 'x'.repeat(size), headers });

  test('reaches the API when it is complete if it is small, and as a stream if it is large', async () => {
    const [small, large] = await Promise.all([connectRaw(envoy.port), connectRaw(envoy.port)]);
    const start = (path: string, size: number) =>
      `POST ${path} HTTP/1.1\r\nHost: api\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size - 1)}`;
    small.send(start('/small', BUFFERED_SIZE));
    large.send(start('/large', BUFFERED_SIZE + 1));
    await until('the API has the large request', () => api.seen.length === 1);
    expect(api.seen.map(({ url }) => url)).toEqual(['/large']);
    small.send('x');
    large.send('x');
    await until('both requests are answered', () => small.received() !== '' && large.received() !== '');
    expect([small.received(), large.received()]).toEqual([
      expect.stringMatching(new RegExp(`${BUFFERED_SIZE}$`)),
      expect.stringContaining(String(BUFFERED_SIZE + 1)),
    ]);
  });

  test('arrives completely, also after more large requests than may stream at once', async () => {
    for (let turn = 0; turn < 2 * MAX_STREAMED; turn += 1) {
      expect(await post(1_000_000)).toMatchObject({ status: 200, body: '1000000' });
      expect(await post(50_000, { 'transfer-encoding': 'chunked' })).toMatchObject({ status: 200, body: '50000' });
    }
    expect(await post(0)).toMatchObject({ status: 200, body: '0' });
  });

  test.each([100, 100_000])('of %d bytes with expect: 100-continue arrives', async (size) => {
    const connection = await connectRaw(envoy.port);
    connection.send(`POST / HTTP/1.1\r\nHost: api\r\nExpect: 100-continue\r\nContent-Length: ${size}\r\n\r\n`);
    await until('Envoy sends 100', () => connection.received().startsWith('HTTP/1.1 100'));
    connection.send('x'.repeat(size));
    await until('the request is answered', () => connection.received().includes('HTTP/1.1 200'));
  });

  test('arrives completely over a slow connection during slow requests of an attacker', async () => {
    const begin = unfinished('POST /slow HTTP/1.1\r\nHost: api\r\nContent-Length: 100000');
    const slow = await Promise.all(Array.from({ length: MAX_STREAMED - 1 }, begin));
    await until('the API has all slow requests', () => api.seen.length === MAX_STREAMED - 1);
    const connection = await connectRaw(envoy.port);
    const part = 'x'.repeat(100_000);
    connection.send(`POST / HTTP/1.1\r\nHost: api\r\nContent-Length: ${20 * part.length}\r\n\r\n`);
    for (let sent = 0; sent < 20; sent += 1) {
      connection.send(part);
      await sleep(50);
    }
    await until('the request is answered', () => connection.received().includes(String(20 * part.length)));
    for (const { end } of slow) {
      end();
    }
  });

  test('of GET over HTTP/2 gets 413 above the size that Envoy buffers', async () => {
    const session = http2.connect(`http://127.0.0.1:${envoy.port}`);
    atEnd(() => session.destroy());
    const ask = (size: number) =>
      new Promise<number>((done, failed) => {
        const stream = session.request({ ':path': '/', ':method': 'GET' }, { endStream: false });
        stream.on('response', ({ ':status': status }) => done(status ?? 0));
        stream.on('error', failed);
        stream.end('x'.repeat(size));
      });
    expect(await ask(BUFFERED_SIZE)).toBe(200);
    expect(await ask(BUFFERED_SIZE + 1)).toBe(413);
  });
});

test('passes a bidirectional stream in both directions before the request ends', async () => {
  const session = http2.connect(`http://127.0.0.1:${envoy.port}`);
  atEnd(() => session.destroy());
  const stream = session.request({ ':path': '/echo', ':method': 'POST' }, { endStream: false });
  let text = '';
  stream.on('data', (part) => {
    text += part;
  });
  for (const word of ['one', 'two', 'three']) {
    stream.write(word);
    await until(`the API echoes ${word}`, () => text.endsWith(word));
  }
  stream.end();
});

test('streams a small body on a route with requestBuffering: false', async () => {
  const connection = await connectRaw(envoy.port);
  connection.send('POST /off HTTP/1.1\r\nHost: api\r\nContent-Length: 10\r\n\r\nabc');
  await until('the API has the request', () => api.seen.length === 1);
  connection.end();
});
