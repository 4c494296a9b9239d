import type { OutgoingHttpHeaders } from 'node:http';
import { assemble, type JwtOptions, type JwtProvider } from '../../envoy';
import { type Backend, startBackend } from './backend';
import { type Envoy, startEnvoy, withManager } from './envoy';
import { call, connectRaw, rawCall } from './http';
import { freePort } from './ports';
import { problemOf } from './problem';
import { keySet, now, type SigningKey, signedByPublicKey, signingKey, token, unsigned } from './tokens';

const rsa = signingKey('RS256');
const keys: readonly SigningKey[] = [rsa, signingKey('ES256'), signingKey('EdDSA')];
/** Of somebody else, who claims the same name for it. */
const strange = signingKey('RS256');

const claims = { iss: 'https://id.example.com/', aud: 'calculator', sub: 'ann' };
const main: JwtProvider = {
  issuer: claims.iss,
  audiences: ['calculator'],
  jwks: { inline: keySet(...keys) },
  claimToHeaders: { 'x-user': 'sub', 'x-name': 'name', 'x-roles': 'roles', 'x-city': 'address.city' },
  forwardPayloadHeader: 'x-claims',
};
const bearer = (text: string) => ({ authorization: `Bearer ${text}` });

async function started(jwt: JwtOptions, options: Partial<Parameters<typeof startEnvoy>[0]> = {}) {
  const upstream = await startBackend();
  const envoy = await startEnvoy({ upstream, jwt, ...options });
  const ask = (headers: OutgoingHttpHeaders, path = '/') => envoy.call({ path, headers });
  /** What the API gets in these headers, with the status of the answer. */
  const arrives = async (names: readonly string[], headers: OutgoingHttpHeaders, path = '/') => {
    upstream.seen.length = 0;
    const { status } = await ask(headers, path);
    const got = upstream.seen[0]?.headers;
    return {
      status,
      ...(got && Object.fromEntries(names.flatMap((name) => (name in got ? [[name, got[name]]] : [])))),
    };
  };
  return { upstream, envoy, ask, arrives };
}

