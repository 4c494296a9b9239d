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

/** What an answer has of these headers. */
const told = (headers: Headers | http2.IncomingHttpHeaders) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name in PRESET));

/** The answer to what Envoy can't read as a request, or not to its end. */
async function unread(port: number, text: string) {
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
    public: ['/open'],
    routes: [
      { path: '/guarded' },
      { path: '/limited', public: true, rateLimit: '1/hour' },
      { path: '/nobody', public: true, to: 'nobody' },
      { path: '/mine', public: true, respond: { status: 404, body: 'mine' } },
      { path: '/old', public: true, redirect: { path: '/new' } },
      { path: '/forbidden', apiKeys: false, authorization: { allow: [{ addresses: ['192.0.2.1/32'] }] } },
      {
        path: '/docs',
        public: true,
        securityHeaders: { contentSecurityPolicy: "default-src 'self'", frameOptions: false },
      },
      { path: '/off', public: true, securityHeaders: false },
      { path: '/off/guarded', securityHeaders: false },
      { path: '/docs/guarded', securityHeaders: { cacheControl: 'no-cache', referrerPolicy: false } },
    ],
  });
});

beforeEach(() => {
  api.handler = (_, response) => response.end('fine');
});

describe('each answer has the headers', () => {
  test('that of the API', async () => {
    const { status, headers } = await envoy.call({ path: '/open' });
    expect([status, told(headers)]).toEqual([200, PRESET]);
  });

  test.each([404, 500])('%d of the API', async (code) => {
    api.handler = (_, response) => response.writeHead(code).end();
    const { status, headers } = await envoy.call({ path: '/open' });
    expect([status, told(headers)]).toEqual([code, PRESET]);
  });

  test.each<[string, number, object]>([
    ['/guarded', 401, {}],
    ['/forbidden', 403, {}],
    ['/mine', 404, {}],
    ['/open', 413, { method: 'POST', body: 'x'.repeat(1_025) }],
    ['/nobody', 503, {}],
    ['/old', 308, {}],
    ['/a%2Fb', 307, {}],
    ['/guarded', 200, { method: 'OPTIONS', headers: { origin: site, 'access-control-request-method': 'GET' } }],
  ])('%s, to which Envoy itself says %d', async (path, code, more) => {
    const { status, headers } = await envoy.call({ path, ...more });
    expect([status, told(headers)]).toEqual([code, PRESET]);
  });

  test('over the rate', async () => {
    await envoy.call({ path: '/limited' });
    const { status, headers } = await envoy.call({ path: '/limited' });
    expect([status, told(headers)]).toEqual([429, PRESET]);
  });

  test.each([
    ['a header name with an underscore', 'GET / HTTP/1.1\r\nHost: api\r\na_b: c\r\n\r\n', 400],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['what is no HTTP', 'hello\r\n\r\n', 400],
    ['HTTP/1.0', 'GET / HTTP/1.0\r\nHost: api\r\n\r\n', 426],
    ['headers of more than 60 KiB', `GET / HTTP/1.1\r\nHost: api\r\na: ${'b'.repeat(62_000)}\r\n\r\n`, 431],
    ['headers that do not end', 'GET / HTTP/1.1\r\nHost: api\r\n', 408],
  ])('%s', async (_, request, status) => {
    const { first, headers } = await unread(envoy.port, request);
    expect(first).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(told(headers)).toEqual(PRESET);
  });

  test("where the user's own configuration has no route", async () => {
    const { host, port } = api;
    const options = { upstream: { host, port } } as const;
    const text = JSON.stringify(assemble({ ...options, port: await freePort() }).bootstrap);
    const base = JSON.parse(text.replace('"domains":["*"]', '"domains":["other.test"]'));
    const laid = await startEnvoy({ ...options, base, securityHeaders: {} });
    const { status, headers } = await laid.call();
    expect([status, told(headers)]).toEqual([404, PRESET]);
  });

  test('by HTTP/2 with TLS, beside strict-transport-security', async () => {
    const authority = TestAuthority.create();
    const { cert: certificateChain, key: privateKey } = authority.issue('DNS:a.test');
    const secure = await startEnvoy({
      upstream: api,
      tls: { certificates: [{ certificateChain, privateKey }] },
      securityHeaders: {},
      routes: [{ path: '/mine', respond: { status: 404 } }],
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
    expect([told(ofApi), told(own)]).toEqual([PRESET, PRESET]);
    expect(ofApi['strict-transport-security']).toBe('max-age=31536000');
  });
});

describe('what the API sends itself is left as it is', () => {
  test.each(Object.keys(PRESET))('%s', async (name) => {
    api.handler = (_, response) => response.setHeader(name, 'its own').end();
    expect(told((await envoy.call({ path: '/open' })).headers)).toEqual({ ...PRESET, [name]: 'its own' });
  });

  test("on a route with options of its own, and with no one's", async () => {
    const name = 'content-security-policy';
    api.handler = (_, response) => response.setHeader(name, 'its own').end();
    expect((await envoy.call({ path: '/docs' })).headers[name]).toBe('its own');
    expect(told((await envoy.call({ path: '/off' })).headers)).toEqual({ [name]: 'its own' });
  });
});

describe('a route', () => {
  const ofDocs = { ...PRESET, 'content-security-policy': "default-src 'self'", 'x-frame-options': undefined };

  test('has its own, which lie over the others', async () => {
    expect(told((await envoy.call({ path: '/docs' })).headers)).toEqual(ofDocs);
  });

  test('has none', async () => {
    expect(told((await envoy.call({ path: '/off' })).headers)).toEqual(NONE);
  });

  test('is answered alike where Envoy refuses', async () => {
    const [own, none] = [await envoy.call({ path: '/docs/guarded' }), await envoy.call({ path: '/off/guarded' })];
    expect([own.status, none.status]).toEqual([401, 401]);
    expect(told(own.headers)).toEqual({ ...PRESET, 'cache-control': 'no-cache', 'referrer-policy': undefined });
    expect(told(none.headers)).toEqual(NONE);
  });

  test('alone: all others are as without it, but for what no route was found for', async () => {
    const alone = await startEnvoy({ upstream: api, routes: [{ path: '/docs', securityHeaders: {} }] });
    expect(told((await alone.call({ path: '/docs' })).headers)).toEqual(PRESET);
    expect(told((await alone.call()).headers)).toEqual(NONE);
    expect(told((await unread(alone.port, 'hello\r\n\r\n')).headers)).toEqual(PRESET);
  });
});

test('off unless set', async () => {
  const without = await startEnvoy({ upstream: api });
  expect(told((await without.call()).headers)).toEqual(NONE);
});

describe('with options', () => {
  const started = async (securityHeaders: EnvoyOptions['securityHeaders'] & object) =>
    (await startEnvoy({ upstream: api, securityHeaders })).call();

  test.each<[EnvoyOptions['securityHeaders'] & object, object]>([
    [
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
  ])('%j', async (options, expected) => {
    expect(told((await started(options)).headers)).toEqual(expected);
  });

  test('a percent sign is one, and no command of Envoy', async () => {
    const contentSecurityPolicy = 'report-uri /a%20b?%REQ(:path)%&100%%';
    const { headers } = await started({ contentSecurityPolicy });
    expect(headers['content-security-policy']).toBe(contentSecurityPolicy);
  });
});

describe('what tells of the API is taken out', () => {
  const telling = (extra: Record<string, string> = {}) => {
    api.handler = (_, response) => {
      const own = { server: 'uvicorn', 'x-powered-by': 'Express', 'X-AspNet-Version': '4', 'X-AspNetMvc-Version': '5' };
      response.writeHead(200, { ...own, 'x-generator': 'mine', ...extra }).end();
    };
  };
  const TELLING = ['server', 'x-powered-by', 'x-aspnet-version', 'x-aspnetmvc-version', 'x-generator'];
  const said = ({ headers }: Answer) => TELLING.filter((name) => name in headers).map((name) => headers[name]);

  test('by default what most APIs have', async () => {
    telling();
    expect(said(await envoy.call({ path: '/open' }))).toEqual(['envoy', 'mine']);
    expect(said(await envoy.call({ path: '/off' }))).toEqual(['envoy', 'Express', '4', '5', 'mine']);
  });

  test("or what is said, and then the API's own of our headers does not count", async () => {
    telling({ 'cache-control': 'public' });
    const strict = await startEnvoy({ upstream: api, securityHeaders: { remove: ['X-Generator', 'cache-control'] } });
    const answer = await strict.call();
    expect(said(answer)).toEqual(['envoy', 'Express', '4', '5']);
    expect(told(answer.headers)).toEqual(PRESET);
  });
});
