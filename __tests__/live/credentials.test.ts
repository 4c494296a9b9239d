import type { OutgoingHttpHeaders } from 'node:http';
import type { EnvoyOptions, JwtProvider } from '../../envoy';
import { type Backend, startBackend } from './backend';
import { binaries } from './binaries';
import { type Envoy, startEnvoy } from './envoy';
import { keySet, signingKey, token } from './tokens';

const rsa = signingKey('RS256');
const claims = { iss: 'https://id.example.com/', aud: 'calc', sub: 'ann' };
const main: JwtProvider = {
  issuer: claims.iss,
  audiences: ['calc', 'https://other.example/'],
  jwks: { inline: keySet(rsa) },
  claimToHeaders: { 'x-user': 'sub', 'x-name': 'name' },
};
const partner: JwtProvider = {
  ...main,
  issuer: 'partner',
  audiences: ['partner-calc'],
  fromHeaders: [
    { name: 'authorization', valuePrefix: 'Token ' },
    { name: 'x-token', valuePrefix: 'v1=' },
  ],
};
const KEY = 'not-a-real-key-of-a-partner';
const PASSWORD = 'not-a-real-password';
const methods: Pick<EnvoyOptions, 'jwt' | 'basicAuth' | 'apiKeys'> = {
  jwt: { providers: { main, partner } },
  basicAuth: { users: { anna: PASSWORD } },
  apiKeys: { keys: { partner: KEY }, fromHeaders: ['authorization'] },
};
const GOOD = token(rsa, claims);
const OF_PARTNER = token(rsa, { ...claims, iss: 'partner', aud: 'partner-calc' });
const BASIC = Buffer.from(`anna:${PASSWORD}`).toString('base64');
const anyCase = (scheme: string) => [scheme, scheme.toLowerCase(), scheme.toUpperCase(), mixed(scheme)];
const mixed = (text: string) => [...text].map((one, at) => (at % 2 ? one.toUpperCase() : one.toLowerCase())).join('');

