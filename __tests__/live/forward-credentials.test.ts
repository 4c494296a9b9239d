import type { EnvoyOptions } from '../../envoy';
import { type Backend, startBackend } from './backend';
import { startEnvoy } from './envoy';
import { keySet, signingKey, token } from './tokens';

const KEY = 'not-a-real-key-of-a-partner';
const PASSWORD = 'not-a-real-password';
const rsa = signingKey('RS256');
const claims = { iss: 'https://id.example.com/', aud: 'calculator', sub: 'ann' };
const TOKEN = token(rsa, claims);
const main = { issuer: claims.iss, audiences: ['calculator'] as const, jwks: { inline: keySet(rsa) } };
const jwt = { providers: { main } };
const apiKeys = { keys: { partner: KEY } };
const basicAuth = { users: { anna: PASSWORD } };
const BEARER = { authorization: `Bearer ${TOKEN}` };
const BASIC = { authorization: `Basic ${Buffer.from(`anna:${PASSWORD}`).toString('base64')}` };

let api: Backend;
beforeAll(async () => {
  api = await startBackend();
});
beforeEach(() => {
  api.seen.length = 0;
});

/** Starts Envoy. The function returns the status, and the URL and credentials that reached the API. */
async function started(options: Partial<EnvoyOptions>) {
  const envoy = await startEnvoy({ upstream: api, ...options });
  return async (path: string, headers: Record<string, string> = {}) => {
    const { status } = await envoy.call({ path, headers });
    const { url, headers: { authorization, 'x-api-key': key } = {} } = api.seen.at(-1) ?? {};
    return { status, ...(url !== path && { url }), ...(authorization && { authorization }), ...(key && { key }) };
  };
}

const NOTHING = { status: 200 };
const PUBLIC = { authentication: { publicPaths: ['/open'] } };

describe('a public route', () => {
  test.each<[string, Partial<EnvoyOptions>, Record<string, string>]>([
    ['a key from the API', { apiKeys }, { 'x-api-key': KEY }],
    ['a password from the API', { basicAuth }, BASIC],
    ['a token from the API', { jwt }, BEARER],
    ['a key and a token from the API', { apiKeys, jwt }, { ...BEARER, 'x-api-key': KEY }],
  ])('removes %s', async (_, options, headers) => {
    const ask = await started({ ...options, ...PUBLIC });
    expect(await ask('/open', headers)).toEqual(NOTHING);
  });

  test('removes a key and a token from the query, and keeps the rest unchanged', async () => {
    const ask = await started({
      apiKeys: { ...apiKeys, fromParams: ['key'] },
      jwt: { providers: { main: { ...main, fromParams: ['token'] } } },
      ...PUBLIC,
    });
    const query = `a=1&b=x%20y%2B%2F&c&d=%C3%A4`;
    expect(await ask(`/open?${query}&key=${KEY}&token=${TOKEN}`)).toEqual({ status: 200, url: `/open?${query}` });
    expect(await ask(`/open?${query}`)).toEqual(NOTHING);
    expect(await ask(`/open?k%65y=${KEY}&${query}`)).toEqual({ status: 200, url: `/open?${query}` });
    expect(await ask(`/?key=${KEY}&${query}&token=${TOKEN}`)).toEqual({ status: 200, url: `/?${query}` });
    expect(await ask(`/?key=${KEY}&token=${TOKEN}`)).toEqual({ status: 200, url: '/' });
  });

  test('removes a key from the cookies, and keeps other cookies', async () => {
    const ask = await started({ apiKeys: { ...apiKeys, fromCookies: ['key'] }, ...PUBLIC });
    expect(await ask('/open', { cookie: `a=b; key=${KEY}; c=d` })).toEqual(NOTHING);
    expect(api.seen.at(-1)?.headers.cookie).toBe('a=b; c=d');
    await ask('/open', { cookie: `key=${KEY}` });
    expect(api.seen.at(-1)?.headers).not.toHaveProperty('cookie');
  });

  test('passes a key to the API with forward: true', async () => {
    const ask = await started({ apiKeys: { ...apiKeys, forward: true }, ...PUBLIC });
    expect(await ask('/open', { 'x-api-key': KEY })).toEqual({ status: 200, key: KEY });
  });
});

test('removes all credentials on a route that turns one feature off', async () => {
  const ask = await started({
    apiKeys,
    jwt,
    routes: [
      { path: '/a', apiKeys: false },
      { path: '/b', jwt: false },
    ],
  });
  expect(await ask('/a', { ...BEARER, 'x-api-key': KEY })).toEqual(NOTHING);
  expect(await ask('/b', { ...BEARER, 'x-api-key': KEY })).toEqual(NOTHING);
  expect((await ask('/a')).status).toBe(401);
});

test('removes all credentials with anyOf, also those that Envoy ignored', async () => {
  const ask = await started({ apiKeys, jwt, basicAuth, authentication: { anyOf: ['jwt', 'apiKeys', 'basicAuth'] } });
  for (const headers of [BEARER, { ...BEARER, 'x-api-key': KEY }, { ...BASIC, 'x-api-key': KEY }, BASIC]) {
    expect(await ask('/', headers)).toEqual(NOTHING);
  }
});

test('forwards only the credential with forward: true if several share a header', async () => {
  const providers = { main: { ...main, forward: true } };
  const ask = await started({ jwt: { providers }, basicAuth, authentication: { anyOf: ['jwt', 'basicAuth'] } });
  expect(await ask('/', BEARER)).toEqual({ status: 200, ...BEARER });
  expect(await ask('/', BASIC)).toEqual(NOTHING);
});

test("removes a token with token: 'ignored'", async () => {
  const ask = await started({
    jwt: { ...jwt, token: 'ignored' },
    routes: [{ path: '/mine', jwt: { token: 'required' } }],
  });
  expect(await ask('/', BEARER)).toEqual(NOTHING);
});

test('forwards credentials on a public route with forwardCredentials: true', async () => {
  const ask = await started({
    jwt,
    apiKeys,
    routes: [{ path: '/own', authentication: { public: true, forwardCredentials: true } }],
  });
  const own = { authorization: 'Bearer of-the-api', 'x-api-key': 'of-the-api' };
  expect(await ask('/own', own)).toEqual({ status: 200, authorization: 'Bearer of-the-api', key: 'of-the-api' });
});
