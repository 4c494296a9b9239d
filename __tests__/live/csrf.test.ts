import type { OutgoingHttpHeaders } from 'node:http';
import type { EnvoyOptions } from '../../envoy';
import { TestAuthority } from '../certificates';
import { type Backend, startBackend } from './backend';
import { binaries } from './binaries';
import { type Envoy, startEnvoy } from './envoy';
import type { Answer } from './http';
import { http2Call, secureCall } from './https';
import { problemOf } from './problem';
import { keySet, signingKey, token } from './tokens';

const OWN = { host: 'api.example.com', origin: 'https://api.example.com' };
const EVIL = { host: 'api.example.com', origin: 'https://evil.example' };
const FORBIDDEN = { status: 403, title: 'Forbidden' };
const PASSWORD = 'not-a-real-password';
const basic = (password: string) => ({ authorization: `Basic ${Buffer.from(`anna:${password}`).toString('base64')}` });

let api: Backend;

beforeAll(async () => {
  api = await startBackend();
});

beforeEach(() => {
  api.seen.length = 0;
});

async function started(options: Partial<EnvoyOptions>, minor?: string) {
  const envoy = await startEnvoy({ upstream: api, ...options }, minor);
  const post = (headers: OutgoingHttpHeaders, path = '/', method = 'POST') => envoy.call({ method, path, headers });
  return { envoy, post };
}

function expectRefusal(answer: Answer): object {
  expect(answer.status).toBe(403);
  expect(api.seen).toEqual([]);
  return problemOf(answer).problem;
}

