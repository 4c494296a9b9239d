import http2 from 'node:http2';
import { assemble, type EnvoyOptions } from '../../envoy';
import { TestAuthority } from '../certificates';
import { PRESET } from '../security-headers-preset';
import { type Backend, startBackend } from './backend';
import { atEnd } from './cleanup';
import { type Envoy, startEnvoy } from './envoy';
import { type Answer, connectRaw } from './http';
import { freePort } from './ports';

const NONE = {};

type Headers = Answer['headers'];

/** Returns those of these headers that a response has. */
const securityHeadersOf = (headers: Headers | http2.IncomingHttpHeaders) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name in PRESET));

/** Sends a text that is no complete request, and returns the first line and the headers of the response. */
async function sendUnreadable(port: number, text: string) {
  const connection = await connectRaw(port);
  connection.send(text);
  const [first = '', ...lines] = (await connection.closed).split('\r\n\r\n')[0]?.split('\r\n') ?? [];
  return { first, headers: Object.fromEntries(lines.map((line) => line.split(': '))) as Headers };
}

const site = 'https://app.example.com';

let api: Backend;
let envoy: Envoy;

beforeAll(async () => {
  api = await startBackend();
  envoy = await startEnvoy({
    upstream: api,
    upstreams: { nobody: { host: '127.0.0.1', port: await freePort() } },
    retries: false,
    timeouts: { requestHeaders: '500ms' },
    securityHeaders: {},
    cors: { allowOrigins: [site] },
    authorization: { allow: 'all' },
    apiKeys: { keys: { partner: 'a-key-of-more-than-32-characters-0123' } },
    bodyLimit: '1KiB',
    authentication: { publicPaths: ['/open'] },
    routes: [
      { path: '/guarded' },
      { path: '/limited', authentication: { public: true }, rateLimit: '1/hour' },
      { path: '/nobody', authentication: { public: true }, upstream: 'nobody' },
      { path: '/mine', authentication: { public: true }, directResponse: { status: 404, body: 'mine' } },
      { path: '/old', authentication: { public: true }, redirect: { path: '/new' } },
      { path: '/forbidden', apiKeys: false, authorization: { allow: [{ addresses: ['192.0.2.1/32'] }] } },
      {
        path: '/docs',
        authentication: { public: true },
        securityHeaders: { contentSecurityPolicy: "default-src 'self'", frameOptions: false },
      },
      { path: '/off', authentication: { public: true }, securityHeaders: false },
      { path: '/off/guarded', securityHeaders: false },
      { path: '/docs/guarded', securityHeaders: { cacheControl: 'no-cache', referrerPolicy: false } },
    ],
  });
});

beforeEach(() => {
  api.handler = (_, response) => response.end('fine');
});

