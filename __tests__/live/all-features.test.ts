import type { EnvoyOptions } from '../../envoy';
import { TestAuthority } from '../certificates';
import { type Backend, reset, startBackend } from './backend';
import { type Envoy, startEnvoy } from './envoy';
import { type SecureAnswer, type SecureCall, secureCall } from './https';
import { problemOf } from './problem';
import { keySet, signingKey, token } from './tokens';

// One sidecar with most features at once. Each feature has its own tests.

const KEYS = {
  partner: 'not-a-real-key-of-a-partner',
  shop: 'not-a-real-key-of-a-shop',
  busy: 'not-a-real-key-of-a-busy-one',
  other: 'not-a-real-key-of-another',
};
const PASSWORDS = { anna: 'not-a-real-password', bert: 'not-a-real-password-either' };
const key = signingKey('ES256');
const claims = { iss: 'https://id.example.com/', aud: 'calculator', sub: 'ann' };
const authority = TestAuthority.create();
const ofClients = TestAuthority.create('clients');
const server = authority.issue('DNS:api.test');
const device = ofClients.issue('DNS:device.test', { subject: '/CN=device' });

const options: Omit<EnvoyOptions, 'upstream' | 'port'> = {
  tls: {
    certificates: [{ certificateChain: server.cert, privateKey: server.key }],
    clientCertificates: { trustedCa: { pem: ofClients.pem }, required: false },
  },
  rateLimit: { perClient: '20/hour' },
  apiKeys: { keys: KEYS },
  basicAuth: { users: PASSWORDS },
  jwt: {
    providers: {
      main: {
        issuer: claims.iss,
        audiences: ['calculator'],
        jwks: { inline: keySet(key) },
        claimToHeaders: { 'x-user': 'sub' },
      },
    },
  },
  authentication: { publicPaths: [{ exact: '/ping' }], anyOf: ['apiKeys', 'jwt', 'basicAuth'] },
  authorization: {
    allow: [{ clients: ['partner', 'busy', 'other'] }, { claims: { role: ['admin'] } }, { users: ['anna'] }],
    deny: [{ paths: ['/internal'] }],
  },
  identityRateLimit: { perClaim: { claim: 'sub', rate: '100/hour' }, perApiClient: '3/hour', perUser: '100/hour' },
  requestHeaders: { headersWithUnderscores: 'allow' },
  routes: [
    { path: '/orders', authorization: { allow: [{ clients: ['shop'] }] } },
    { path: '/devices', authorization: { allow: [{ certificates: ['device.test'] }] } },
    // Only the limit per address applies to clients without a credential.
    { path: '/health', authentication: { public: true } },
    { path: '/tokens', apiKeys: false, basicAuth: false },
  ],
};

let api: Backend;
let spare: Backend;
let envoy: Envoy;

beforeAll(async () => {
  api = await startBackend({ host: '127.0.1.1' });
  spare = await startBackend({ host: '127.0.1.2' });
  envoy = await startEnvoy({ upstream: [api, { service: spare, fallback: true }], ...options });
});

beforeEach(() => {
  api.handler = (_, response) => response.end('api');
  spare.handler = (_, response) => response.end('spare');
  api.seen.length = 0;
  spare.seen.length = 0;
});

let clients = 0;

/** Sends a request from a new client address, unless the test gives one. */
function ask(
  path: string,
  headers: Record<string, string> = {},
  more: Partial<SecureCall & { localAddress: string }> = {},
) {
  clients += 1;
  const localAddress = `127.0.2.${clients}`;
  return secureCall({
    port: envoy.port,
    path,
    headers,
    servername: 'api.test',
    ca: authority.pem,
    localAddress,
    ...more,
  });
}

const withKey = (client: keyof typeof KEYS) => ({ 'x-api-key': KEYS[client] });
const withToken = (more: object = {}) => ({ authorization: `Bearer ${token(key, { ...claims, ...more })}` });
const withPassword = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});
const admin = () => withToken({ role: 'admin' });
const anna = withPassword('anna', PASSWORDS.anna);
const withCertificate = { cert: device.cert, key: device.key };
const FORGED = {
  'x-api-client': 'shop',
  x_api_client: 'partner',
  'x-user-name': 'anna',
  x_user_name: 'anna',
  'x-user': 'root',
  x_user: 'root',
  'x-forwarded-client-cert': 'DNS=device.test',
  x_forwarded_client_cert: 'DNS=device.test',
};

/** The identity headers that reached the API, in any spelling. */
const identityHeaders = (): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(api.seen.at(-1)?.headers ?? {}).filter(([name]) =>
      [...Object.keys(FORGED), 'x-api-key', 'authorization'].includes(name),
    ),
  );