describe('one provider', () => {
  let upstream: Backend;
  let envoy: Envoy;
  let ask: Awaited<ReturnType<typeof started>>['ask'];
  let arrives: Awaited<ReturnType<typeof started>>['arrives'];
  beforeAll(async () => {
    ({ upstream, envoy, ask, arrives } = await started(
      { providers: { main } },
      {
        // So that only jwt stands between a forged header and the API.
        headers: { underscores: 'allow' },
        routes: [
          { path: '/health', jwt: false },
          { path: '/greet', jwt: { token: 'optional' } },
        ],
      },
    ));
  });
  beforeEach(() => {
    upstream.seen.length = 0;
  });

  test.each(keys)('a token by an $alg key of the set is taken, and kept from the API', async (key) => {
    expect(await arrives(['x-user', 'authorization'], bearer(token(key, claims)))).toEqual({
      status: 200,
      'x-user': 'ann',
    });
  });

  const inTime = now();
  test.each<[string, object]>([
    ['one audience of several', { aud: ['other', 'calculator'] }],
    ['that ended within the clock skew', { exp: inTime - 20 }],
    ['that begins within the clock skew', { nbf: inTime + 40 }],
  ])('a token with %s is taken', async (_, changes) => {
    expect((await ask(bearer(token(rsa, { ...claims, ...changes })))).status).toBe(200);
  });

  const invalid = 401;
  test.each<[string, OutgoingHttpHeaders, number, string]>([
    ['no token', {}, invalid, 'Jwt is missing'],
    ['another scheme', { authorization: 'Basic YTpi' }, invalid, 'Jwt is missing'],
    ['no scheme', { authorization: token(rsa, claims) }, invalid, 'Jwt is missing'],
    ['a token in a cookie', { cookie: `access_token=${token(rsa, claims)}` }, invalid, 'Jwt is missing'],
    ['a token in another header', { 'x-token': `Bearer ${token(rsa, claims)}` }, invalid, 'Jwt is missing'],
    [
      'a token in the proxy header',
      { 'proxy-authorization': `Bearer ${token(rsa, claims)}` },
      invalid,
      'Jwt is missing',
    ],
    [
      'alg none',
      bearer(unsigned(claims)),
      invalid,
      'Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections',
    ],
    [
      'alg none and a signature',
      bearer(token(rsa, claims, { alg: 'none' })),
      invalid,
      'Jwt header [alg] is not supported',
    ],
    [
      'HS256 with the public key as its secret, as JWK',
      bearer(signedByPublicKey(rsa, JSON.stringify(rsa.jwk), claims)),
      invalid,
      "Jwks doesn't have key to match kid or alg from Jwt",
    ],
    [
      'HS256 with the public key as its secret, as PEM',
      bearer(signedByPublicKey(rsa, rsa.pem, claims)),
      invalid,
      "Jwks doesn't have key to match kid or alg from Jwt",
    ],
    ['a key of somebody else', bearer(token(strange, claims)), invalid, 'Jwt verification fails'],
    [
      'a key that is not in the set',
      bearer(token(signingKey('RS256', 'new'), claims)),
      invalid,
      "Jwks doesn't have key to match kid or alg from Jwt",
    ],
    [
      'a key that it brings itself',
      bearer(token(strange, claims, { jwk: strange.jwk, jku: 'https://evil.example/keys' })),
      invalid,
      'Jwt verification fails',
    ],
    ['changed claims', bearer(tampered()), invalid, 'Jwt verification fails'],
    ['an end long ago', bearer(token(rsa, { ...claims, exp: now() - 70 })), invalid, 'Jwt is expired'],
    ['no end', bearer(token(rsa, { ...claims, exp: undefined })), invalid, 'Jwt verification fails'],
    ['a begin still to come', bearer(token(rsa, { ...claims, nbf: now() + 120 })), invalid, 'Jwt not yet valid'],
    [
      'another issuer',
      bearer(token(rsa, { ...claims, iss: 'https://id.example.com' })),
      invalid,
      'Jwt issuer is not configured',
    ],
    ['no issuer', bearer(token(rsa, { ...claims, iss: undefined })), invalid, 'Jwt issuer is not configured'],
    ['another audience', bearer(token(rsa, { ...claims, aud: 'other' })), 403, 'Audiences in Jwt are not allowed'],
    ['no audience', bearer(token(rsa, { ...claims, aud: undefined })), 403, 'Audiences in Jwt are not allowed'],
    [
      'garbage',
      bearer('garbage'),
      invalid,
      'Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections',
    ],
  ])('%s is refused, and the API never sees it', async (_, headers, status, detail) => {
    const answer = await ask(headers);
    expect({ status: answer.status, detail: problemOf(answer).problem.detail }).toEqual({ status, detail });
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm=/);
    expect(upstream.seen).toEqual([]);
  });

  test('two tokens are refused, in whatever order', async () => {
    const [good, bad] = [`Bearer ${token(rsa, claims)}`, `Bearer ${token(strange, claims)}`];
    for (const authorization of [`${good}, ${bad}`, `${bad}, ${good}`, `${good}, ${good}`]) {
      expect((await ask({ authorization })).status).toBe(401);
    }
    for (const pair of [
      [good, bad],
      [bad, good],
    ]) {
      const lines = pair.map((text) => `Authorization: ${text}`);
      expect(await rawCall(envoy.port, 'GET / HTTP/1.1', ...lines)).toMatch(/^HTTP\/1.1 401 /);
    }
    expect(upstream.seen).toEqual([]);
  });

  test('a token in the address is refused, and does not reach the access log', async () => {
    const secret = token(rsa, claims);
    expect((await ask({}, `/leaky?access_token=${secret}`)).status).toBe(401);
    await envoy.logged('/leaky');
    expect(envoy.stdout()).not.toContain(secret);
  });

  test('claims arrive in headers, lists as JSON in base64, and one that is not there in none', async () => {
    const more = { address: { city: 'Ulm' }, roles: ['a', 'b'] };
    const { 'x-claims': all, ...headers } = (await arrives(
      ['x-user', 'x-name', 'x-city', 'x-roles', 'x-claims'],
      bearer(token(rsa, { ...claims, ...more })),
    )) as Record<string, unknown>;
    expect(headers).toEqual({
      status: 200,
      'x-user': 'ann',
      'x-city': 'Ulm',
      'x-roles': Buffer.from('["a","b"]').toString('base64'),
    });
    expect(JSON.parse(Buffer.from(`${all}`, 'base64url').toString())).toMatchObject({ ...claims, ...more });
  });

  test('a claim that would begin another header never arrives', async () => {
    expect(await arrives([], bearer(token(rsa, { ...claims, name: 'a\r\nx-user: root' })))).toEqual({ status: 401 });
  });

  const forged = {
    'x-user': 'root',
    'X-NAME': 'root',
    x_user: 'root',
    x_nAme: 'root',
    'x-claims': 'e30',
    x_claims: 'e30',
  };
  test.each([
    ['with a token', bearer(token(rsa, claims)), '/', 200],
    ['where tokens are optional', {}, '/greet', 200],
    ['on a public route', {}, '/health/x', 200],
    ['on a public route, with a token', bearer(token(rsa, claims)), '/health/x', 200],
  ])('forged identity headers never reach the API: %s', async (_, headers, path, status) => {
    const names = Object.keys(forged).map((name) => name.toLowerCase());
    const got = (await arrives(names, { ...forged, ...headers }, path)) as Record<string, unknown>;
    expect({
      status: got.status,
      root: Object.entries(got).filter(([, value]) => value === 'root' || value === 'e30'),
    }).toEqual({
      status,
      root: [],
    });
  });

  test('forged identity headers sent twice, or in trailers, never reach the API', async () => {
    await rawCall(envoy.port, 'GET /health/x HTTP/1.1', 'X-User: root', 'x-user: root', 'X-User:');
    const connection = await connectRaw(envoy.port);
    connection.send(
      'POST /health/y HTTP/1.1\r\nHost: api\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: x-user\r\n\r\n' +
        '1\r\na\r\n0\r\nx-user: root\r\n\r\n',
    );
    expect(await connection.closed).toMatch(/^HTTP\/1.1 200 /);
    expect(upstream.seen.map(({ url, headers }) => [url, headers['x-user']])).toEqual([
      ['/health/x', undefined],
      ['/health/y', undefined],
    ]);
  });

  test('an optional token may be missing and must not be bad', async () => {
    expect(await arrives(['x-user'], {}, '/greet')).toEqual({ status: 200 });
    expect(await arrives(['x-user'], bearer(token(rsa, claims)), '/greet')).toEqual({ status: 200, 'x-user': 'ann' });
    for (const bad of [
      token(strange, claims),
      token(rsa, { ...claims, iss: 'https://evil.example/' }),
      token(rsa, { ...claims, exp: now() - 70 }),
      unsigned(claims),
    ]) {
      expect((await ask(bearer(bad), '/greet')).status).toBe(401);
    }
  });

  test('a public route needs none', async () => {
    expect((await ask({}, '/health')).status).toBe(200);
    expect((await ask({}, '/health/deep?x=/../calculate')).status).toBe(200);
  });

  test.each([
    ['/health/../calculate', 401],
    ['/health/./../calculate', 401],
    ['/health/%2e%2e/calculate', 401],
    ['/health/%2E./calculate', 401],
    ['/health\\..\\calculate', 401],
    ['//calculate', 401],
    ['//health/./x', 200],
    ['/healthz', 401],
    ['/HEALTH', 401],
    ['/health;x', 401],
    ['/health/..;/calculate', 401],
    ['/health%2F..%2Fcalculate', 307],
    ['/health%5C..%5Ccalculate', 307],
    ['/health%00', 400],
    ['/health#/../calculate', 400],
    ['http://api/health/../calculate', 401],
  ])('%s opens nothing but the public route: %d', async (path, status) => {
    expect((await ask({}, path)).status).toBe(status);
    expect(upstream.seen.map(({ url }) => url)).toEqual(status === 200 ? ['/health/x'] : []);
  });

  test.each([
    ['OPTIONS', '/', 401],
    ['OPTIONS', '*', 404],
    ['TRACE', '/', 405],
    ['HEAD', '/', 401],
    ['PURGE', '/', 401],
  ])('%s %s gets nowhere without a token', async (method, path, status) => {
    expect((await envoy.call({ method, path })).status).toBe(status);
    expect(upstream.seen).toEqual([]);
  });

  test('CONNECT needs a token as well', async () => {
    expect(await rawCall(envoy.port, 'CONNECT api:80 HTTP/1.1')).toMatch(/^HTTP\/1.1 401 /);
  });
});