describe('adds the headers', () => {
  test('to a successful response of the API', async () => {
    const { status, headers } = await envoy.call({ path: '/open' });
    expect([status, securityHeadersOf(headers)]).toEqual([200, PRESET]);
  });

  test.each([404, 500])('to a response of the API with status %d', async (code) => {
    api.handler = (_, response) => response.writeHead(code).end();
    const { status, headers } = await envoy.call({ path: '/open' });
    expect([status, securityHeadersOf(headers)]).toEqual([code, PRESET]);
  });

  test.each<[string, string, number, object]>([
    ['without a key', '/guarded', 401, {}],
    ['for a denied request', '/forbidden', 403, {}],
    ['as a direct response', '/mine', 404, {}],
    ['for a large body', '/open', 413, { method: 'POST', body: 'x'.repeat(1_025) }],
    ['if the API is unavailable', '/nobody', 503, {}],
    ['as a redirect', '/old', 308, {}],
    ['to normalize the path', '/a%2Fb', 307, {}],
    [
      'for a CORS preflight',
      '/guarded',
      200,
      { method: 'OPTIONS', headers: { origin: site, 'access-control-request-method': 'GET' } },
    ],
  ])('to a response that Envoy creates %s', async (_, path, code, more) => {
    const { status, headers } = await envoy.call({ path, ...more });
    expect([status, securityHeadersOf(headers)]).toEqual([code, PRESET]);
  });

  test('to a response above the rate limit', async () => {
    await envoy.call({ path: '/limited' });
    const { status, headers } = await envoy.call({ path: '/limited' });
    expect([status, securityHeadersOf(headers)]).toEqual([429, PRESET]);
  });

  test.each([
    ['to the response for a header name with an underscore', 'GET / HTTP/1.1\r\nHost: api\r\na_b: c\r\n\r\n', 400],
    ['to the response for a missing host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['to the response for text that is no HTTP', 'hello\r\n\r\n', 400],
    ['to the response for HTTP/1.0', 'GET / HTTP/1.0\r\nHost: api\r\n\r\n', 426],
    [
      'to the response for headers of more than 60 KiB',
      `GET / HTTP/1.1\r\nHost: api\r\na: ${'b'.repeat(62_000)}\r\n\r\n`,
      431,
    ],
    ['to the response for incomplete headers', 'GET / HTTP/1.1\r\nHost: api\r\n', 408],
  ])('%s', async (_, request, status) => {
    const { first, headers } = await sendUnreadable(envoy.port, request);
    expect(first).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(securityHeadersOf(headers)).toEqual(PRESET);
  });

  test("if a user's bootstrap has no matching route", async () => {
    const { host, port } = api;
    const options = { upstream: { host, port } } as const;
    const text = JSON.stringify(assemble({ ...options, port: await freePort() }).bootstrap);
    const baseConfig = JSON.parse(text.replace('"domains":["*"]', '"domains":["other.test"]'));
    const laid = await startEnvoy({ ...options, baseConfig, securityHeaders: {} });
    const { status, headers } = await laid.call();
    expect([status, securityHeadersOf(headers)]).toEqual([404, PRESET]);
  });

  test('over HTTP/2 with TLS, together with strict-transport-security', async () => {
    const authority = TestAuthority.create();
    const { cert: certificateChain, key: privateKey } = authority.issue('DNS:a.test');
    const secure = await startEnvoy({
      upstream: api,
      tls: { certificates: [{ certificateChain, privateKey }] },
      securityHeaders: {},
      routes: [{ path: '/mine', directResponse: { status: 404 } }],
    });
    const session = http2.connect(`https://127.0.0.1:${secure.port}`, { ca: authority.pem, servername: 'a.test' });
    atEnd(() => session.destroy());
    const headersOf = (path: string) =>
      new Promise<http2.IncomingHttpHeaders>((done, failed) => {
        const stream = session.request({ ':path': path });
        stream.on('response', done).on('error', failed).resume().end();
      });
    const [ofApi, own] = [await headersOf('/'), await headersOf('/mine')];
    expect([ofApi[':status'], own[':status'], session.alpnProtocol]).toEqual([200, 404, 'h2']);
    expect([securityHeadersOf(ofApi), securityHeadersOf(own)]).toEqual([PRESET, PRESET]);
    expect(ofApi['strict-transport-security']).toBe('max-age=31536000');
  });
});

describe('keeps the header of the API', () => {
  test.each(Object.keys(PRESET))('%s', async (name) => {
    api.handler = (_, response) => response.setHeader(name, 'its own').end();
    expect(securityHeadersOf((await envoy.call({ path: '/open' })).headers)).toEqual({ ...PRESET, [name]: 'its own' });
  });

  test('on a route with other options, and on a route without security headers', async () => {
    const name = 'content-security-policy';
    api.handler = (_, response) => response.setHeader(name, 'its own').end();
    expect((await envoy.call({ path: '/docs' })).headers[name]).toBe('its own');
    expect(securityHeadersOf((await envoy.call({ path: '/off' })).headers)).toEqual({ [name]: 'its own' });
  });
});

describe('a route', () => {
  const ofDocs = { ...PRESET, 'content-security-policy': "default-src 'self'", 'x-frame-options': undefined };

  test('replaces single headers of the proxy', async () => {
    expect(securityHeadersOf((await envoy.call({ path: '/docs' })).headers)).toEqual(ofDocs);
  });

  test('turns the headers off', async () => {
    expect(securityHeadersOf((await envoy.call({ path: '/off' })).headers)).toEqual(NONE);
  });

  test('has its headers also in responses that Envoy creates', async () => {
    const [own, none] = [await envoy.call({ path: '/docs/guarded' }), await envoy.call({ path: '/off/guarded' })];
    expect([own.status, none.status]).toEqual([401, 401]);
    expect(securityHeadersOf(own.headers)).toEqual({
      ...PRESET,
      'cache-control': 'no-cache',
      'referrer-policy': undefined,
    });
    expect(securityHeadersOf(none.headers)).toEqual(NONE);
  });

  test('adds the headers alone, and they are also in responses to unreadable requests', async () => {
    const alone = await startEnvoy({ upstream: api, routes: [{ path: '/docs', securityHeaders: {} }] });
    expect(securityHeadersOf((await alone.call({ path: '/docs' })).headers)).toEqual(PRESET);
    expect(securityHeadersOf((await alone.call()).headers)).toEqual(NONE);
    expect(securityHeadersOf((await sendUnreadable(alone.port, 'hello\r\n\r\n')).headers)).toEqual(PRESET);
  });
});

test('adds no headers by default', async () => {
  const without = await startEnvoy({ upstream: api });
  expect(securityHeadersOf((await without.call()).headers)).toEqual(NONE);
});

describe('with options', () => {
  const started = async (securityHeaders: EnvoyOptions['securityHeaders'] & object) =>
    (await startEnvoy({ upstream: api, securityHeaders })).call();

  test.each<[string, EnvoyOptions['securityHeaders'] & object, object]>([
    [
      'omits every header that is false',
      {
        contentTypeOptions: false,
        frameOptions: false,
        contentSecurityPolicy: false,
        referrerPolicy: false,
        crossOriginResourcePolicy: false,
        cacheControl: false,
      },
      NONE,
    ],
    [
      'sends the configured values',
      {
        frameOptions: 'SAMEORIGIN',
        contentSecurityPolicy: "frame-ancestors 'self'",
        referrerPolicy: 'origin',
        crossOriginResourcePolicy: 'cross-origin',
        cacheControl: 'private, max-age=60',
      },
      {
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'SAMEORIGIN',
        'content-security-policy': "frame-ancestors 'self'",
        'referrer-policy': 'origin',
        'cross-origin-resource-policy': 'cross-origin',
        'cache-control': 'private, max-age=60',
      },
    ],
  ])('%s', async (_, options, expected) => {
    expect(securityHeadersOf((await started(options)).headers)).toEqual(expected);
  });

  test('sends percent signs literally, not as format commands of Envoy', async () => {
    const contentSecurityPolicy = 'report-uri /a%20b?%REQ(:path)%&100%%';
    const { headers } = await started({ contentSecurityPolicy });
    expect(headers['content-security-policy']).toBe(contentSecurityPolicy);
  });
});

describe('removes response headers that describe the API', () => {
  const sendDescribingHeaders = (extra: Record<string, string> = {}) => {
    api.handler = (_, response) => {
      const own = { server: 'uvicorn', 'x-powered-by': 'Express', 'X-AspNet-Version': '4', 'X-AspNetMvc-Version': '5' };
      response.writeHead(200, { ...own, 'x-generator': 'mine', ...extra }).end();
    };
  };
  const TELLING = ['server', 'x-powered-by', 'x-aspnet-version', 'x-aspnetmvc-version', 'x-generator'];
  const said = ({ headers }: Answer) => TELLING.filter((name) => name in headers).map((name) => headers[name]);

  test('with common names by default', async () => {
    sendDescribingHeaders();
    expect(said(await envoy.call({ path: '/open' }))).toEqual(['envoy', 'mine']);
    expect(said(await envoy.call({ path: '/off' }))).toEqual(['envoy', 'Express', '4', '5', 'mine']);
  });

  test('with the configured names, also if they are security headers of the API', async () => {
    sendDescribingHeaders({ 'cache-control': 'public' });
    const strict = await startEnvoy({ upstream: api, securityHeaders: { remove: ['X-Generator', 'cache-control'] } });
    const answer = await strict.call();
    expect(said(answer)).toEqual(['envoy', 'Express', '4', '5']);
    expect(securityHeadersOf(answer.headers)).toEqual(PRESET);
  });
});
