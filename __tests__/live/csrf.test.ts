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

function refusal(answer: Answer): object {
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
    'refuses %s of another site and without an origin, and passes it of the host itself',
    async (method) => {
      expect(refusal(await post({ ...EVIL }, '/', method))).toMatchObject(FORBIDDEN);
      expect(refusal(await post({ host: 'api.example.com' }, '/', method))).toMatchObject(FORBIDDEN);
      expect(refusal(await post({ host: 'api', origin: 'https://xapi' }, '/', method))).toMatchObject(FORBIDDEN);
      expect(await post({ ...OWN }, '/', method)).toMatchObject({ status: 200 });
      expect(await post({ host: 'api', origin: 'http://api' }, '/', method)).toMatchObject({ status: 200 });
      expect(await post({ host: 'api', origin: 'https://app.example.com' }, '/', method)).toMatchObject({
        status: 200,
      });
    },
  );

  test.each<[string, string, OutgoingHttpHeaders]>([
    ['the host itself', 'api.example.com', { origin: 'https://api.example.com' }],
    // Browsers leave out the port of the scheme in both, and no other.
    ['the host with its port', 'api.example.com:8443', { origin: 'https://api.example.com:8443' }],
    ['the host by the other scheme, which is not compared', 'api.example.com', { origin: 'http://api.example.com' }],
    ['the host with a dot', 'api.example.com.', { origin: 'https://api.example.com.' }],
    ['an address', '[::2]:8800', { origin: 'http://[::2]:8800' }],
    ['no origin, and a page of the host', 'api', { referer: 'http://api/page?a=b&c=%20' }],
    ['a further site', 'api', { origin: 'https://app.example.com' }],
    ['a further site in the plain, which is not compared', 'api', { origin: 'http://app.example.com' }],
    ['a further site with its port', 'api', { origin: 'http://localhost:3000' }],
    ['a page of a further site', 'api', { referer: 'https://app.example.com/page' }],
    ['an address of IPv6', 'api', { origin: 'http://[::1]:8080' }],
    ['an address of IPv4', 'api', { origin: 'http://10.0.0.5' }],
    ['an extension of a browser', 'api', { origin: 'chrome-extension://abcdefghijklmnop' }],
  ])('passes %s', async (_, host, headers) => {
    expect(await post({ host, ...headers })).toMatchObject({ status: 200 });
  });

  test.each<[string, string, OutgoingHttpHeaders]>([
    ['another site', 'api', { origin: 'https://evil.example' }],
    ['another site with a page of the host', 'api', { origin: 'https://evil.example', referer: 'https://api/' }],
    ['a page of another site', 'api', { referer: 'https://evil.example/api' }],
    ['a page without an origin', 'api', { origin: 'null' }],
    ['a page without an origin that names the host', 'api', { origin: 'null', referer: 'https://api/' }],
    ['nothing', 'api', {}],
    ['an empty origin', 'api', { origin: '' }],
    ['a site below the host', 'api', { origin: 'https://evil.api' }],
    ['a site that begins like the host', 'api', { origin: 'https://api.evil.example' }],
    ['a site that begins like a further one', 'api', { origin: 'https://app.example.com.evil.example' }],
    ['the host as a name', 'api', { origin: 'https://api@evil.example' }],
    ['the host with another port', 'api:8443', { origin: 'https://api' }],
    ['another port of the host', 'api', { origin: 'https://api:8443' }],
    ['a further site with another port', 'api', { origin: 'http://localhost:3001' }],
    ['a further site without its port', 'api', { origin: 'http://localhost' }],
    ['a further site with a port', 'api', { origin: 'https://app.example.com:8443' }],
    ['two origins', 'api', { Origin: ['https://evil.example', 'https://api'] }],
    ['the host as a proxy tells it', 'inner', { origin: 'https://api', 'x-forwarded-host': 'api' }],
  ])('refuses %s', async (_, host, headers) => {
    expect(refusal(await post({ host, ...headers }))).toEqual(FORBIDDEN);
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s changes something', async (method) => {
    expect(refusal(await post(EVIL, '/', method))).toEqual(FORBIDDEN);
    expect((await post(OWN, '/', method)).status).toBe(200);
  });

  test.each(['GET', 'HEAD', 'OPTIONS'])('%s changes nothing', async (method) => {
    expect((await post(EVIL, '/', method)).status).toBe(200);
    expect((await post({}, '/', method)).status).toBe(200);
  });

  test('the access log says why', async () => {
    await post(EVIL, '/logged');
    expect(await envoy.logged('/logged')).toMatchObject({ status: 403, details: 'csrf_origin_mismatch' });
  });

  test('in shadow mode nobody is refused, and what would be is counted', async () => {
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

describe('over TLS', () => {
  const authority = TestAuthority.create();
  const { cert, key } = authority.issue('DNS:a.test');
  let port: number;
  beforeAll(async () => {
    const { envoy } = await started({ csrf: {}, tls: { certificates: [{ chain: cert, key }] } });
    port = envoy.port;
  });

  const secure = { servername: 'a.test', ca: authority.pem };

  test('HTTP/1.1', async () => {
    const ask = (origin: string) =>
      secureCall({ port, ...secure, method: 'POST', headers: { host: `a.test:${port}`, origin } });
    expect((await ask(`https://a.test:${port}`)).status).toBe(200);
    api.seen.length = 0;
    const answer = await ask('https://evil.example');
    expect(refusal(answer)).toEqual(FORBIDDEN);
    // Without it, a page of the same host that came in the plain could call.
    expect(answer.headers).toHaveProperty('strict-transport-security');
  });

  test('HTTP/2', async () => {
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
  test('can have other sites, none but itself, or all', async () => {
    const { post } = await started({
      csrf: { additionalOrigins: ['app.example.com'] },
      routes: [
        { path: '/own', csrf: { additionalOrigins: [] } },
        { path: '/other', csrf: { additionalOrigins: ['other.example.com'] } },
        { path: '/new', csrf: { shadow: true } },
        { path: '/webhooks', csrf: false },
        { path: '/answered', respond: { status: 200 } },
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

  test('alone can have it, and all others are as without it', async () => {
    const { post } = await started({ routes: [{ path: '/account', csrf: {} }] });
    expect((await post(EVIL)).status).toBe(200);
    expect((await post(OWN, '/account')).status).toBe(200);
    api.seen.length = 0;
    expect(refusal(await post(EVIL, '/account'))).toEqual(FORBIDDEN);
  });
});

describe('beside authentication', () => {
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
      anyOf: ['jwt', 'basicAuth'],
      public: ['/login'],
      routes: [{ path: '/', headers: { authorization: { regex: 'Bearer .+' } }, csrf: false }],
    }));
  });

  test("a user's password is not enough on a page of another site", async () => {
    expect((await post({ ...OWN, ...good })).status).toBe(200);
    api.seen.length = 0;
    expect(refusal(await post({ ...EVIL, ...good }))).toEqual(FORBIDDEN);
  });

  test('such a page does not learn who is known', async () => {
    expect(refusal(await post({ ...EVIL, ...basic('wrong') }))).toEqual(FORBIDDEN);
    expect(refusal(await post(EVIL))).toEqual(FORBIDDEN);
  });

  test('the host itself is not enough without a password', async () => {
    expect((await post(OWN)).status).toBe(401);
    expect((await post({ ...OWN, ...basic('wrong') })).status).toBe(401);
  });

  test('scripts that send a token need no origin, and those with a password do', async () => {
    expect((await post(bearer)).status).toBe(200);
    expect((await post({ authorization: `${bearer.authorization}x` })).status).toBe(401);
    api.seen.length = 0;
    expect(refusal(await post(good))).toEqual(FORBIDDEN);
  });

  test('it holds where the path is public', async () => {
    expect((await post(OWN, '/login')).status).toBe(200);
    api.seen.length = 0;
    expect(refusal(await post(EVIL, '/login'))).toEqual(FORBIDDEN);
  });
});

test('a site that cors lets in may change nothing, and its page can read that, unless it stands here, too', async () => {
  const site = 'https://app.example.com';
  const { post } = await started({
    cors: { origins: [site], methods: ['DELETE'] },
    csrf: {},
    routes: [{ path: '/both', csrf: { additionalOrigins: ['app.example.com'] } }],
  });
  const headers = { host: OWN.host, origin: site };
  const preflight = await post({ ...headers, 'access-control-request-method': 'DELETE' }, '/', 'OPTIONS');
  expect(preflight).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': site } });
  const answer = await post(headers, '/', 'DELETE');
  expect(answer.headers['access-control-allow-origin']).toBe(site);
  expect(refusal(answer)).toEqual(FORBIDDEN);
  expect(await post(headers, '/both', 'DELETE')).toMatchObject({
    status: 200,
    headers: { 'access-control-allow-origin': site },
  });
});

test('what a page of another site tries takes no request from its victim', async () => {
  const { post } = await started({ csrf: {}, rateLimit: { all: '100/hour', perClient: '1/hour' } });
  for (let index = 0; index < 3; index += 1) {
    expect(refusal(await post(EVIL))).toEqual(FORBIDDEN);
  }
  expect((await post(OWN)).status).toBe(200);
  expect((await post(OWN)).status).toBe(429);
});

test('a native client of gRPC is told in its words', async () => {
  const { post } = await started({ csrf: {} });
  const answer = await post({ 'content-type': 'application/grpc', te: 'trailers' });
  expect(answer).toMatchObject({ status: 200, headers: { 'grpc-status': '7', 'grpc-message': 'Forbidden' } });
  expect(api.seen).toEqual([]);
});

test('without localReplies the refusal is a text of Envoy', async () => {
  const { post } = await started({ csrf: {}, localReplies: false });
  expect(await post(EVIL)).toMatchObject({ status: 403, body: 'Invalid origin' });
});