/** A good token whose claims were changed on the way. */
function tampered(): string {
  const [header, , signature] = token(rsa, claims).split('.');
  const payload = Buffer.from(JSON.stringify({ ...claims, sub: 'root', exp: now() + 300 })).toString('base64url');
  return [header, payload, signature].join('.');
}

test('tokens are looked for where the provider says, and nowhere else', async () => {
  const { ask, arrives } = await started({
    providers: {
      main: { ...main, fromHeaders: [{ name: 'x-token' }], fromParams: ['t'], fromCookies: ['session'], forward: true },
    },
  });
  const good = token(rsa, claims);
  expect(await arrives(['x-token'], { 'x-token': good })).toEqual({ status: 200, 'x-token': good });
  expect((await ask({ cookie: `a=b; session=${good}` })).status).toBe(200);
  expect((await ask({}, `/?t=${good}`)).status).toBe(200);
  expect((await ask(bearer(good))).status).toBe(401);
  expect((await ask({}, `/?access_token=${good}`)).status).toBe(401);
  // A good one does not excuse a bad one elsewhere.
  expect((await ask({ 'x-token': good, cookie: `session=${token(strange, claims)}` })).status).toBe(401);
});

test('a parameter that is not passed on is gone from the address', async () => {
  const { upstream, ask } = await started({ providers: { main: { ...main, fromParams: ['t'] } } });
  expect((await ask({}, `/calculate?x=3&t=${token(rsa, claims)}`)).status).toBe(200);
  expect(upstream.seen.map(({ url }) => url)).toEqual(['/calculate?x=3']);
});

