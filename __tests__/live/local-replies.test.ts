import http2 from 'node:http2';
import { assemble } from '../../envoy';
import { type Backend, startBackend } from './backend';
import { atEnd, until } from './cleanup';
import { type Envoy, startEnvoy } from './envoy';
import { type Answer, connectRaw, rawCall } from './http';
import { freePort } from './ports';
import { problemOf } from './problem';
import { Authority, startTlsBackend } from './tls-backend';
import { keySet, signingKey, token } from './tokens';

const key = signingKey('RS256');
const claims = { iss: 'https://id.example.com/', aud: 'calculator' };

let api: Backend;
let envoy: Envoy;

beforeAll(async () => {
  api = await startBackend();
  const nobody = { host: '127.0.0.1', port: await freePort() };
  envoy = await startEnvoy({
    upstream: api,
    upstreams: { nobody },
    timeouts: { requestHeaders: '500ms' },
    retries: false,
    routes: [
      { path: '/nobody', upstream: 'nobody' },
      { path: '/never', timeouts: { request: '100ms' } },
      { path: '/often', rateLimit: '1/hour' },
      { path: '/mine', directResponse: { status: 404, body: 'mine' } },
      { path: '/nothing', directResponse: { status: 503 } },
      { path: '/old', redirect: { path: '/new' } },
      { path: '/cors', cors: { allowOrigins: ['https://app.example.com'] } },
    ],
  });
});

beforeEach(() => {
  api.handler = (request, response) => request.url !== '/never' && response.end('fine');
  api.seen.length = 0;
});

const unavailable = { status: 503, title: 'Service Unavailable' };

