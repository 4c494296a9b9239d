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
const ways: Pick<EnvoyOptions, 'jwt' | 'basicAuth' | 'apiKeys'> = {
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
          ...ways,
          routes: [
            { path: '/jwt', basicAuth: false, apiKeys: false },
            { path: '/basic', jwt: false, apiKeys: false },
            { path: '/key', jwt: false, basicAuth: false },
            { path: '/optional', jwt: { token: 'optional' }, basicAuth: false, apiKeys: false },
            { path: '/ignored', jwt: { token: 'ignored' }, basicAuth: false, apiKeys: false },
            { path: '/open', public: true },
          ],
        },
        minor,
      ),
      startEnvoy(
        { upstream: api, ...ways, apiKeys: { keys: { partner: KEY } }, anyOf: ['jwt', 'basicAuth', 'apiKeys'] },
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

  test.each(anyCase('Bearer'))('a token behind %s is accepted, with one space or more, and removed', async (scheme) => {
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

  test.each(anyCase('Basic'))('a password behind %s is accepted, and removed', async (scheme) => {
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

  test.each([...anyCase('Bearer'), ...anyCase('ApiKey')])(
    'a key behind %s is accepted, and removed',
    async (scheme) => {
      expect(await authorized('/key', `${scheme} ${KEY}`)).toBe(200);
      expect(api.seen.map(({ headers }) => [headers['x-api-client'], headers.authorization])).toEqual([
        ['partner', undefined],
      ]);
      expect(await authorized('/key', `${scheme} ${KEY}x`)).toBe(401);
    },
  );

  test('other prefixes of tokens: schemes in either case, texts letter by letter', async () => {
    expect(await authorized('/jwt', `token ${OF_PARTNER}`)).toBe(200);
    expect(await status('/jwt', { 'x-token': `v1=${OF_PARTNER}` })).toBe(200);
    expect(await status('/jwt', { 'x-token': `V1=${OF_PARTNER}` })).toBe(401);
    expect(await status('/jwt', { 'x-token': `xv1=${OF_PARTNER}` })).toBe(401);
    expect(await authorized('/jwt', `Bearer ${OF_PARTNER}`)).toBe(401);
  });

  test.each([
    ['behind a longer scheme', `xBearer ${GOOD}`],
    ['behind a scheme of the same end', `Other ${GOOD}`],
    ['behind another credential', `Basic abc, Bearer ${GOOD}`],
    ['behind a parameter', `Digest realm="Bearer ${GOOD}"`],
    ['before another one', `Bearer ${GOOD}, Bearer ${GOOD}`],
    ['before a word', `Bearer ${GOOD} more`],
    ['behind its scheme twice', `Bearer Bearer ${GOOD}`],
    ['behind a comma', `Bearer ,${GOOD}`],
  ])('a good token %s is refused, and ignored where tokens are', async (_, authorization) => {
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

  test('of two values none is accepted, also where both are good', async () => {
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

  test('other schemes are none of the optional token, and reach the API as they are', async () => {
    for (const authorization of ['Basic abc', 'digest username="a", uri="/"', 'ApiKey x', 'Bearer', '']) {
      expect(await authorized('/optional', authorization)).toBe(200);
      expect(api.seen.at(-1)?.headers.authorization).toBe(authorization);
    }
  });

  test.each<[string, unknown]>([
    ['a scheme and a slash more', 'https://calc/'],
    ['a scheme more', 'http://calc'],
    ['a slash more', 'calc/'],
    ['a slash less', 'https://other.example'],
    ['another scheme', 'http://other.example/'],
    ['these in a list', ['calc/', 'https://other.example']],
    ['the audience of another provider', 'partner-calc'],
  ])('a token for an audience that differs by %s is for another one', async (_, aud) => {
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
    ['each audience', 'https://other.example/'],
    ['one of a list', ['x', 'calc']],
  ])('a token for %s is accepted', async (_, aud) => {
    expect(await authorized('/jwt', `Bearer ${token(rsa, { ...claims, aud })}`)).toBe(200);
  });

  test.each([[['exp']], [['b64']], [['unknown']], [[]], ['text']])('a token with crit %j is refused', async (crit) => {
    const { status, headers } = await envoy.call({
      path: '/jwt',
      headers: { authorization: `Bearer ${token(rsa, claims, { crit })}` },
    });
    expect({ status, asks: headers['www-authenticate'] }).toEqual({
      status: 401,
      asks: 'Bearer error="invalid_token"',
    });
  });

  test('a claim that no header can hold is refused, others arrive', async () => {
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
