import net from 'node:net';
import { atEnd, until } from './cleanup';
import { type Envoy, startEnvoy } from './envoy';
import { connectRaw } from './http';
import { freePort } from './ports';

/** An API that writes down, letter by letter, what comes, and answers 200 to the end of each piece. */
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

/** The first answer to these bytes. */
async function answerTo(text: string): Promise<string> {
  const connection = await connectRaw(envoy.port);
  connection.send(text);
  return until('an answer', () => connection.received());
}

describe('is refused, and nothing of it reaches the API:', () => {
  test.each<[string, string, number]>([
    ['Content-Length and chunks', `${post('Content-Length: 5', CHUNKED)}0\r\n\r\n${SMUGGLED}`, 400],
    ['chunks and Content-Length', `${post(CHUNKED, 'Content-Length: 5')}0\r\n\r\n${SMUGGLED}`, 400],
    ['two lengths', post('Content-Length: 0', `Content-Length: ${LENGTH}`) + SMUGGLED, 400],
    ['the same length twice', `${post('Content-Length: 1', 'Content-Length: 1')}x`, 400],
    ['a list of lengths', post(`Content-Length: 0, ${LENGTH}`) + SMUGGLED, 400],
    ['a negative length', post('Content-Length: -1') + SMUGGLED, 400],
    ['a length with a plus', `${post('Content-Length: +5')}hello`, 400],
    ['a length in hex', `${post('Content-Length: 0x5')}hello`, 400],
    ['a length beyond 64 bits', `${post('Content-Length: 18446744073709551621')}hello`, 400],
    ['an unknown coding', `${post('Transfer-Encoding: xchunked')}0\r\n\r\n${SMUGGLED}`, 501],
    ['identity with a length', post('Transfer-Encoding: identity', 'Content-Length: 0') + SMUGGLED, 400],
    ['chunked that is not the last', `${post('Transfer-Encoding: chunked, identity')}0\r\n\r\n${SMUGGLED}`, 501],
    ['a coding before chunked', `${post('Transfer-Encoding: gzip, chunked')}0\r\n\r\n${SMUGGLED}`, 501],
    ['two codings', `${post(CHUNKED, 'Transfer-Encoding: identity')}0\r\n\r\n${SMUGGLED}`, 501],
    ['chunked twice', `${post(CHUNKED, CHUNKED)}0\r\n\r\n${SMUGGLED}`, 501],
    ['a space before the colon', `${post('Transfer-Encoding : chunked', 'Content-Length: 0')}${SMUGGLED}`, 400],
    ['a vertical tab before chunked', `${post('Transfer-Encoding: \x0bchunked')}0\r\n\r\n${SMUGGLED}`, 400],
    ['a first header that begins with a space', 'POST /outer HTTP/1.1\r\n Host: api\r\nHost: api\r\n\r\n', 400],
    ['a line feed in a value', post('X-A: b\nContent-Length: 5', 'Content-Length: 0'), 400],
    ['a zero byte in a value', post('X-A: b\0c', 'Content-Length: 0'), 400],
    ['a zero byte in a name', post('X-\0A: b', 'Content-Length: 0'), 400],
    ['an address that is said to be of one hop', post('Connection: x-forwarded-for', 'Content-Length: 0'), 400],
    ['chunks with HTTP/1.0', `POST /outer HTTP/1.0\r\nHost: api\r\n${CHUNKED}\r\n\r\n0\r\n\r\n`, 426],
    ['a path with a space', 'GET /outer /x HTTP/1.1\r\nHost: api\r\n\r\n', 400],
    ['encoded line ends in a path', 'GET /outer%0d%0aX-A:%20b HTTP/1.1\r\nHost: api\r\n\r\n', 400],
    ['a host with a port that is no number', 'GET /outer HTTP/1.1\r\nHost: api:x\r\n\r\n', 400],
    ['two hosts', post('Host: other', 'Content-Length: 0'), 400],
    ['the same host twice', post('Host: api', 'Content-Length: 0'), 400],
    ['a host that is a list', 'GET /outer HTTP/1.1\r\nHost: api,other\r\n\r\n', 400],
    ['another HTTP/1', 'GET /outer HTTP/1.2\r\nHost: api\r\n\r\n', 426],
    ['a tunnel', `CONNECT api:80 HTTP/1.1\r\nHost: api\r\n\r\n${SMUGGLED}`, 404],
  ])('%s', async (_, text, status) => {
    const answer = await answerTo(text);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toContain('content-type: application/problem+json');
    expect(answer.match(/HTTP\/1/g)).toHaveLength(1);
    expect(api.received).toBe('');
  });
});

