import type { OutgoingHttpHeaders } from 'node:http';
import type { JwtProvider } from '../../envoy';
import {
  API_CLIENT_HEADER,
  API_KEYS_FILTER,
  BASIC_AUTH_FILTER,
  USER_HEADER,
} from '../../envoy/messages/resource-names';
import { type Backend, startBackend } from './backend';
import { type Envoy, inTurn, type LiveOptions, startEnvoy } from './envoy';
import { fakeIdentityFilter } from './fake-identity-filter';
import { call, statusesOfEach } from './http';
import { keySet, now, signingKey, token } from './tokens';

const key = signingKey('ES256');
const untrusted = signingKey('ES256');
const provider = (issuer: string): JwtProvider => ({
  issuer,
  audiences: ['calculator'],
  jwks: { inline: keySet(key) },
});
const jwt = { providers: { main: provider('https://id.example.com/'), other: provider('https://other.example.com/') } };

/** Returns the headers of a client with these claims. */
const as = (claims: object, by = key): OutgoingHttpHeaders => ({
  authorization: `Bearer ${token(by, { iss: 'https://id.example.com/', aud: 'calculator', ...claims })}`,
});

let api: Backend;

beforeAll(async () => {
  api = await startBackend();
});

beforeEach(() => {
  api.seen.length = 0;
});

const started = (options: Partial<LiveOptions>) => startEnvoy({ upstream: api, ...options });

