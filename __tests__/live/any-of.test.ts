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
const ways = {
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
  const envoy = await startEnvoy({ upstream, ...ways, headers: { underscores: 'allow' }, ...options });
  /** The answer's status, and who the API is told it was. */
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

describe('a key, a token or a password', () => {
  let ask: Awaited<ReturnType<typeof started>>;
  beforeAll(async () => {
    ask = await started({
      anyOf: ['apiKeys', 'jwt', 'basicAuth'],
      routes: [
        { path: '/orders', apiKeys: { clients: ['partner'] } },
        { path: '/tokens', apiKeys: false, basicAuth: false },
        { path: '/two', basicAuth: false },
        { path: '/both', anyOf: ['jwt', 'basicAuth'] },
      ],
    });
  });

  test.each<[string, OutgoingHttpHeaders, object, string?]>([
    ['a key', key, { 'x-api-client': 'partner' }],
    ['a key in a parameter', {}, { 'x-api-client': 'partner' }, `/?k=${PARTNER}`],
    ['a key in a cookie', { cookie: `a=b; c=${PARTNER}` }, { 'x-api-client': 'partner', cookie: 'a=b' }],
    ['a token', bearer, { 'x-user': 'ann' }],
    ['a password', password, { 'x-user-name': 'anna' }],
  ])('%s alone is enough', async (_, headers, told, path = '/') => {
    for (const method of ['GET', 'POST']) {
      expect(await ask(headers, path, method)).toEqual({ status: 200, ...told });
    }
  });

  test.each<[string, OutgoingHttpHeaders, { asks: string }, string?]>([
    ['nothing', {}, { asks: 'Basic' }],
    ['a bad key', bad.key, { asks: 'ApiKey' }],
    ['an empty key', { 'x-api-key': '' }, { asks: 'ApiKey' }],
    ['a bad key in a parameter', {}, { asks: 'ApiKey' }, '/?k=wrong'],
    ['a bad key in a cookie', { cookie: 'c=wrong' }, { asks: 'ApiKey' }],
    ['a bad token', bad.bearer, { asks: 'Bearer' }],
    ['the scheme alone', { authorization: 'Bearer' }, { asks: 'Basic' }],
    ['a bad password', bad.password, { asks: 'Basic' }],
    ['a token without its scheme', { authorization: token(rsa, claims) }, { asks: 'Basic' }],
    ['a password as a token', { authorization: password.authorization.replace('Basic', 'Bearer') }, { asks: 'Bearer' }],
    ['a token as a password', { authorization: bearer.authorization.replace('Bearer', 'Basic') }, { asks: 'Basic' }],
    ['a bad key and a good token', { ...bad.key, ...bearer }, { asks: 'ApiKey' }],
    ['a bad key and a good password', { ...bad.key, ...password }, { asks: 'ApiKey' }],
    ['forged names', { 'x-user': 'ann', 'x-api-client': 'partner', 'x-user-name': 'anna' }, { asks: 'Basic' }],
  ])('%s is not', async (_, headers, more, path = '/') => {
    for (const method of ['GET', 'POST', 'OPTIONS', 'PURGE']) {
      const { asks, ...answer } = await ask(headers, path, method);
      expect({ method, ...answer }).toEqual({ method, status: 401 });
      expect(asks).toBe(more.asks);
    }
  });

  test('a good key is enough, whatever else is there, and tells who it is alone', async () => {
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

  test('a route may be for some clients, and the other ways lead there as well', async () => {
    expect(await ask(key, '/orders')).toEqual({ status: 200, 'x-api-client': 'partner' });
    expect(await ask({ 'x-api-key': SHOP }, '/orders')).toEqual({ status: 403 });
    expect(await ask(bearer, '/orders')).toEqual({ status: 200, 'x-user': 'ann' });
  });

  test('a route that turns ways off needs one of those that are left', async () => {
    expect(await ask(bearer, '/tokens')).toEqual({ status: 200, 'x-user': 'ann' });
    expect((await ask(key, '/tokens')).status).toBe(401);
    expect((await ask(password, '/tokens')).status).toBe(401);
    expect((await ask({}, '/tokens')).status).toBe(401);
    expect((await ask(key, '/two')).status).toBe(200);
    expect((await ask(bearer, '/two')).status).toBe(200);
    expect((await ask(password, '/two')).status).toBe(401);
    expect((await ask({}, '/two')).status).toBe(401);
  });

  test('a route may have ways of its own, and needs what they leave out as well', async () => {
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

test('the order is that of the options: the first that is shown judges', async () => {
  const ask = await started({ anyOf: ['jwt', 'apiKeys'], basicAuth: false });
  expect(await ask({ ...bad.key, ...bearer })).toMatchObject({ status: 200, 'x-user': 'ann' });
  expect((await ask({ ...key, ...bad.bearer })).status).toBe(401);
  expect((await ask({ ...key, ...password })).status).toBe(200);
  expect((await ask({})).status).toBe(401);
});

test('CONNECT, which has no route, needs all', async () => {
  const upstream = await startBackend();
  const { port } = await startEnvoy({ upstream, ...ways, anyOf: ['apiKeys', 'jwt', 'basicAuth'] });
  for (const line of ['x-a: b', `x-api-key: ${PARTNER}`, `authorization: ${bearer.authorization}`]) {
    expect(await rawCall(port, 'CONNECT api:80 HTTP/1.1', line)).toMatch(/^HTTP\/1.1 401 /);
  }
  expect(upstream.seen).toEqual([]);
});
