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

/** What reaches the API of a request with these headers. */
async function started(options: Partial<EnvoyOptions>) {
  const envoy = await startEnvoy({ upstream: api, ...options });
  return async (path: string, headers: Record<string, string> = {}) => {
    const { status } = await envoy.call({ path, headers });
    const { url, headers: { authorization, 'x-api-key': key } = {} } = api.seen.at(-1) ?? {};
    return { status, ...(url !== path && { url }), ...(authorization && { authorization }), ...(key && { key }) };
  };
}

const NOTHING = { status: 200 };
const PUBLIC = { public: ['/open'] };

describe('on public routes', () => {
  test.each<[string, Partial<EnvoyOptions>, Record<string, string>]>([
    ['a key', { apiKeys }, { 'x-api-key': KEY }],
    ['a password', { basicAuth }, BASIC],
    ['a token', { jwt }, BEARER],
    ['a key and a token', { apiKeys, jwt }, { ...BEARER, 'x-api-key': KEY }],
  ])('%s does not reach the API', async (_, options, headers) => {
    const ask = await started({ ...options, ...PUBLIC });
    expect(await ask('/open', headers)).toEqual(NOTHING);
  });

  test('a key and a token in the query do not reach the API, and the rest of the query does as it is', async () => {
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

  test('a key in a cookie does not reach the API, and other cookies do', async () => {
    const ask = await started({ apiKeys: { ...apiKeys, fromCookies: ['key'] }, ...PUBLIC });
    expect(await ask('/open', { cookie: `a=b; key=${KEY}; c=d` })).toEqual(NOTHING);
    expect(api.seen.at(-1)?.headers.cookie).toBe('a=b; c=d');
    await ask('/open', { cookie: `key=${KEY}` });
    expect(api.seen.at(-1)?.headers).not.toHaveProperty('cookie');
  });

  test('they reach an API that is given them everywhere', async () => {
    const ask = await started({ apiKeys: { ...apiKeys, forward: true }, ...PUBLIC });
    expect(await ask('/open', { 'x-api-key': KEY })).toEqual({ status: 200, key: KEY });
  });
});

test('what another feature reads stays where only one is off', async () => {
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

test('of several ways, those that did not count do not reach the API either', async () => {
  const ask = await started({ apiKeys, jwt, basicAuth, anyOf: ['jwt', 'apiKeys', 'basicAuth'] });
  for (const headers of [BEARER, { ...BEARER, 'x-api-key': KEY }, { ...BASIC, 'x-api-key': KEY }, BASIC]) {
    expect(await ask('/', headers)).toEqual(NOTHING);
  }
});

test('of several ways, the one that is passed on is, in the place of another', async () => {
  const providers = { main: { ...main, forward: true } };
  const ask = await started({ jwt: { providers }, basicAuth, anyOf: ['jwt', 'basicAuth'] });
  expect(await ask('/', BEARER)).toEqual({ status: 200, ...BEARER });
  expect(await ask('/', BASIC)).toEqual(NOTHING);
});

test('a token does not reach the API where tokens are ignored', async () => {
  const ask = await started({
    jwt: { ...jwt, token: 'ignored' },
    routes: [{ path: '/mine', jwt: { token: 'required' } }],
  });
  expect(await ask('/', BEARER)).toEqual(NOTHING);
});

test('a route can leave them to an API that checks its own', async () => {
  const ask = await started({ jwt, apiKeys, routes: [{ path: '/own', public: true, forwardCredentials: true }] });
  const own = { authorization: 'Bearer of-the-api', 'x-api-key': 'of-the-api' };
  expect(await ask('/own', own)).toEqual({ status: 200, authorization: 'Bearer of-the-api', key: 'of-the-api' });
});
