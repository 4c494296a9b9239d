import { type Backend, startBackend } from './backend';
import { binary } from './binaries';
import { until } from './cleanup';
import { type Envoy, prepare, run, startEnvoy } from './envoy';
import { call, connectRaw } from './http';
import { problemOf } from './problem';

const MOST = 64 * 1_024;
const CHUNKED = { 'transfer-encoding': 'chunked' };

let api: Backend;
let received = 0;
let envoy: Envoy;

beforeAll(async () => {
  api = await startBackend({
    handler: (request, response) => {
      let size = 0;
      request.on('data', (part: Buffer) => {
        size += part.length;
        received += part.length;
      });
      request.on('end', () => response.end(String(size)));
    },
  });
  envoy = await startEnvoy({
    upstream: api,
    bodyLimit: '64KiB',
    requestBuffering: false,
    routes: [
      { path: '/small', bodyLimit: '1KiB' },
      { path: '/any', bodyLimit: false },
    ],
  });
});

beforeEach(() => {
  api.seen.length = 0;
  received = 0;
});

const post = (port: number, size: number, headers = {}, path = '/') =>
  call({ port, method: 'POST', path, body: 'x'.repeat(size), headers });

describe.each([
  ['of a known length', {}],
  ['in chunks', CHUNKED],
])('a body %s', (_, headers) => {
  test('of the size passes, though it is more than Envoy holds for a connection', async () => {
    expect(await post(envoy.port, MOST, headers)).toMatchObject({ status: 200, body: String(MOST) });
  });

  test.each([1, 1_000_000])('of %d more gets 413, and the API sees nothing of it', async (more) => {
    const answer = await post(envoy.port, MOST + more, headers);
    expect(answer.status).toBe(413);
    expect(problemOf(answer).problem).toEqual({ status: 413, title: 'Content Too Large' });
    expect(api.seen).toEqual([]);
  });
});

test('no body is none too large', async () => {
  expect(await envoy.call()).toMatchObject({ status: 200, body: '0' });
});

test('a route has its own, or none', async () => {
  const { port } = envoy;
  expect((await post(port, 1_024, {}, '/small')).body).toBe('1024');
  expect((await post(port, 1_025, CHUNKED, '/small')).status).toBe(413);
  expect((await post(port, 10 * MOST, CHUNKED, '/any')).body).toBe(String(10 * MOST));
});

test('the API sees nothing of a body that does not end', async () => {
  const [held, handed] = await Promise.all([connectRaw(envoy.port), connectRaw(envoy.port)]);
  held.send('POST /held HTTP/1.1\r\nHost: api\r\nContent-Length: 10\r\n\r\nabc');
  handed.send('POST /any HTTP/1.1\r\nHost: api\r\nContent-Length: 10\r\n\r\nabc');
  await until('that of the other route is there', () => received === 3);
  expect(api.seen.map(({ url }) => url)).toEqual(['/any']);
  held.send('defghij');
  await until('the whole is there', () => held.received().endsWith('10'));
});

describe('streamed, with Envoy 1.40', () => {
  let port: number;

  beforeAll(async () => {
    const prepared = await prepare({
      upstream: api,
      envoyVersion: '1.40',
      bodyLimit: { size: '64KiB', streamed: true },
      requestBuffering: false,
      routes: [{ path: '/small', bodyLimit: '1KiB' }],
    });
    port = prepared.port;
    run(binary('1.40'), prepared.args);
    await until('it serves', () =>
      call({ port }).then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
  });

  test('the API gets the body while it comes', async () => {
    const connection = await connectRaw(port);
    connection.send('POST / HTTP/1.1\r\nHost: api\r\nContent-Length: 10\r\n\r\nabc');
    await until('the beginning is there', () => received === 3);
  });

  test('one that says it is too large is refused at once', async () => {
    const connection = await connectRaw(port);
    connection.send('POST / HTTP/1.1\r\nHost: api\r\nContent-Length: 65537\r\n\r\n');
    await until('it is refused', () => /^HTTP\/1.1 413 /.test(connection.received()));
    expect(api.seen).toEqual([]);
  });

  test('one in chunks is refused where it becomes too large', async () => {
    expect((await post(port, MOST, CHUNKED)).body).toBe(String(MOST));
    expect((await post(port, 3 * MOST, CHUNKED)).status).toBe(413);
    expect(received).toBeLessThanOrEqual(2 * MOST);
  });

  test('a route has its own', async () => {
    expect((await post(port, 1_025, CHUNKED, '/small')).status).toBe(413);
  });
});
