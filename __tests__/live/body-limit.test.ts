import { type Backend, startBackend } from './backend';
import { binary } from './binaries';
import { until } from './cleanup';
import { type Envoy, prepare, run, startEnvoy } from './envoy';
import { call, connectRaw } from './http';
import { problemOf } from './problem';

const LIMIT = 64 * 1_024;
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
  ['with chunked encoding', CHUNKED],
])('a request body %s', (_, headers) => {
  test('passes up to the limit, which exceeds the connection buffer', async () => {
    expect(await post(envoy.port, LIMIT, headers)).toMatchObject({ status: 200, body: String(LIMIT) });
  });

  test.each([1, 1_000_000])('gets 413 with %d bytes above the limit, and does not reach the API', async (more) => {
    const answer = await post(envoy.port, LIMIT + more, headers);
    expect(answer.status).toBe(413);
    expect(problemOf(answer).problem).toEqual({ status: 413, title: 'Content Too Large' });
    expect(api.seen).toEqual([]);
  });
});

test('passes a request without a body', async () => {
  expect(await envoy.call()).toMatchObject({ status: 200, body: '0' });
});

test('a route replaces the limit or turns it off', async () => {
  const { port } = envoy;
  expect((await post(port, 1_024, {}, '/small')).body).toBe('1024');
  expect((await post(port, 1_025, CHUNKED, '/small')).status).toBe(413);
  expect((await post(port, 10 * LIMIT, CHUNKED, '/any')).body).toBe(String(10 * LIMIT));
});

test('holds an incomplete body back from the API', async () => {
  const [held, handed] = await Promise.all([connectRaw(envoy.port), connectRaw(envoy.port)]);
  held.send('POST /held HTTP/1.1\r\nHost: api\r\nContent-Length: 10\r\n\r\nabc');
  handed.send('POST /any HTTP/1.1\r\nHost: api\r\nContent-Length: 10\r\n\r\nabc');
  await until('the API has received the body of the route without limit', () => received === 3);
  expect(api.seen.map(({ url }) => url)).toEqual(['/any']);
  held.send('defghij');
  await until('the complete request is answered', () => held.received().endsWith('10'));
});

describe('a streaming limit in Envoy 1.40', () => {
  let port: number;

  beforeAll(async () => {
    const prepared = await prepare({
      upstream: api,
      envoyVersion: '1.40',
      bodyLimit: { maxSize: '64KiB', streaming: true },
      requestBuffering: false,
      routes: [{ path: '/small', bodyLimit: '1KiB' }],
    });
    port = prepared.port;
    run(binary('1.40'), prepared.args);
    await until('Envoy is ready', () =>
      call({ port }).then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
  });

  test('passes the body to the API while the client sends it', async () => {
    const connection = await connectRaw(port);
    connection.send('POST / HTTP/1.1\r\nHost: api\r\nContent-Length: 10\r\n\r\nabc');
    await until('the API has received the first bytes', () => received === 3);
  });

  test('rejects a body immediately if content-length exceeds the limit', async () => {
    const connection = await connectRaw(port);
    connection.send('POST / HTTP/1.1\r\nHost: api\r\nContent-Length: 65537\r\n\r\n');
    await until('Envoy responds with 413', () => /^HTTP\/1.1 413 /.test(connection.received()));
    expect(api.seen).toEqual([]);
  });

  test('rejects a chunked body when it exceeds the limit', async () => {
    expect((await post(port, LIMIT, CHUNKED)).body).toBe(String(LIMIT));
    expect((await post(port, 3 * LIMIT, CHUNKED)).status).toBe(413);
    expect(received).toBeLessThanOrEqual(2 * LIMIT);
  });

  test('can be replaced on a route', async () => {
    expect((await post(port, 1_025, CHUNKED, '/small')).status).toBe(413);
  });
});