test('a provider may take tokens without an end', async () => {
  const { ask } = await started({ providers: { main: { ...main, requireExpiration: false } } });
  expect((await ask(bearer(token(rsa, { ...claims, exp: undefined })))).status).toBe(200);
  expect((await ask(bearer(token(rsa, { ...claims, exp: now() - 70 })))).status).toBe(401);
});

test('the clock skew is as long as it is said to be', async () => {
  const { ask } = await started({ providers: { main: { ...main, clockSkew: '1s' } } });
  expect((await ask(bearer(token(rsa, { ...claims, exp: now() - 5 })))).status).toBe(401);
});

describe('several providers', () => {
  const es = signingKey('ES256', 'staff');
  const ofStaff = { iss: 'https://staff.example.com/', aud: 'calculator', sub: 'bob' };
  const staff: JwtProvider = { ...main, issuer: ofStaff.iss, jwks: { inline: keySet(es) } };
  const tokens = {
    main: token(rsa, claims),
    staff: token(es, ofStaff),
    // Each with the key of the other.
    mixed: token(rsa, ofStaff),
    mixedToo: token(es, claims),
  };
  const statusesOf = async ({ ask }: Pick<Awaited<ReturnType<typeof started>>, 'ask'>, path: string) => ({
    none: (await ask({}, path)).status,
    ...Object.fromEntries(
      await Promise.all(
        Object.entries(tokens).map(async ([name, text]) => [name, (await ask(bearer(text), path)).status]),
      ),
    ),
  });

  test('each signs for itself alone, and a route can say whose tokens it takes', async () => {
    const proxy = await started(
      { providers: { main, staff } },
      {
        routes: [
          { path: '/staff', jwt: { requiresAny: ['staff'] } },
          { path: '/open', jwt: { token: 'ignored' } },
          { path: '/perhaps', jwt: { requiresAny: ['staff'], token: 'optional' } },
        ],
      },
    );
    const mixed = { mixed: 401, mixedToo: 401 };
    expect(await statusesOf(proxy, '/')).toEqual({ none: 401, main: 200, staff: 200, ...mixed });
    expect(await statusesOf(proxy, '/staff')).toEqual({ none: 401, main: 401, staff: 200, ...mixed });
    expect(await statusesOf(proxy, '/staff/../other')).toEqual({ none: 401, main: 200, staff: 200, ...mixed });
    expect(await statusesOf(proxy, '/open')).toEqual({ none: 200, main: 200, staff: 200, mixed: 200, mixedToo: 200 });
    expect(await statusesOf(proxy, '/perhaps')).toEqual({ none: 200, main: 401, staff: 200, ...mixed });
  });

  test('only one route needs a token, where all others ignore them', async () => {
    const proxy = await started(
      { providers: { main, staff }, token: 'ignored' },
      { routes: [{ path: '/admin', jwt: { token: 'required', requiresAny: ['staff'] } }] },
    );
    expect(await statusesOf(proxy, '/')).toEqual({ none: 200, main: 200, staff: 200, mixed: 200, mixedToo: 200 });
    expect(await statusesOf(proxy, '/admin')).toEqual({ none: 401, main: 401, staff: 200, mixed: 401, mixedToo: 401 });
    expect(await proxy.arrives(['x-user'], { 'x-user': 'root' })).toEqual({ status: 200 });
    for (const path of ['//admin', '/x/../admin', '/%61dmin', '/./admin', '/admin/']) {
      expect({ path, status: (await proxy.ask({}, path)).status }).toEqual({ path, status: 401 });
    }
  });
});