describe('answers with a problem document', () => {
  test.each([
    ['if the API refuses connections', '/nobody', unavailable],
    ['if the API does not respond in time', '/never', { status: 504, title: 'Gateway Timeout' }],
  ])('%s', async (_, path, expected) => {
    const answer = await envoy.call({ path });
    expect(answer.status).toBe(expected.status);
    expect(problemOf(answer).problem).toEqual(expected);
  });

  test('and retry-after above the rate limit', async () => {
    await envoy.call({ path: '/often' });
    const answer = await envoy.call({ path: '/often' });
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '3600' } });
    expect(problemOf(answer).problem).toEqual({ status: 429, title: 'Too Many Requests' });
  });

  test.each<[string, string | undefined, number, object]>([
    ['without a token', undefined, 401, { title: 'Unauthorized', detail: 'Jwt is missing' }],
    [
      'for a token with another audience',
      token(key, { ...claims, aud: 'other' }),
      403,
      { title: 'Forbidden', detail: 'Audiences in Jwt are not allowed' },
    ],
    ['if the keys are unavailable', token(key, { ...claims, iss: 'away' }), 503, { title: 'Service Unavailable' }],
  ])('%s', async (_, bearer, status, expected) => {
    const audiences = ['calculator'] as const;
    const guarded = await startEnvoy({
      upstream: api,
      jwt: {
        providers: {
          main: { issuer: claims.iss, audiences, jwks: { inline: keySet(key) } },
          away: { issuer: 'away', audiences, jwks: { uri: 'https://nobody.invalid/keys' } },
        },
      },
    });
    const answer = await guarded.call({ headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` } });
    expect(answer).toMatchObject({ status, headers: { 'www-authenticate': expect.stringMatching(/^Bearer/) } });
    expect(problemOf(answer).problem).toEqual({ status, ...expected });
  });
});

test.each([
  ['a header name with an underscore', 'GET / HTTP/1.1\r\nHost: api\r\na_b: c\r\n\r\n', 400, 'Bad Request'],
  ['an invalid path', 'GET /%00 HTTP/1.1\r\nHost: api\r\n\r\n', 400, 'Bad Request'],
  ['a missing host', 'GET / HTTP/1.1\r\n\r\n', 400, 'Bad Request'],
  ['text that is no HTTP', 'hello\r\n\r\n', 400, 'Bad Request'],
  ['HTTP/1.0', 'GET / HTTP/1.0\r\nHost: api\r\n\r\n', 426, 'Upgrade Required'],
  [
    'headers of more than 60 KiB',
    `GET / HTTP/1.1\r\nHost: api\r\na: ${'b'.repeat(62_000)}\r\n\r\n`,
    431,
    'Request Header Fields Too Large',
  ],
  ['incomplete headers', 'GET / HTTP/1.1\r\nHost: api\r\n', 408, 'Request Timeout'],
])('answers %s with a problem document without a request id', async (_, request, status, title) => {
  const connection = await connectRaw(envoy.port);
  connection.send(request);
  const answer = await connection.closed;
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(head).toContain('\r\ncontent-type: application/problem+json\r\n');
  expect(JSON.parse(body)).toEqual({ type: 'about:blank', status, title, request_id: null });
  expect(api.seen).toEqual([]);
});

describe('the request id', () => {
  test('of a problem document is in the access log', async () => {
    const { id } = problemOf(await envoy.call({ path: '/nobody?1' }));
    await until('the access log has the request', () => envoy.accessLog().find(({ request_id }) => request_id === id));
  });

  test('reaches the API, and is not the one that the client sends', async () => {
    const mine = '11111111-1111-4111-8111-111111111111';
    const headers = { 'x-request-id': mine };
    await envoy.call({ path: '/seen', headers });
    const { request_id } = await envoy.logged('/seen');
    expect(api.seen[0]?.headers['x-request-id']).toBe(request_id);
    expect(request_id).not.toBe(mine);
    expect(problemOf(await envoy.call({ path: '/nobody', headers })).id).not.toBe(mine);
  });
});

describe('a problem document contains', () => {
  test('no address of the API', async () => {
    expect((await envoy.call({ path: '/nobody' })).body).not.toMatch(/127\.0\.0\.1|connect|refused|111/);
  });

  test('no TLS error of the API', async () => {
    const { host, port } = await startTlsBackend(new Authority().issue('api', 'DNS:api.test'));
    const upstream = { host, port, upstreamTls: { serverName: 'api.test' } };
    const verifying = await startEnvoy({ upstream, retries: false });
    const answer = await verifying.call({ path: '/tls' });
    expect(problemOf(answer).problem).toEqual(unavailable);
    expect((await verifying.logged('/tls')).upstream_failure).toMatch(/CERTIFICATE_VERIFY_FAILED/);
  });
});

describe('keeps unchanged', () => {
  const own = ({ status, headers, body }: Answer) => ({ status, type: headers['content-type'], body });

  test.each([
    [404, 'text/html', '<h1>no</h1>'],
    [500, 'application/json', '{"mine":true}'],
    [503, undefined, ''],
  ])('a response of the API with status %d', async (status, type, body) => {
    api.handler = (_, response) =>
      response.writeHead(status, type === undefined ? {} : { 'content-type': type }).end(body);
    expect(own(await envoy.call())).toEqual({ status, type, body });
  });

  test.each([
    ['a direct response with a body', '/mine', { status: 404, type: 'text/plain', body: 'mine' }],
    ['a direct response without a body', '/nothing', { status: 503, type: undefined, body: '' }],
    ['a redirect', '/old', { status: 308, type: undefined, body: '' }],
  ])('%s', async (_, path, expected) => {
    expect(own(await envoy.call({ path }))).toEqual(expected);
  });

  test('the response to a CORS preflight', async () => {
    const headers = { origin: 'https://app.example.com', 'access-control-request-method': 'GET' };
    const answer = await envoy.call({ path: '/cors', method: 'OPTIONS', headers });
    expect(answer.headers['access-control-allow-origin']).toBe('https://app.example.com');
    expect(own(answer)).toEqual({ status: 200, type: undefined, body: '' });
  });

  test('the response of a custom filter', async () => {
    const script = 'function envoy_on_request(h) h:respond({[":status"] = "403"}, "scripted") end';
    const scripted = await startEnvoy({
      upstream: api,
      custom: [
        {
          httpFilters: [
            {
              name: 'envoy.filters.http.lua',
              typed_config: {
                '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
                default_source_code: { inline_string: script },
              },
            },
          ],
        },
      ],
    });
    expect(own(await scripted.call())).toEqual({ status: 403, type: 'text/plain', body: 'scripted' });
  });
});

test('answers with a problem document if the circuit breaker is open', async () => {
  api.handler = () => {};
  const full = await startEnvoy({ upstream: api, circuitBreaker: { maxRequests: 1 }, concurrency: 1, retries: false });
  const first = await connectRaw(full.port);
  first.send('GET /first HTTP/1.1\r\nHost: api\r\n\r\n');
  await until('the API has the first request', () => api.seen.length > 0);
  const answer = await full.call({ path: '/second' });
  expect(answer).toMatchObject({ status: 503, headers: { 'x-envoy-overloaded': 'true' } });
  expect(problemOf(answer).problem).toEqual(unavailable);
});

test('answers with a problem document if no replica is healthy', async () => {
  api.handler = (_, response) => response.writeHead(500).end();
  const ill = await startEnvoy({
    upstream: { ...api, healthCheck: { path: '/health' }, loadBalancing: { panicMode: false } },
    retries: false,
  });
  await until('the replica is unhealthy', async () => (await ill.stat('cluster.api.membership_healthy')) === 0);
  const answer = await ill.call({ path: '/ill' });
  expect(answer.status).toBe(503);
  expect(problemOf(answer).problem).toEqual(unavailable);
  expect((await ill.logged('/ill')).details).toBe('no_healthy_upstream');
});

test("answers with a problem document with a user's bootstrap", async () => {
  const nobody = { host: '127.0.0.1', port: await freePort() };
  const { bootstrap } = assemble({ upstream: nobody, port: await freePort(), localReplies: false });
  const laid = await startEnvoy({ upstream: nobody, baseConfig: bootstrap, localReplies: {} });
  const answer = await laid.call();
  expect(answer.status).toBe(503);
  expect(problemOf(answer).problem).toEqual(unavailable);
});

test('closes the connection without a response after an invalid HTTP/2 frame', async () => {
  const connection = await connectRaw(envoy.port);
  // A data frame on a stream that is not open.
  connection.send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0\x01\0\0\0\0\0\x01x');
  const answer = await connection.closed;
  expect(answer).not.toContain('problem');
  expect(answer).not.toContain('HTTP');
});

test('answers HEAD with the status and no body', async () => {
  const answer = await rawCall(envoy.port, 'HEAD /nobody HTTP/1.1');
  expect(answer).toMatch(/^HTTP\/1.1 503 [\s\S]*\r\n\r\n$/);
  expect(answer).toContain('content-type: application/problem+json');
});

test('answers gRPC clients with a gRPC status and the title, without JSON', async () => {
  const session = http2.connect(`http://127.0.0.1:${envoy.port}`);
  atEnd(() => session.destroy());
  const stream = session.request({
    ':path': '/nobody',
    ':method': 'POST',
    'content-type': 'application/grpc+proto',
    te: 'trailers',
  });
  const headers = await new Promise<http2.IncomingHttpHeaders>((done, failed) => {
    stream.on('response', done);
    stream.on('error', failed);
    stream.end();
  });
  expect(headers).toMatchObject({
    ':status': 200,
    'content-type': 'application/grpc',
    'grpc-status': '14',
    'grpc-message': 'Service Unavailable',
  });
});

test("answers with Envoy's text with localReplies: false", async () => {
  const own = await startEnvoy({
    upstream: { host: '127.0.0.1', port: await freePort() },
    localReplies: false,
    retries: false,
  });
  const { headers, body } = await own.call();
  expect({ type: headers['content-type'], body }).toEqual({
    type: 'text/plain',
    body: expect.stringContaining('upstream connect error'),
  });
});