describe('a rate per claim', () => {
  const perSub = { perClaim: { claim: 'sub', rate: '2/hour' } } as const;

  test('counts the requests of one value from all addresses and with all tokens', async () => {
    const envoy = await started({ jwt, identityRateLimit: perSub });
    const from = async (localAddress: string, claims: object) =>
      (await envoy.call({ localAddress, headers: as(claims) })).status;
    expect(await from('127.0.0.1', { sub: 'ann', jti: '1' })).toBe(200);
    expect(await from('127.0.0.2', { sub: 'ann', jti: '2' })).toBe(200);
    expect(await from('127.0.0.3', { sub: 'ann', jti: '3' })).toBe(429);
    expect(await from('127.0.0.3', { sub: 'bob' })).toBe(200);
  });

  test('answers 429 with retry-after, and does not call the API', async () => {
    const envoy = await started({ jwt, identityRateLimit: perSub });
    expect((await envoy.call({ headers: as({ sub: 'ann' }) })).headers).toMatchObject({
      'x-ratelimit-limit': '2',
      'x-ratelimit-remaining': '1',
    });
    await inTurn(envoy, 1, { headers: as({ sub: 'ann' }) });
    const { status, headers } = await envoy.call({ path: '/over', headers: as({ sub: 'ann' }) });
    expect({ status, after: headers['retry-after'] }).toEqual({ status: 429, after: '1800' });
    expect(await envoy.logged('/over')).toMatchObject({ status: 429, flags: 'RL', upstream: null });
    expect(api.seen).toHaveLength(2);
    expect(await envoy.stat('identity_rate_limit.http_local_rate_limit.enforced')).toBe(1);
  });

  test('does not count requests with invalid tokens', async () => {
    const envoy = await started({ jwt, identityRateLimit: perSub });
    expect(await inTurn(envoy, 3, { headers: as({ sub: 'ann' }, untrusted) })).toEqual([401, 401, 401]);
    expect(await inTurn(envoy, 3, { headers: as({ sub: 'ann', exp: now() - 600 }) })).toEqual([401, 401, 401]);
    expect(await inTurn(envoy, 3, { headers: as({ sub: 'ann', aud: 'other' }) })).toEqual([403, 403, 403]);
    expect(await inTurn(envoy, 3)).toEqual([401, 401, 401]);
    expect(await inTurn(envoy, 3, { headers: as({ sub: 'ann' }) })).toEqual([200, 200, 429]);
  });

  test('counts equal values of two issuers separately', async () => {
    const envoy = await started({ jwt, identityRateLimit: perSub });
    expect(await inTurn(envoy, 3, { headers: as({ sub: 'ann' }) })).toEqual([200, 200, 429]);
    expect(await inTurn(envoy, 3, { headers: as({ sub: 'ann', iss: 'https://other.example.com/' }) })).toEqual([
      200, 200, 429,
    ]);
  });

  test.each([
    ['no claim', undefined],
    ['an empty claim', ''],
    ['a number', 42],
    ['a list', ['ann']],
    ['an object', { id: 'ann' }],
    ['null', null],
    ['a text of more than 256 bytes', 'é'.repeat(129)],
  ])('counts tokens without a usable claim together: %s', async (_, team) => {
    const envoy = await started({ jwt, identityRateLimit: { perClaim: { claim: 'team', rate: '2/hour' } } });
    expect(await inTurn(envoy, 1, { headers: as({ sub: 'ann' }) })).toEqual([200]);
    expect(await inTurn(envoy, 2, { headers: as({ sub: 'bob', team }) })).toEqual([200, 429]);
    expect(await inTurn(envoy, 1, { headers: as({ sub: 'bob', team: 'red' }) })).toEqual([200]);
  });

  test.each<[string, 'org.id' | ['https://example.com/org', 'id'], (id: unknown) => object]>([
    ['a path with dots', 'org.id', (id) => ({ org: { id } })],
    [
      'a list of names, which may contain dots',
      ['https://example.com/org', 'id'],
      (id) => ({ 'https://example.com/org': { id } }),
    ],
  ])('finds a nested claim by %s', async (_, claim, claims) => {
    const envoy = await started({ jwt, identityRateLimit: { perClaim: { claim, rate: '2/hour' } } });
    expect(await inTurn(envoy, 3, { headers: as(claims('a')) })).toEqual([200, 200, 429]);
    expect(await inTurn(envoy, 3, { headers: as(claims('b')) })).toEqual([200, 200, 429]);
    expect(await inTurn(envoy, 3, { headers: as({ org: 'a' }) })).toEqual([200, 200, 429]);
    expect(await inTurn(envoy, 1, { headers: as({ org: 'b' }) })).toEqual([429]);
  });

  test('counts all requests without a token together, apart from those with one', async () => {
    const envoy = await started({ jwt: { ...jwt, token: 'optional' }, identityRateLimit: perSub });
    expect(await inTurn(envoy, 3)).toEqual([200, 200, 429]);
    expect((await envoy.call({ localAddress: '127.0.0.2' })).status).toBe(429);
    expect(await inTurn(envoy, 3, { headers: as({ sub: 'ann' }) })).toEqual([200, 200, 429]);
  });

  test('can be replaced on a route with its own buckets, or turned off', async () => {
    const envoy = await started({
      jwt,
      identityRateLimit: perSub,
      routes: [
        { path: '/report', identityRateLimit: { perClaim: { claim: 'sub', rate: '1/hour' } } },
        { path: '/health', jwt: false, identityRateLimit: false },
      ],
    });
    const ann = as({ sub: 'ann' });
    expect(await inTurn(envoy, 2, { headers: ann, path: '/report' })).toEqual([200, 429]);
    expect(await inTurn(envoy, 1, { headers: as({ sub: 'bob' }), path: '/report' })).toEqual([200]);
    expect(await inTurn(envoy, 5, { path: '/health' })).toEqual(Array(5).fill(200));
    expect(await inTurn(envoy, 3, { headers: ann })).toEqual([200, 200, 429]);
    expect(await envoy.stat('identity_rate_limit_/report.http_local_rate_limit.rate_limited')).toBe(1);
  });

  test('rejects no request if it is not enforced, and marks those above the rate for the API', async () => {
    const envoy = await started({ jwt, identityRateLimit: { ...perSub, shadow: true } });
    expect(await inTurn(envoy, 3, { headers: as({ sub: 'ann' }) })).toEqual([200, 200, 200]);
    expect(api.seen.map(({ headers }) => headers['x-rate-limited'])).toEqual([undefined, undefined, 'true']);
    expect(await envoy.stat('identity_rate_limit.http_local_rate_limit.rate_limited')).toBe(1);
  });

  test('works with the limit before authentication: either rejects, and both report their bucket', async () => {
    const envoy = await started({ jwt, rateLimit: { perClient: '4/hour' }, identityRateLimit: perSub });
    const { headers } = await envoy.call({ headers: as({ sub: 'ann' }) });
    expect(headers['x-ratelimit-remaining']).toBe('1, 3');
    expect(await inTurn(envoy, 2, { headers: as({ sub: 'ann' }) })).toEqual([200, 429]);
    expect(await inTurn(envoy, 2, { headers: as({ sub: 'bob' }) })).toEqual([200, 429]);
  });
});