test('preflights of other sites are answered without a token', async () => {
  const origin = 'https://app.example.com';
  const { envoy, ask } = await started({ providers: { main } }, { cors: { origins: [origin] } });
  const preflight = { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'PUT' } };
  expect((await envoy.call(preflight)).status).toBe(200);
  expect(await ask({ origin })).toMatchObject({ status: 401, headers: { 'access-control-allow-origin': origin } });
});

test("laid onto a configuration of one's own, it covers also what that answers by itself", async () => {
  const upstream = await startBackend();
  const { host, port } = upstream;
  const routes = [
    { match: { path: '/own' }, direct_response: { status: 200, body: { inline_string: 'own' } } },
    { match: { prefix: '/' }, route: { cluster: 'api' } },
  ];
  const { bootstrap } = assemble({
    upstream: { host, port },
    port: await freePort(),
    patch: withManager({ route_config: { name: 'own', virtual_hosts: [{ name: 'own', domains: ['*'], routes }] } }),
  });
  const envoy = await startEnvoy({
    upstream,
    base: bootstrap,
    jwt: { providers: { main } },
    routes: [{ path: '/health', jwt: false }],
  });
  const listener = bootstrap.static_resources?.listeners?.[0]?.address?.socket_address?.port_value ?? 0;
  const ask = async (path: string, headers = {}) => (await call({ port: listener, path, headers })).status;
  const good = bearer(token(rsa, claims));
  expect([await ask('/'), await ask('/own'), await ask('/health/x')]).toEqual([401, 401, 200]);
  expect([await ask('/', good), await ask('/own', good)]).toEqual([200, 200]);
  expect(envoy.isRunning()).toBe(true);
});
