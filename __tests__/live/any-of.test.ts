import type { OutgoingHttpHeaders } from 'node:http';
import type { EnvoyOptions } from '../../envoy';
import { startBackend } from './backend';
import { startEnvoy } from './envoy';
import { rawCall } from './http';
import { keySet, signingKey, token } from './tokens';

const PARTNER = 'not-a-real-key-of-a-partner';
const SHOP = 'not-a-real-key-of-a-shop';
const PASSWORD = 'not-a-real-password';
const rsa = signingKey('RS256');
const claims = { iss: 'https://id.example.com/', aud: 'calculator', sub: 'ann' };
const main = {
  issuer: claims.iss,
  audiences: ['calculator'] as const,
  jwks: { inline: keySet(rsa) },
  claimToHeaders: { 'x-user': 'sub' },
};
const methods = {
  jwt: { providers: { main } },
  apiKeys: {
    keys: { partner: PARTNER, shop: SHOP },
    fromHeaders: ['x-api-key'],
    fromParams: ['k'],
    fromCookies: ['c'],
  },
  basicAuth: { users: { anna: PASSWORD } },
};

async function started(options: Partial<EnvoyOptions>) {
  const upstream = await startBackend();
  const envoy = await startEnvoy({
    upstream,
    ...methods,
    requestHeaders: { headersWithUnderscores: 'allow' },
    ...options,
  });
  /** Returns the status, the identity headers that reached the API and the scheme that the response asks for. */
  return async (headers: OutgoingHttpHeaders = {}, path = '/', method = 'GET') => {
    upstream.seen.length = 0;
    const { status, headers: answer } = await envoy.call({ method, path, headers });
    const told = Object.entries(upstream.seen[0]?.headers ?? {}).filter(([name]) =>
      ['x-user', 'x-api-client', 'x-user-name', 'authorization', 'x-api-key', 'cookie'].includes(name),
    );
    const asks = answer['www-authenticate'];
    return { status, ...Object.fromEntries(told), ...(asks !== undefined && { asks: asks.split(' ')[0] }) };
  };
}

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
const key = { 'x-api-key': PARTNER };
const bearer = { authorization: `Bearer ${token(rsa, claims)}` };
const password = basic(`anna:${PASSWORD}`);
const bad = {
  key: { 'x-api-key': 'wrong' },
  bearer: { authorization: `Bearer ${token(signingKey('RS256'), claims)}` },
  password: basic('anna:wrong'),
};