describe.each([...binaries()])('Envoy %s', (minor) => {
  let api: Backend;
  let envoy: Envoy;
  let chosen: Envoy;
  beforeAll(async () => {
    api = await startBackend();
    [envoy, chosen] = await Promise.all([
      startEnvoy(
        {
          upstream: api,
          ...methods,
          routes: [
            { path: '/jwt', basicAuth: false, apiKeys: false },
            { path: '/basic', jwt: false, apiKeys: false },
            { path: '/key', jwt: false, basicAuth: false },
            { path: '/optional', jwt: { token: 'optional' }, basicAuth: false, apiKeys: false },
            { path: '/ignored', jwt: { token: 'ignored' }, basicAuth: false, apiKeys: false },
            { path: '/open', authentication: { public: true } },
          ],
        },
        minor,
      ),
      startEnvoy(
        {
          upstream: api,
          ...methods,
          apiKeys: { keys: { partner: KEY } },
          authentication: { anyOf: ['jwt', 'basicAuth', 'apiKeys'] },
        },
        minor,
      ),
    ]);
  });
  beforeEach(() => {
    api.seen.length = 0;
  });
  const status = async (path: string, headers: OutgoingHttpHeaders = {}) =>
    (await envoy.call({ path, headers })).status;
  const authorized = (path: string, authorization: string) => status(path, { authorization });

  test.each(anyCase('Bearer'))('accepts a token after %s and spaces, and removes it', async (scheme) => {
    for (const authorization of [`${scheme} ${GOOD}`, `${scheme}   ${GOOD}`]) {
      expect(await authorized('/jwt', authorization)).toBe(200);
      expect(await authorized('/optional', authorization)).toBe(200);
    }
    expect(api.seen.map(({ headers }) => [headers['x-user'], headers.authorization])).toEqual(
      Array(4).fill(['ann', undefined]),
    );
    const answer = await chosen.call({ headers: { authorization: `${scheme} ${GOOD}` } });
    expect({ status: answer.status, user: api.seen.at(-1)?.headers['x-user'] }).toEqual({ status: 200, user: 'ann' });
  });

  test.each(anyCase('Basic'))('accepts a password after %s, and removes it', async (scheme) => {
    expect(await authorized('/basic', `${scheme} ${BASIC}`)).toBe(200);
    expect(api.seen.map(({ headers }) => [headers['x-user-name'], headers.authorization])).toEqual([
      ['anna', undefined],
    ]);
    expect(await authorized('/basic', `${scheme} ${BASIC.slice(0, -4)}`)).toBe(401);
    const answer = await chosen.call({ headers: { authorization: `${scheme} ${BASIC}` } });
    expect({ status: answer.status, user: api.seen.at(-1)?.headers['x-user-name'] }).toEqual({
      status: 200,
      user: 'anna',
    });
  });

  test.each([...anyCase('Bearer'), ...anyCase('ApiKey')])('accepts a key after %s, and removes it', async (scheme) => {
    expect(await authorized('/key', `${scheme} ${KEY}`)).toBe(200);
    expect(api.seen.map(({ headers }) => [headers['x-api-client'], headers.authorization])).toEqual([
      ['partner', undefined],
    ]);
    expect(await authorized('/key', `${scheme} ${KEY}x`)).toBe(401);
  });

  test('matches a custom scheme in any case, and another prefix exactly', async () => {
    expect(await authorized('/jwt', `token ${OF_PARTNER}`)).toBe(200);
    expect(await status('/jwt', { 'x-token': `v1=${OF_PARTNER}` })).toBe(200);
    expect(await status('/jwt', { 'x-token': `V1=${OF_PARTNER}` })).toBe(401);
    expect(await status('/jwt', { 'x-token': `xv1=${OF_PARTNER}` })).toBe(401);
    expect(await authorized('/jwt', `Bearer ${OF_PARTNER}`)).toBe(401);
  });

  test.each([
    ['after a longer scheme', `xBearer ${GOOD}`],
    ['after an unknown scheme', `Other ${GOOD}`],
    ['after another credential', `Basic abc, Bearer ${GOOD}`],
    ['in a parameter', `Digest realm="Bearer ${GOOD}"`],
    ['before another token', `Bearer ${GOOD}, Bearer ${GOOD}`],
    ['before another word', `Bearer ${GOOD} more`],
    ['after its scheme twice', `Bearer Bearer ${GOOD}`],
    ['after a comma', `Bearer ,${GOOD}`],
  ])("rejects a valid token %s, except with token: 'ignored'", async (_, authorization) => {
    const { status, headers } = await envoy.call({ path: '/jwt', headers: { authorization } });
    expect({ status, asks: headers['www-authenticate'] }).toEqual({
      status: 401,
      asks: expect.stringMatching(/^Bearer /),
    });
    expect(await authorized('/optional', authorization)).toBe(401);
    expect((await chosen.call({ headers: { authorization } })).status).toBe(401);
    expect(api.seen).toEqual([]);
    expect(await authorized('/ignored', authorization)).toBe(200);
    expect(await authorized('/open', authorization)).toBe(200);
  });

  test('rejects two authorization headers, even if both are valid', async () => {
    for (const [path, good, other] of [
      ['/jwt', `Bearer ${GOOD}`, 'Basic abc'],
      ['/optional', `Bearer ${GOOD}`, 'Basic abc'],
      ['/basic', `Basic ${BASIC}`, `Bearer ${GOOD}`],
      ['/key', `Bearer ${KEY}`, `Basic ${BASIC}`],
    ] as const) {
      for (const [one, two] of [
        [good, good],
        [good, other],
        [other, good],
      ] as const) {
        const refused = { path, one, two, status: await status(path, { Authorization: [one, two] }) };
        expect(refused).toEqual({ ...refused, status: 401 });
      }
    }
    expect(api.seen).toEqual([]);
  });

  test('passes other schemes to the API unchanged if the token is optional', async () => {
    for (const authorization of ['Basic abc', 'digest username="a", uri="/"', 'ApiKey x', 'Bearer', '']) {
      expect(await authorized('/optional', authorization)).toBe(200);
      expect(api.seen.at(-1)?.headers.authorization).toBe(authorization);
    }
  });

  test.each<[string, unknown]>([
    ['an additional scheme and slash', 'https://calc/'],
    ['an additional scheme', 'http://calc'],
    ['an additional slash', 'calc/'],
    ['a missing slash', 'https://other.example'],
    ['another scheme', 'http://other.example/'],
    ['slashes, in a list', ['calc/', 'https://other.example']],
    ['the provider', 'partner-calc'],
  ])('answers 403 to a token whose audience differs by %s', async (_, aud) => {
    const { status, headers } = await envoy.call({
      path: '/jwt',
      headers: { authorization: `Bearer ${token(rsa, { ...claims, aud })}` },
    });
    expect({ status, asks: headers['www-authenticate'] }).toEqual({
      status: 403,
      asks: expect.stringMatching(/^Bearer /),
    });
    expect(api.seen).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['another configured audience', 'https://other.example/'],
    ['a list with one configured audience', ['x', 'calc']],
  ])('accepts a token for %s', async (_, aud) => {
    expect(await authorized('/jwt', `Bearer ${token(rsa, { ...claims, aud })}`)).toBe(200);
  });

  test.each([
    ['a known header', ['exp']],
    ['an extension', ['b64']],
    ['an unknown header', ['unknown']],
    ['an empty list', []],
    ['a text', 'text'],
  ])('rejects a token whose crit is %s', async (_, crit) => {
    const { status, headers } = await envoy.call({
      path: '/jwt',
      headers: { authorization: `Bearer ${token(rsa, claims, { crit })}` },
    });
    expect({ status, asks: headers['www-authenticate'] }).toEqual({
      status: 401,
      asks: 'Bearer error="invalid_token"',
    });
  });

  test('rejects a claim that a header cannot hold, and passes others to the API', async () => {
    const ask = async (name: unknown) => authorized('/jwt', `Bearer ${token(rsa, { ...claims, name })}`);
    for (const bad of ['\n', '\r', '\r\nx-user: root', '\0', '\x01', '\x1f', '\x7f'].map((end) => `ann${end}`)) {
      expect([bad, await ask(bad)]).toEqual([bad, 401]);
    }
    expect(api.seen).toEqual([]);
    for (const good of ['ann\tlee', 'Änn €', '', 7, true, ['a\n']]) {
      expect([good, await ask(good)]).toEqual([good, 200]);
    }
    expect(api.seen.map(({ headers }) => headers['x-name'] ?? '')).toEqual([
      'ann\tlee',
      Buffer.from('Änn €').toString('latin1'),
      '',
      '7',
      'true',
      Buffer.from('["a\\n"]').toString('base64'),
    ]);
  });
});
