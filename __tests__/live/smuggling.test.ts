import net from 'node:net';
import { atEnd, until } from './cleanup';
import { type Envoy, startEnvoy } from './envoy';
import { connectRaw } from './http';
import { freePort } from './ports';

/** An API that records every received byte, and answers 200 after each empty line. */
const api = { host: '127.0.0.1', port: 0, received: '' };
let envoy: Envoy;

beforeAll(async () => {
  api.port = await freePort();
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.setEncoding('latin1');
    socket.on('error', () => {});
    socket.on('data', (text: string) => {
      api.received += text;
      if (api.received.endsWith('\r\n\r\n')) {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      }
    });
  });
  await new Promise<void>((done) => server.listen(api.port, api.host, done));
  atEnd(() => {
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
  });
  envoy = await startEnvoy({ upstream: { host: api.host, port: api.port }, retries: false });
});

beforeEach(() => {
  api.received = '';
});

const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: api\r\n\r\n';
const LENGTH = SMUGGLED.length;
const CHUNKED = 'Transfer-Encoding: chunked';

const post = (...lines: string[]) => ['POST /outer HTTP/1.1', 'Host: api', ...lines, '', ''].join('\r\n');

/** Sends these bytes and returns the first response. */
async function answerTo(text: string): Promise<string> {
  const connection = await connectRaw(envoy.port);
  connection.send(text);
  return until('a response', () => connection.received());
}

describe('rejects before the API', () => {
  test.each<[string, string, number]>([
    ['content-length before transfer-encoding', `${post('Content-Length: 5', CHUNKED)}0\r\n\r\n${SMUGGLED}`, 400],
    ['transfer-encoding before content-length', `${post(CHUNKED, 'Content-Length: 5')}0\r\n\r\n${SMUGGLED}`, 400],
    ['two lengths', post('Content-Length: 0', `Content-Length: ${LENGTH}`) + SMUGGLED, 400],
    ['the same length twice', `${post('Content-Length: 1', 'Content-Length: 1')}x`, 400],
    ['a list of lengths', post(`Content-Length: 0, ${LENGTH}`) + SMUGGLED, 400],
    ['a negative length', post('Content-Length: -1') + SMUGGLED, 400],
    ['a length with a plus', `${post('Content-Length: +5')}hello`, 400],
    ['a length in hex', `${post('Content-Length: 0x5')}hello`, 400],
    ['a length beyond 64 bits', `${post('Content-Length: 18446744073709551621')}hello`, 400],
    ['an unknown transfer coding', `${post('Transfer-Encoding: xchunked')}0\r\n\r\n${SMUGGLED}`, 501],
    ['the coding identity with a length', post('Transfer-Encoding: identity', 'Content-Length: 0') + SMUGGLED, 400],
    ['a coding after chunked', `${post('Transfer-Encoding: chunked, identity')}0\r\n\r\n${SMUGGLED}`, 501],
    ['a coding before chunked', `${post('Transfer-Encoding: gzip, chunked')}0\r\n\r\n${SMUGGLED}`, 501],
    ['two codings', `${post(CHUNKED, 'Transfer-Encoding: identity')}0\r\n\r\n${SMUGGLED}`, 501],
    ['chunked twice', `${post(CHUNKED, CHUNKED)}0\r\n\r\n${SMUGGLED}`, 501],
    ['a space before the colon', `${post('Transfer-Encoding : chunked', 'Content-Length: 0')}${SMUGGLED}`, 400],
    ['a vertical tab before chunked', `${post('Transfer-Encoding: \x0bchunked')}0\r\n\r\n${SMUGGLED}`, 400],
    ['a first header that starts with a space', 'POST /outer HTTP/1.1\r\n Host: api\r\nHost: api\r\n\r\n', 400],
    ['a line feed in a value', post('X-A: b\nContent-Length: 5', 'Content-Length: 0'), 400],
    ['a zero byte in a value', post('X-A: b\0c', 'Content-Length: 0'), 400],
    ['a zero byte in a name', post('X-\0A: b', 'Content-Length: 0'), 400],
    ['x-forwarded-for as a hop-by-hop header', post('Connection: x-forwarded-for', 'Content-Length: 0'), 400],
    ['chunked encoding with HTTP/1.0', `POST /outer HTTP/1.0\r\nHost: api\r\n${CHUNKED}\r\n\r\n0\r\n\r\n`, 426],
    ['a path with a space', 'GET /outer /x HTTP/1.1\r\nHost: api\r\n\r\n', 400],
    ['encoded line ends in a path', 'GET /outer%0d%0aX-A:%20b HTTP/1.1\r\nHost: api\r\n\r\n', 400],
    ['a host with an invalid port', 'GET /outer HTTP/1.1\r\nHost: api:x\r\n\r\n', 400],
    ['two hosts', post('Host: other', 'Content-Length: 0'), 400],
    ['the same host twice', post('Host: api', 'Content-Length: 0'), 400],
    ['a list of hosts', 'GET /outer HTTP/1.1\r\nHost: api,other\r\n\r\n', 400],
    ['HTTP/1.2', 'GET /outer HTTP/1.2\r\nHost: api\r\n\r\n', 426],
    ['CONNECT with another request behind it', `CONNECT api:80 HTTP/1.1\r\nHost: api\r\n\r\n${SMUGGLED}`, 404],
  ])('%s', async (_, text, status) => {
    const answer = await answerTo(text);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toContain('content-type: application/problem+json');
    expect(answer.match(/HTTP\/1/g)).toHaveLength(1);
    expect(api.received).toBe('');
  });
});