describe('a proxy that accepts a key, a token or a password', () => {
  let ask: Awaited<ReturnType<typeof started>>;
  beforeAll(async () => {
    ask = await started({
      authentication: { anyOf: ['apiKeys', 'jwt', 'basicAuth'] },
      routes: [
        { path: '/orders', apiKeys: { allowedClients: ['partner'] } },
        { path: '/tokens', apiKeys: false, basicAuth: false },
        { path: '/two', basicAuth: false },
        { path: '/both', authentication: { anyOf: ['jwt', 'basicAuth'] } },
      ],
    });
  });

  test.each<[string, OutgoingHttpHeaders, object, string?]>([
    ['a key', key, { 'x-api-client': 'partner' }],
    ['a key in a parameter', {}, { 'x-api-client': 'partner' }, `/?k=${PARTNER}`],
    ['a key in a cookie', { cookie: `a=b; c=${PARTNER}` }, { 'x-api-client': 'partner', cookie: 'a=b' }],
    ['a token', bearer, { 'x-user': 'ann' }],
    ['a password', password, { 'x-user-name': 'anna' }],
  ])('accepts %s alone', async (_, headers, told, path = '/') => {
    for (const method of ['GET', 'POST']) {
      expect(await ask(headers, path, method)).toEqual({ status: 200, ...told });
    }
  });

  test.each<[string, OutgoingHttpHeaders, { asks: string }, string?]>([
    ['a request without a credential', {}, { asks: 'Basic' }],
    ['a wrong key', bad.key, { asks: 'ApiKey' }],
    ['an empty key', { 'x-api-key': '' }, { asks: 'ApiKey' }],
    ['a wrong key in a parameter', {}, { asks: 'ApiKey' }, '/?k=wrong'],
    ['a wrong key in a cookie', { cookie: 'c=wrong' }, { asks: 'ApiKey' }],
    ['an invalid token', bad.bearer, { asks: 'Bearer' }],
    ['the scheme Bearer without a token', { authorization: 'Bearer' }, { asks: 'Basic' }],
    ['a wrong password', bad.password, { asks: 'Basic' }],
    ['a token without its scheme', { authorization: token(rsa, claims) }, { asks: 'Basic' }],
    [
      'a password with the scheme Bearer',
      { authorization: password.authorization.replace('Basic', 'Bearer') },
      { asks: 'Bearer' },
    ],
    [
      'a token with the scheme Basic',
      { authorization: bearer.authorization.replace('Bearer', 'Basic') },
      { asks: 'Basic' },
    ],
    ['a wrong key with a valid token', { ...bad.key, ...bearer }, { asks: 'ApiKey' }],
    ['a wrong key with a valid password', { ...bad.key, ...password }, { asks: 'ApiKey' }],
    [
      'forged identity headers',
      { 'x-user': 'ann', 'x-api-client': 'partner', 'x-user-name': 'anna' },
      { asks: 'Basic' },
    ],
  ])('rejects %s', async (_, headers, more, path = '/') => {
    for (const method of ['GET', 'POST', 'OPTIONS', 'PURGE']) {
      const { asks, ...answer } = await ask(headers, path, method);
      expect({ method, ...answer }).toEqual({ method, status: 401 });
      expect(asks).toBe(more.asks);
    }
  });

  test('accepts a valid credential with forged headers, and passes only its identity', async () => {
    const forged = {
      'x-user': 'root',
      x_user: 'root',
      'x-user-name': 'root',
      x_user_name: 'root',
      'x-api-client': 'root',
    };
    expect(await ask({ ...forged, ...key, ...bad.bearer })).toEqual({
      status: 200,
      'x-api-client': 'partner',
    });
    expect(await ask({ ...forged, ...bearer })).toEqual({ status: 200, 'x-user': 'ann' });
    expect(await ask({ ...forged, ...password })).toEqual({ status: 200, 'x-user-name': 'anna' });
  });

  test('restricts the clients of a route, and still accepts the other credentials there', async () => {
    expect(await ask(key, '/orders')).toEqual({ status: 200, 'x-api-client': 'partner' });
    expect(await ask({ 'x-api-key': SHOP }, '/orders')).toEqual({ status: 403 });
    expect(await ask(bearer, '/orders')).toEqual({ status: 200, 'x-user': 'ann' });
  });

  test('requires one of the remaining credentials on a route that turns others off', async () => {
    expect(await ask(bearer, '/tokens')).toEqual({ status: 200, 'x-user': 'ann' });
    expect((await ask(key, '/tokens')).status).toBe(401);
    expect((await ask(password, '/tokens')).status).toBe(401);
    expect((await ask({}, '/tokens')).status).toBe(401);
    expect((await ask(key, '/two')).status).toBe(200);
    expect((await ask(bearer, '/two')).status).toBe(200);
    expect((await ask(password, '/two')).status).toBe(401);
    expect((await ask({}, '/two')).status).toBe(401);
  });

  test('requires the key too on a route whose anyOf leaves it out', async () => {
    expect(await ask({ ...key, ...bearer }, '/both')).toEqual({
      status: 200,
      'x-api-client': 'partner',
      'x-user': 'ann',
    });
    expect((await ask({ ...key, ...password }, '/both')).status).toBe(200);
    for (const headers of [key, bearer, password, { ...bad.key, ...bearer }, { ...key, ...bad.password }, {}]) {
      expect((await ask(headers, '/both')).status).toBe(401);
    }
  });
});

test('validates the first credential present, in the order of anyOf', async () => {
  const ask = await started({ authentication: { anyOf: ['jwt', 'apiKeys'] }, basicAuth: false });
  expect(await ask({ ...bad.key, ...bearer })).toMatchObject({ status: 200, 'x-user': 'ann' });
  expect((await ask({ ...key, ...bad.bearer })).status).toBe(401);
  expect((await ask({ ...key, ...password })).status).toBe(200);
  expect((await ask({})).status).toBe(401);
});

test('requires all credentials for CONNECT, which has no route', async () => {
  const upstream = await startBackend();
  const { port } = await startEnvoy({
    upstream,
    ...methods,
    authentication: { anyOf: ['apiKeys', 'jwt', 'basicAuth'] },
  });
  for (const line of ['x-a: b', `x-api-key: ${PARTNER}`, `authorization: ${bearer.authorization}`]) {
    expect(await rawCall(port, 'CONNECT api:80 HTTP/1.1', line)).toMatch(/^HTTP\/1.1 401 /);
  }
  expect(upstream.seen).toEqual([]);
});