const HSTS = 'max-age=31536000';

function refusal(answer: SecureAnswer): object {
  expect(answer.headers['strict-transport-security']).toBe(HSTS);
  const { problem } = problemOf(answer);
  expect(problem).toMatchObject({ status: answer.status });
  expect([...api.seen, ...spare.seen]).toEqual([]);
  return problem;
}

const UNAUTHORIZED = { status: 401, title: 'Unauthorized' };
const TOO_MANY = { status: 429, title: 'Too Many Requests' };
const FORBIDDEN = { status: 403, title: 'Forbidden' };

describe('accepts, and passes only the verified identity to the API:', () => {
  test.each<[string, string, () => Record<string, string>, object]>([
    ['a client with its key', '/', () => withKey('partner'), { 'x-api-client': 'partner' }],
    ['a token with the required claim', '/', admin, { 'x-user': 'ann' }],
    ['a user with the password', '/', () => anna, { 'x-user-name': 'anna' }],
    ['a client on a route that allows it', '/orders', () => withKey('shop'), { 'x-api-client': 'shop' }],
    ['a token on a route that accepts tokens only', '/tokens', admin, { 'x-user': 'ann' }],
    ['a request without a credential on a public path', '/ping', () => ({}), {}],
    ['an invalid key below a public route', '/health/live', () => ({ 'x-api-key': 'no' }), {}],
  ])('%s', async (_, path, headers, expected) => {
    const answer = await ask(path, { ...FORGED, ...headers() });
    expect(answer).toMatchObject({ status: 200, body: 'api', headers: { 'strict-transport-security': HSTS } });
    expect(identityHeaders()).toEqual(expected);
  });

  test('a certificate with a token on a route that requires the certificate', async () => {
    expect(await ask('/devices', { ...FORGED, ...withToken() }, withCertificate)).toMatchObject({ status: 200 });
    expect(identityHeaders()).toEqual({
      'x-user': 'ann',
      'x-forwarded-client-cert': expect.stringMatching(/^Hash=[0-9a-f]{64};Subject="CN=device";URI=;DNS=device\.test$/),
    });
  });
});

describe('rejects', () => {
  test.each<[string, string, () => Record<string, string>, object]>([
    ['a request without a credential', '/', () => ({}), UNAUTHORIZED],
    ['forged identity headers alone', '/', () => FORGED, UNAUTHORIZED],
    ['forged identity headers on a route for one client', '/orders', () => FORGED, UNAUTHORIZED],
    ['an unknown key', '/', () => ({ 'x-api-key': 'not-a-key-of-anybody' }), UNAUTHORIZED],
    ['an unknown key with a valid token', '/', () => ({ 'x-api-key': 'no', ...admin() }), UNAUTHORIZED],
    [
      'a token signed with another key',
      '/',
      () => ({ authorization: `Bearer ${token(signingKey('ES256'), { ...claims, role: 'admin' })}` }),
      { ...UNAUTHORIZED, detail: 'Jwt verification fails' },
    ],
    [
      'a token for another audience',
      '/',
      () => withToken({ aud: 'other', role: 'admin' }),
      { ...FORBIDDEN, detail: 'Audiences in Jwt are not allowed' },
    ],
    ['a wrong password', '/', () => withPassword('anna', PASSWORDS.bert), UNAUTHORIZED],
    ['a client that no rule allows', '/', () => withKey('shop'), FORBIDDEN],
    ['a client of another route', '/orders', () => withKey('partner'), FORBIDDEN],
    ['a token with the required claim on a route for one client', '/orders', admin, FORBIDDEN],
    ['a token without the required claim', '/', withToken, FORBIDDEN],
    [
      'a token whose subject is the name of a client',
      '/',
      () => ({ ...FORGED, ...withToken({ sub: 'partner' }) }),
      FORBIDDEN,
    ],
    ['a user that no rule allows', '/', () => withPassword('bert', PASSWORDS.bert), FORBIDDEN],
    [
      'a key on a route that accepts tokens only',
      '/tokens',
      () => withKey('partner'),
      { ...UNAUTHORIZED, detail: 'Jwt is missing' },
    ],
    [
      'a password on a route that accepts tokens only',
      '/tokens',
      () => anna,
      { ...UNAUTHORIZED, detail: 'Jwt is missing' },
    ],
    ['a token without a certificate', '/devices', () => ({ ...FORGED, ...withToken() }), FORBIDDEN],
    ['a denied path', '/internal', admin, FORBIDDEN],
    ['another spelling of the denied path', '/health/..;/INTERNAL;x', admin, FORBIDDEN],
    ['a path that leaves a public route with dot segments', '/health/../x', () => ({}), UNAUTHORIZED],
    ['a path that leaves a public route with encoded dot segments', '/health/%2e%2e/x', () => ({}), UNAUTHORIZED],
    ['a path below an exact public path', '/ping/x', () => ({}), UNAUTHORIZED],
    ['a path that only starts with the letters of a public path', '/healthy', () => ({}), UNAUTHORIZED],
  ])('%s', async (_, path, headers, expected) => {
    expect(refusal(await ask(path, headers()))).toEqual(expected);
  });

  test('a certificate alone, because authorization rules see it and authentication does not', async () => {
    expect(refusal(await ask('/devices', {}, withCertificate))).toEqual(UNAUTHORIZED);
  });

  test('a certificate of another authority during the handshake', async () => {
    const { cert, key } = authority.issue('DNS:device.test');
    await expect(ask('/health', {}, { cert, key })).rejects.toThrow(/alert|ECONNRESET|socket hang up/);
    expect(api.seen).toEqual([]);
  });
});