describe('is refused where it goes wrong, and what comes behind does not reach the API:', () => {
  test.each([
    ['a size that is no number', `zz\r\n\r\n${SMUGGLED}`],
    ['a negative size', `-5\r\nhello\r\n0\r\n\r\n${SMUGGLED}`],
    ['a size beyond 64 bits', `fffffffffffffffff\r\nhello\r\n0\r\n\r\n${SMUGGLED}`],
    ['a size with 0x', `0x5\r\nhello\r\n0\r\n\r\n${SMUGGLED}`],
    ['an extension that ends with a line feed', `5;a\nhello\r\n0\r\n\r\n${SMUGGLED}`],
    ['a chunk that is longer than it says', `5\r\nhelloXX0\r\n\r\n${SMUGGLED}`],
  ])('%s', async (_, chunks) => {
    expect(await answerTo(post(CHUNKED) + chunks)).toMatch(/^HTTP\/1\.1 400 /);
    expect(api.received).not.toContain('smuggled');
  });
});

/** The lines that reached the API without those that Envoy adds. */
const lines = () => api.received.split('\r\n').filter((line) => !/^(x-forwarded|x-envoy|x-request-id)/.test(line));

describe('reaches the API as what can be read in one way alone:', () => {
  test.each<[string, string, string[]]>([
    [
      'a value on two lines is on one',
      post('X-A: b', ` Content-Length: ${LENGTH}`, 'Content-Length: 0'),
      ['POST /outer HTTP/1.1', 'host: api', `x-a: b Content-Length: ${LENGTH}`, 'content-length: 0'],
    ],
    [
      'and so is a coding on two',
      `${post('Transfer-Encoding:', ' chunked')}0\r\n\r\n`,
      ['POST /outer HTTP/1.1', 'host: api', 'transfer-encoding: chunked', '', '0'],
    ],
    [
      'a carriage return in a value is gone',
      post('X-A: b\rTransfer-Encoding: chunked', 'Content-Length: 0'),
      ['POST /outer HTTP/1.1', 'host: api', 'x-a: bTransfer-Encoding: chunked', 'content-length: 0'],
    ],
    [
      'a length that is said to be of one hop stays',
      post('Connection: content-length', 'Content-Length: 0'),
      ['POST /outer HTTP/1.1', 'host: api', 'content-length: 0'],
    ],
    [
      'lines that end with a line feed end with both',
      'POST /outer HTTP/1.1\nHost: api\nContent-Length: 0\n\n',
      ['POST /outer HTTP/1.1', 'host: api', 'content-length: 0'],
    ],
    [
      "a whole URL's host, and not that of the header",
      'GET http://other/outer HTTP/1.1\r\nHost: api\r\n\r\n',
      ['GET /outer HTTP/1.1', 'host: other'],
    ],
    [
      'encoded line ends in a query stay encoded',
      'GET /outer?a=%0d%0aX-A:%20b HTTP/1.1\r\nHost: api\r\n\r\n',
      ['GET /outer?a=%0d%0aX-A:%20b HTTP/1.1', 'host: api'],
    ],
    [
      'a change to HTTP/2 is not offered to it',
      'GET /outer HTTP/1.1\r\nHost: api\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n',
      ['GET /outer HTTP/1.1', 'host: api'],
    ],
  ])('%s', async (_, text, expected) => {
    expect(await answerTo(text)).toMatch(/^HTTP\/1\.1 200 /);
    expect(lines()).toEqual([...expected, '', '']);
  });

  test('a request within the body of another is its body', async () => {
    const text = `POST /outer HTTP/1.1\r\nHost: api\r\nContent-Length: ${LENGTH}\r\n\r\n${SMUGGLED}`;
    expect(await answerTo(text)).toMatch(/^HTTP\/1\.1 200 /);
    await until('it is there', () => api.received.includes('smuggled'));
    await envoy.logged('/outer');
    expect(envoy.accessLog().map(({ path }) => path)).not.toContain('/smuggled');
    expect(lines().slice(0, 4)).toEqual(['POST /outer HTTP/1.1', 'host: api', `content-length: ${LENGTH}`, '']);
  });
});