describe.each([...binaries().keys()])('Envoy %s', (minor) => {
  let envoy: Envoy;
  let post: Awaited<ReturnType<typeof started>>['post'];
  beforeAll(async () => {
    const additionalOrigins = ['app.example.com', 'localhost:3000', '[::1]:8080', '10.0.0.5', 'abcdefghijklmnop'];
    ({ envoy, post } = await started({ csrf: { additionalOrigins } }, minor));
  });

  const OTHERS = ['REPORT', 'MOVE', 'COPY', 'PROPFIND', 'MKCOL', 'LOCK', 'LINK'];

  test.each(OTHERS)(
    'rejects %s of another site or without an origin, and accepts it of the same host',
    async (method) => {
      expect(expectRefusal(await post({ ...EVIL }, '/', method))).toMatchObject(FORBIDDEN);
      expect(expectRefusal(await post({ host: 'api.example.com' }, '/', method))).toMatchObject(FORBIDDEN);
      expect(expectRefusal(await post({ host: 'api', origin: 'https://xapi' }, '/', method))).toMatchObject(FORBIDDEN);
      expect(await post({ ...OWN }, '/', method)).toMatchObject({ status: 200 });
      expect(await post({ host: 'api', origin: 'http://api' }, '/', method)).toMatchObject({ status: 200 });
      expect(await post({ host: 'api', origin: 'https://app.example.com' }, '/', method)).toMatchObject({
        status: 200,
      });
    },
  );

  test.each<[string, string, OutgoingHttpHeaders]>([
    ['the same host', 'api.example.com', { origin: 'https://api.example.com' }],
    // Browsers omit the default port of the scheme in both headers.
    ['the same host with a port', 'api.example.com:8443', { origin: 'https://api.example.com:8443' }],
    ['the same host with another scheme', 'api.example.com', { origin: 'http://api.example.com' }],
    ['the same host with a final dot', 'api.example.com.', { origin: 'https://api.example.com.' }],
    ['the same address', '[::2]:8800', { origin: 'http://[::2]:8800' }],
    ['a referer of the same host without an origin', 'api', { referer: 'http://api/page?a=b&c=%20' }],
    ['an allowed origin', 'api', { origin: 'https://app.example.com' }],
    ['an allowed origin with another scheme', 'api', { origin: 'http://app.example.com' }],
    ['an allowed origin with its port', 'api', { origin: 'http://localhost:3000' }],
    ['a referer of an allowed origin', 'api', { referer: 'https://app.example.com/page' }],
    ['an allowed IPv6 address', 'api', { origin: 'http://[::1]:8080' }],
    ['an allowed IPv4 address', 'api', { origin: 'http://10.0.0.5' }],
    ['an allowed browser extension', 'api', { origin: 'chrome-extension://abcdefghijklmnop' }],
  ])('accepts %s', async (_, host, headers) => {
    expect(await post({ host, ...headers })).toMatchObject({ status: 200 });
  });

  test.each<[string, string, OutgoingHttpHeaders]>([
    ['another site', 'api', { origin: 'https://evil.example' }],
    [
      'another site with a referer of the same host',
      'api',
      { origin: 'https://evil.example', referer: 'https://api/' },
    ],
    ['a referer of another site', 'api', { referer: 'https://evil.example/api' }],
    ['the origin null', 'api', { origin: 'null' }],
    ['the origin null with a referer of the same host', 'api', { origin: 'null', referer: 'https://api/' }],
    ['a request without origin and referer', 'api', {}],
    ['an empty origin', 'api', { origin: '' }],
    ['a subdomain of the host', 'api', { origin: 'https://evil.api' }],
    ['a domain that starts with the host', 'api', { origin: 'https://api.evil.example' }],
    ['a domain that starts with an allowed origin', 'api', { origin: 'https://app.example.com.evil.example' }],
    ['the host as user name of a URL', 'api', { origin: 'https://api@evil.example' }],
    ['the same host without its port', 'api:8443', { origin: 'https://api' }],
    ['the same host with another port', 'api', { origin: 'https://api:8443' }],
    ['an allowed origin with another port', 'api', { origin: 'http://localhost:3001' }],
    ['an allowed origin without its port', 'api', { origin: 'http://localhost' }],
    ['an allowed origin with an additional port', 'api', { origin: 'https://app.example.com:8443' }],
    ['two origins', 'api', { Origin: ['https://evil.example', 'https://api'] }],
    ['the host of x-forwarded-host', 'inner', { origin: 'https://api', 'x-forwarded-host': 'api' }],
  ])('rejects %s', async (_, host, headers) => {
    expect(expectRefusal(await post({ host, ...headers }))).toEqual(FORBIDDEN);
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('checks the origin of %s', async (method) => {
    expect(expectRefusal(await post(EVIL, '/', method))).toEqual(FORBIDDEN);
    expect((await post(OWN, '/', method)).status).toBe(200);
  });

  test.each(['GET', 'HEAD', 'OPTIONS'])('does not check the origin of %s', async (method) => {
    expect((await post(EVIL, '/', method)).status).toBe(200);
    expect((await post({}, '/', method)).status).toBe(200);
  });

  test('logs the reason of a rejection', async () => {
    await post(EVIL, '/logged');
    expect(await envoy.logged('/logged')).toMatchObject({ status: 403, details: 'csrf_origin_mismatch' });
  });

  test('shadow rejects no request, and counts those that it would reject', async () => {
    const shadowed = await started({ csrf: { shadow: true } }, minor);
    const count = (name: string) => shadowed.envoy.stat(`http.ingress_http.csrf.${name}`);
    for (const headers of [OWN, EVIL, EVIL, {}]) {
      expect((await shadowed.post(headers)).status).toBe(200);
    }
    expect(await Promise.all(['request_valid', 'request_invalid', 'missing_source_origin'].map(count))).toEqual([
      1, 2, 1,
    ]);
    expect((await shadowed.post(EVIL, '/', 'REPORT')).status).toBe(200);
    expect(await shadowed.envoy.stat('http.ingress_http.rbac.csrf.shadow_denied')).toBe(1);
  });
});

describe('compares the origin with the host over TLS', () => {
  const authority = TestAuthority.create();
  const { cert, key } = authority.issue('DNS:a.test');
  let port: number;
  beforeAll(async () => {
    const { envoy } = await started({ csrf: {}, tls: { certificates: [{ certificateChain: cert, privateKey: key }] } });
    port = envoy.port;
  });

  const secure = { servername: 'a.test', ca: authority.pem };

  test('with HTTP/1.1', async () => {
    const ask = (origin: string) =>
      secureCall({ port, ...secure, method: 'POST', headers: { host: `a.test:${port}`, origin } });
    expect((await ask(`https://a.test:${port}`)).status).toBe(200);
    api.seen.length = 0;
    const answer = await ask('https://evil.example');
    expect(expectRefusal(answer)).toEqual(FORBIDDEN);
    // Without HSTS, an unencrypted page of the same host could send requests.
    expect(answer.headers).toHaveProperty('strict-transport-security');
  });

  test('with HTTP/2', async () => {
    const ask = async (headers: Record<string, string>) => {
      const pseudo = { ':method': 'POST', ':authority': `a.test:${port}` };
      return (await http2Call({ port, ...secure, headers: { ...pseudo, ...headers } })).status;
    };
    expect(await ask({ origin: `https://a.test:${port}` })).toBe(200);
    expect(await ask({ referer: `https://a.test:${port}/page` })).toBe(200);
    api.seen.length = 0;
    expect(await ask({ origin: 'https://evil.example' })).toBe(403);
    expect(await ask({ origin: 'https://a.test' })).toBe(403);
    expect(await ask({})).toBe(403);
    expect(api.seen).toEqual([]);
  });
});

describe('a route', () => {
  test('replaces the allowed origins or turns the check off', async () => {
    const { post } = await started({
      csrf: { additionalOrigins: ['app.example.com'] },
      routes: [
        { path: '/own', csrf: { additionalOrigins: [] } },
        { path: '/other', csrf: { additionalOrigins: ['other.example.com'] } },
        { path: '/new', csrf: { shadow: true } },
        { path: '/webhooks', csrf: false },
        { path: '/answered', directResponse: { status: 200 } },
      ],
    });
    const statuses = (path: string) =>
      Promise.all(
        [OWN.origin, 'https://app.example.com', 'https://other.example.com', EVIL.origin, undefined].map(
          async (origin) => (await post({ host: OWN.host, ...(origin && { origin }) }, path)).status,
        ),
      );
    expect(await statuses('/')).toEqual([200, 200, 403, 403, 403]);
    expect(await statuses('/own')).toEqual([200, 403, 403, 403, 403]);
    expect(await statuses('/other/x')).toEqual([200, 403, 200, 403, 403]);
    expect(await statuses('/new')).toEqual([200, 200, 200, 200, 200]);
    expect(await statuses('/webhooks/x')).toEqual([200, 200, 200, 200, 200]);
    expect(await statuses('/webhooksx')).toEqual([200, 200, 403, 403, 403]);
    expect(await statuses('/webhooks/../own')).toEqual([200, 403, 403, 403, 403]);
    expect(await statuses('/answered')).toEqual([200, 200, 403, 403, 403]);
  });

  test('has the check alone, and leaves other routes unchanged', async () => {
    const { post } = await started({ routes: [{ path: '/account', csrf: {} }] });
    expect((await post(EVIL)).status).toBe(200);
    expect((await post(OWN, '/account')).status).toBe(200);
    api.seen.length = 0;
    expect(expectRefusal(await post(EVIL, '/account'))).toEqual(FORBIDDEN);
  });
});

describe('with authentication', () => {
  const key = signingKey('RS256');
  const claims = { iss: 'https://id.example.com/', aud: 'calculator' };
  const bearer = { authorization: `Bearer ${token(key, claims)}` };
  const good = basic(PASSWORD);
  let post: Awaited<ReturnType<typeof started>>['post'];
  beforeAll(async () => {
    const main = { issuer: claims.iss, audiences: ['calculator'] as const, jwks: { inline: keySet(key) } };
    ({ post } = await started({
      csrf: {},
      basicAuth: { users: { anna: PASSWORD } },
      jwt: { providers: { main } },
      authentication: { publicPaths: ['/login'], anyOf: ['jwt', 'basicAuth'] },
      routes: [{ path: '/', headers: { authorization: { regex: 'Bearer .+' } }, csrf: false }],
    }));
  });

  test('rejects a valid password with the origin of another site', async () => {
    expect((await post({ ...OWN, ...good })).status).toBe(200);
    api.seen.length = 0;
    expect(expectRefusal(await post({ ...EVIL, ...good }))).toEqual(FORBIDDEN);
  });

  test('gives another site the same response for valid and wrong passwords', async () => {
    expect(expectRefusal(await post({ ...EVIL, ...basic('wrong') }))).toEqual(FORBIDDEN);
    expect(expectRefusal(await post(EVIL))).toEqual(FORBIDDEN);
  });

  test('requires a password with the origin of the same host', async () => {
    expect((await post(OWN)).status).toBe(401);
    expect((await post({ ...OWN, ...basic('wrong') })).status).toBe(401);
  });

  test('requires an origin with a password, and none with a token', async () => {
    expect((await post(bearer)).status).toBe(200);
    expect((await post({ authorization: `${bearer.authorization}x` })).status).toBe(401);
    api.seen.length = 0;
    expect(expectRefusal(await post(good))).toEqual(FORBIDDEN);
  });

  test('checks the origin on a public path', async () => {
    expect((await post(OWN, '/login')).status).toBe(200);
    api.seen.length = 0;
    expect(expectRefusal(await post(EVIL, '/login'))).toEqual(FORBIDDEN);
  });
});

test('rejects an origin that only CORS allows, with CORS headers', async () => {
  const site = 'https://app.example.com';
  const { post } = await started({
    cors: { allowOrigins: [site], allowMethods: ['DELETE'] },
    csrf: {},
    routes: [{ path: '/both', csrf: { additionalOrigins: ['app.example.com'] } }],
  });
  const headers = { host: OWN.host, origin: site };
  const preflight = await post({ ...headers, 'access-control-request-method': 'DELETE' }, '/', 'OPTIONS');
  expect(preflight).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': site } });
  const answer = await post(headers, '/', 'DELETE');
  expect(answer.headers['access-control-allow-origin']).toBe(site);
  expect(expectRefusal(answer)).toEqual(FORBIDDEN);
  expect(await post(headers, '/both', 'DELETE')).toMatchObject({
    status: 200,
    headers: { 'access-control-allow-origin': site },
  });
});

test('does not count rejected requests of another site against the rate limit of the client', async () => {
  const { post } = await started({ csrf: {}, rateLimit: { total: '100/hour', perClient: '1/hour' } });
  for (let index = 0; index < 3; index += 1) {
    expect(expectRefusal(await post(EVIL))).toEqual(FORBIDDEN);
  }
  expect((await post(OWN)).status).toBe(200);
  expect((await post(OWN)).status).toBe(429);
});

test('answers a native gRPC client with a gRPC status', async () => {
  const { post } = await started({ csrf: {} });
  const answer = await post({ 'content-type': 'application/grpc', te: 'trailers' });
  expect(answer).toMatchObject({ status: 200, headers: { 'grpc-status': '7', 'grpc-message': 'Forbidden' } });
  expect(api.seen).toEqual([]);
});

test("answers with Envoy's text if problem documents are off", async () => {
  const { post } = await started({ csrf: {}, localReplies: false });
  expect(await post(EVIL)).toMatchObject({ status: 403, body: 'Invalid origin' });
});