describe.each([
  ['perApiClient', API_KEYS_FILTER, API_CLIENT_HEADER],
  ['perUser', BASIC_AUTH_FILTER, USER_HEADER],
] as const)('the rate %s', (option, filter, header) => {
  test('counts each identity separately, and requests without one together', async () => {
    const envoy = await started({
      identityRateLimit: { [option]: '2/hour' },
      custom: [fakeIdentityFilter(filter, header)],
    });
    expect(await inTurn(envoy, 3, { headers: { 'x-known-as': 'ann' } })).toEqual([200, 200, 429]);
    expect(await inTurn(envoy, 3, { headers: { 'x-known-as': 'bob' } })).toEqual([200, 200, 429]);
    expect(await inTurn(envoy, 3)).toEqual([200, 200, 429]);
  });

  test('ignores forged identity headers in any spelling', async () => {
    const envoy = await started({
      identityRateLimit: { [option]: '1/hour' },
      custom: [fakeIdentityFilter(filter)],
      requestHeaders: { headersWithUnderscores: 'allow' },
    });
    expect(await inTurn(envoy, 1)).toEqual([200]);
    for (const [index, name] of [header, header.toUpperCase(), header.replaceAll('-', '_')].entries()) {
      expect(await inTurn(envoy, 1, { headers: { [name]: `me-${index}` } })).toEqual([429]);
    }
  });
});

test('counts 5,000 users exactly: one request each, and none after that', async () => {
  const COUNT = 5_000;
  const envoy = await started({
    identityRateLimit: { perUser: '1/day' },
    custom: [fakeIdentityFilter(BASIC_AUTH_FILTER, USER_HEADER)],
    accessLog: false,
    retries: false,
  });
  const ask = (name: number) => ({ port: envoy.port, headers: { 'x-known-as': `user-${name}` } });
  expect(await statusesOfEach(COUNT, ask)).toEqual({ 200: COUNT });
  expect((await call(ask(0))).status).toBe(429);
});

describe('rates for several credentials with anyOf', () => {
  const KEYS = { partner: 'not-a-real-key-of-a-partner', shop: 'not-a-real-key-of-a-shop' };
  const PASSWORDS = { anna: 'not-a-real-password', bert: 'not-a-real-password-either' };
  const withKey = (client: keyof typeof KEYS) => ({ 'x-api-key': KEYS[client] });
  const withPassword = (user: keyof typeof PASSWORDS) => ({
    authorization: `Basic ${Buffer.from(`${user}:${PASSWORDS[user]}`).toString('base64')}`,
  });
  let envoy: Envoy;
  beforeAll(async () => {
    envoy = await started({
      jwt,
      apiKeys: { keys: KEYS },
      basicAuth: { users: PASSWORDS },
      authentication: { anyOf: ['apiKeys', 'jwt', 'basicAuth'] },
      routes: [{ path: '/open', authentication: { public: true } }],
      identityRateLimit: { perClaim: { claim: 'sub', rate: '2/hour' }, perApiClient: '3/hour', perUser: '4/hour' },
    });
  });

  test.each<[string, number, OutgoingHttpHeaders, OutgoingHttpHeaders]>([
    ['tokens', 2, as({ sub: 'ann' }), as({ sub: 'bob' })],
    ['keys', 3, withKey('partner'), withKey('shop')],
    ['passwords', 4, withPassword('anna'), withPassword('bert')],
  ])('count %s separately, apart from requests without them', async (_, rate, one, other) => {
    for (const headers of [one, other]) {
      expect(await inTurn(envoy, rate + 1, { headers })).toEqual([...Array(rate).fill(200), 429]);
    }
  });

  test('count tokens without the claim together', async () => {
    expect(await inTurn(envoy, 3, { headers: as({}) })).toEqual([200, 200, 429]);
  });

  test('count no request on a public route', async () => {
    expect(await inTurn(envoy, 3, { path: '/open' })).toEqual([200, 200, 200]);
    expect(await inTurn(envoy, 5, { headers: withKey('partner'), path: '/open' })).toEqual(Array(5).fill(200));
  });
});