test('writes no key, token or password to the logs', async () => {
  const sent = { ...withKey('partner'), ...admin() };
  await ask('/logged', sent);
  await envoy.logged('/logged');
  const logs = envoy.stdout() + envoy.stderr();
  for (const secret of [...Object.values(KEYS), ...Object.values(PASSWORDS), anna.authorization, sent.authorization]) {
    expect(logs).not.toContain(secret.replace(/^\w+ /, ''));
  }
});

describe('rate limits', () => {
  test('reject an address above its rate even with a valid key, and serve another address', async () => {
    const from = { localAddress: '127.0.3.1' };
    const statuses: number[] = [];
    for (let index = 0; index < 20; index += 1) {
      statuses.push((await ask(index % 2 ? '/health' : '/', {}, from)).status);
    }
    expect(statuses).toEqual(Array.from({ length: 20 }, (_, index) => (index % 2 ? 200 : 401)));
    api.seen.length = 0;
    for (const [path, headers] of [
      ['/', admin()],
      ['/', withKey('partner')],
      ['/', { 'x-api-key': 'not-a-key-of-anybody' }],
      ['/health', { 'x-forwarded-for': '127.0.3.2' }],
    ] as const) {
      const answer = await ask(path, headers, from);
      expect(refusal(answer)).toEqual(TOO_MANY);
      expect(answer.headers['retry-after']).toBe('180');
    }
    expect(await ask('/health', {}, { localAddress: '127.0.3.2' })).toMatchObject({ status: 200 });
  });

  test('reject a client above the rate of its key from any address, and serve other clients', async () => {
    for (let index = 0; index < 3; index += 1) {
      expect((await ask('/', withKey('busy'))).status).toBe(200);
    }
    api.seen.length = 0;
    const answer = await ask('/', { ...withKey('busy'), 'x-api-client': 'other', 'x-user-name': 'anna' });
    expect(refusal(answer)).toEqual(TOO_MANY);
    expect(answer.headers['retry-after']).toBe('1200');
    for (const headers of [withKey('other'), admin(), anna]) {
      expect((await ask('/', headers)).status).toBe(200);
    }
  });

  test('do not count requests that authorization denies', async () => {
    for (let index = 0; index < 4; index += 1) {
      expect(refusal(await ask('/internal', withKey('other')))).toEqual(FORBIDDEN);
    }
    expect((await ask('/', withKey('other'))).status).toBe(200);
  });
});

describe('failover', () => {
  test('passes the identity to the fallback, and still rejects invalid credentials', async () => {
    api.handler = reset;
    expect(await ask('/', { ...FORGED, ...admin() })).toMatchObject({ status: 200, body: 'spare' });
    expect(spare.seen[0]?.headers).toMatchObject({ 'x-user': 'ann' });
    expect(spare.seen[0]?.headers).not.toHaveProperty('x-api-client');
    spare.seen.length = 0;
    api.seen.length = 0;
    expect(refusal(await ask('/'))).toEqual(UNAUTHORIZED);
    expect(refusal(await ask('/', withToken()))).toEqual(FORBIDDEN);
  });

  test('answers 503 without details if API and fallback are down', async () => {
    await Promise.all([api.stop(), spare.stop()]);
    const answer = await ask('/', admin());
    expect(refusal(answer)).toEqual({ status: 503, title: 'Service Unavailable' });
    expect(refusal(await ask('/'))).toEqual(UNAUTHORIZED);
  });
});