describe('rejects a chunked body with an invalid chunk, and the request behind it does not reach the API:', () => {
  test.each([
    ['a size that is no hexadecimal number', `zz\r\n\r\n${SMUGGLED}`],
    ['a negative size', `-5\r\nhello\r\n0\r\n\r\n${SMUGGLED}`],
    ['a size beyond 64 bits', `fffffffffffffffff\r\nhello\r\n0\r\n\r\n${SMUGGLED}`],
    ['a size with 0x', `0x5\r\nhello\r\n0\r\n\r\n${SMUGGLED}`],
    ['an extension that ends with a line feed', `5;a\nhello\r\n0\r\n\r\n${SMUGGLED}`],
    ['a chunk longer than its size', `5\r\nhelloXX0\r\n\r\n${SMUGGLED}`],
  ])('%s', async (_, chunks) => {
    expect(await answerTo(post(CHUNKED) + chunks)).toMatch(/^HTTP\/1\.1 400 /);
    expect(api.received).not.toContain('smuggled');
  });
});

/** Returns the lines that reached the API, without those that Envoy adds. */
const lines = () => api.received.split('\r\n').filter((line) => !/^(x-forwarded|x-envoy|x-request-id)/.test(line));

describe('passes an unambiguous request to the API:', () => {
  test.each<[string, string, string[]]>([
    [
      'joins a header value on two lines',
      post('X-A: b', ` Content-Length: ${LENGTH}`, 'Content-Length: 0'),
      ['POST /outer HTTP/1.1', 'host: api', `x-a: b Content-Length: ${LENGTH}`, 'content-length: 0'],
    ],
    [
      'joins a transfer coding on two lines',
      `${post('Transfer-Encoding:', ' chunked')}0\r\n\r\n`,
      ['POST /outer HTTP/1.1', 'host: api', 'transfer-encoding: chunked', '', '0'],
    ],
    [
      'removes a carriage return from a header value',
      post('X-A: b\rTransfer-Encoding: chunked', 'Content-Length: 0'),
      ['POST /outer HTTP/1.1', 'host: api', 'x-a: bTransfer-Encoding: chunked', 'content-length: 0'],
    ],
    [
      'keeps content-length although connection lists it',
      post('Connection: content-length', 'Content-Length: 0'),
      ['POST /outer HTTP/1.1', 'host: api', 'content-length: 0'],
    ],
    [
      'replaces line feeds by carriage return and line feed',
      'POST /outer HTTP/1.1\nHost: api\nContent-Length: 0\n\n',
      ['POST /outer HTTP/1.1', 'host: api', 'content-length: 0'],
    ],
    [
      'uses the host of an absolute URL in place of the header',
      'GET http://other/outer HTTP/1.1\r\nHost: api\r\n\r\n',
      ['GET /outer HTTP/1.1', 'host: other'],
    ],
    [
      'keeps encoded line ends in a query encoded',
      'GET /outer?a=%0d%0aX-A:%20b HTTP/1.1\r\nHost: api\r\n\r\n',
      ['GET /outer?a=%0d%0aX-A:%20b HTTP/1.1', 'host: api'],
    ],
    [
      'removes an upgrade to h2c',
      'GET /outer HTTP/1.1\r\nHost: api\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n',
      ['GET /outer HTTP/1.1', 'host: api'],
    ],
  ])('%s', async (_, text, expected) => {
    expect(await answerTo(text)).toMatch(/^HTTP\/1\.1 200 /);
    expect(lines()).toEqual([...expected, '', '']);
  });

  test('treats a request within a body as body', async () => {
    const text = `POST /outer HTTP/1.1\r\nHost: api\r\nContent-Length: ${LENGTH}\r\n\r\n${SMUGGLED}`;
    expect(await answerTo(text)).toMatch(/^HTTP\/1\.1 200 /);
    await until('the API has received the body', () => api.received.includes('smuggled'));
    await envoy.logged('/outer');
    expect(envoy.accessLog().map(({ path }) => path)).not.toContain('/smuggled');
    expect(lines().slice(0, 4)).toEqual(['POST /outer HTTP/1.1', 'host: api', `content-length: ${LENGTH}`, '']);
  });
});
