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
/** A key of an attacker, with the same key id. */
const foreign = signingKey('RS256');

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
  /** Returns the status, and these headers as they reached the API. */
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
        // Only jwt can remove a forged header here.
        requestHeaders: { headersWithUnderscores: 'allow' },
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

  test.each(keys)('accepts a token signed with the $alg key of the set, and keeps it from the API', async (key) => {
    expect(await arrives(['x-user', 'authorization'], bearer(token(key, claims)))).toEqual({
      status: 200,
      'x-user': 'ann',
    });
  });

  const inTime = now();
  test.each<[string, object]>([
    ['a list of audiences that includes the API', { aud: ['other', 'calculator'] }],
    ['an expiry within the clock skew', { exp: inTime - 20 }],
    ['a start within the clock skew', { nbf: inTime + 40 }],
  ])('accepts a token with %s', async (_, changes) => {
    expect((await ask(bearer(token(rsa, { ...claims, ...changes })))).status).toBe(200);
  });

  const invalid = 401;
  test.each<[string, OutgoingHttpHeaders, number, string]>([
    ['a request without a token', {}, invalid, 'Jwt is missing'],
    ['another scheme', { authorization: 'Basic YTpi' }, invalid, 'Jwt is missing'],
    ['a token without a scheme', { authorization: token(rsa, claims) }, invalid, 'Jwt is missing'],
    ['a token in a cookie', { cookie: `access_token=${token(rsa, claims)}` }, invalid, 'Jwt is missing'],
    ['a token in another header', { 'x-token': `Bearer ${token(rsa, claims)}` }, invalid, 'Jwt is missing'],
    [
      'a token in proxy-authorization',
      { 'proxy-authorization': `Bearer ${token(rsa, claims)}` },
      invalid,
      'Jwt is missing',
    ],
    [
      'a token without a signature',
      bearer(unsigned(claims)),
      invalid,
      'Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections',
    ],
    [
      'a token with alg none and a signature',
      bearer(token(rsa, claims, { alg: 'none' })),
      invalid,
      'Jwt header [alg] is not supported',
    ],
    [
      'a token signed with HS256 and the public key as JWK',
      bearer(signedByPublicKey(rsa, JSON.stringify(rsa.jwk), claims)),
      invalid,
      "Jwks doesn't have key to match kid or alg from Jwt",
    ],
    [
      'a token signed with HS256 and the public key as PEM',
      bearer(signedByPublicKey(rsa, rsa.pem, claims)),
      invalid,
      "Jwks doesn't have key to match kid or alg from Jwt",
    ],
    [
      'a token signed with a foreign key of the same id',
      bearer(token(foreign, claims)),
      invalid,
      'Jwt verification fails',
    ],
    [
      'a token signed with a key that is not in the set',
      bearer(token(signingKey('RS256', 'new'), claims)),
      invalid,
      "Jwks doesn't have key to match kid or alg from Jwt",
    ],
    [
      'a token signed with the key in its own header',
      bearer(token(foreign, claims, { jwk: foreign.jwk, jku: 'https://evil.example/keys' })),
      invalid,
      'Jwt verification fails',
    ],
    ['a token with changed claims', bearer(tamperedToken()), invalid, 'Jwt verification fails'],
    ['an expired token', bearer(token(rsa, { ...claims, exp: now() - 70 })), invalid, 'Jwt is expired'],
    ['a token without an expiry', bearer(token(rsa, { ...claims, exp: undefined })), invalid, 'Jwt verification fails'],
    [
      'a token that is not yet valid',
      bearer(token(rsa, { ...claims, nbf: now() + 120 })),
      invalid,
      'Jwt not yet valid',
    ],
    [
      'a token of another issuer',
      bearer(token(rsa, { ...claims, iss: 'https://id.example.com' })),
      invalid,
      'Jwt issuer is not configured',
    ],
    [
      'a token without an issuer',
      bearer(token(rsa, { ...claims, iss: undefined })),
      invalid,
      'Jwt issuer is not configured',
    ],
    [
      'a token for another audience',
      bearer(token(rsa, { ...claims, aud: 'other' })),
      403,
      'Audiences in Jwt are not allowed',
    ],
    [
      'a token without an audience',
      bearer(token(rsa, { ...claims, aud: undefined })),
      403,
      'Audiences in Jwt are not allowed',
    ],
    [
      'text that is no token',
      bearer('garbage'),
      invalid,
      'Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections',
    ],
  ])('rejects %s before the API', async (_, headers, status, detail) => {
    const answer = await ask(headers);
    expect({ status: answer.status, detail: problemOf(answer).problem.detail }).toEqual({ status, detail });
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm=/);
    expect(upstream.seen).toEqual([]);
  });

  test('rejects two tokens in any order', async () => {
    const [good, bad] = [`Bearer ${token(rsa, claims)}`, `Bearer ${token(foreign, claims)}`];
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

  test('rejects a token in the query, and keeps it from the access log', async () => {
    const secret = token(rsa, claims);
    expect((await ask({}, `/leaky?access_token=${secret}`)).status).toBe(401);
    await envoy.logged('/leaky');
    expect(envoy.stdout()).not.toContain(secret);
  });

  test('passes claims to the API in headers: lists as base64 of JSON, missing claims not at all', async () => {
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

  test('rejects a claim that would start another header', async () => {
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
    ['on a route with an optional token', {}, '/greet', 200],
    ['on a public route', {}, '/health/x', 200],
    ['on a public route with a token', bearer(token(rsa, claims)), '/health/x', 200],
  ])('keeps forged identity headers from the API %s', async (_, headers, path, status) => {
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

  test('keeps repeated identity headers and identity trailers from the API', async () => {
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

  test('accepts a missing token and rejects an invalid one if the token is optional', async () => {
    expect(await arrives(['x-user'], {}, '/greet')).toEqual({ status: 200 });
    expect(await arrives(['x-user'], bearer(token(rsa, claims)), '/greet')).toEqual({ status: 200, 'x-user': 'ann' });
    for (const bad of [
      token(foreign, claims),
      token(rsa, { ...claims, iss: 'https://evil.example/' }),
      token(rsa, { ...claims, exp: now() - 70 }),
      unsigned(claims),
    ]) {
      expect((await ask(bearer(bad), '/greet')).status).toBe(401);
    }
  });

  test('requires no token on a public route', async () => {
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
  ])('limits the public route to its path: %s gets %d', async (path, status) => {
    expect((await ask({}, path)).status).toBe(status);
    expect(upstream.seen.map(({ url }) => url)).toEqual(status === 200 ? ['/health/x'] : []);
  });

  test.each([
    ['OPTIONS', '/', 401],
    ['OPTIONS', '*', 404],
    ['TRACE', '/', 405],
    ['HEAD', '/', 401],
    ['PURGE', '/', 401],
  ])('answers %s %s without a token with %d', async (method, path, status) => {
    expect((await envoy.call({ method, path })).status).toBe(status);
    expect(upstream.seen).toEqual([]);
  });

  test('requires a token for CONNECT', async () => {
    expect(await rawCall(envoy.port, 'CONNECT api:80 HTTP/1.1')).toMatch(/^HTTP\/1.1 401 /);
  });
});

/** Returns a signed token whose claims were changed afterwards. */
function tamperedToken(): string {
  const [header, , signature] = token(rsa, claims).split('.');
  const payload = Buffer.from(JSON.stringify({ ...claims, sub: 'root', exp: now() + 300 })).toString('base64url');
  return [header, payload, signature].join('.');
}

test('reads tokens only from the places that the provider names', async () => {
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
  // Envoy rejects an invalid token in one place despite a valid token in another.
  expect((await ask({ 'x-token': good, cookie: `session=${token(foreign, claims)}` })).status).toBe(401);
});

test('removes the parameter with the token from the URL', async () => {
  const { upstream, ask } = await started({ providers: { main: { ...main, fromParams: ['t'] } } });
  expect((await ask({}, `/calculate?x=3&t=${token(rsa, claims)}`)).status).toBe(200);
  expect(upstream.seen.map(({ url }) => url)).toEqual(['/calculate?x=3']);
});

test('accepts tokens without an expiry with requireExpiration: false', async () => {
  const { ask } = await started({ providers: { main: { ...main, requireExpiration: false } } });
  expect((await ask(bearer(token(rsa, { ...claims, exp: undefined })))).status).toBe(200);
  expect((await ask(bearer(token(rsa, { ...claims, exp: now() - 70 })))).status).toBe(401);
});

test('applies the configured clock skew', async () => {
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
    // Each is signed with the key of the other provider.
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

  test('verify only their own tokens, and a route restricts the providers', async () => {
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

  test('are required on one route and ignored on all others', async () => {
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

test('answers CORS preflights without a token', async () => {
  const origin = 'https://app.example.com';
  const { envoy, ask } = await started({ providers: { main } }, { cors: { allowOrigins: [origin] } });
  const preflight = { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'PUT' } };
  expect((await envoy.call(preflight)).status).toBe(200);
  expect(await ask({ origin })).toMatchObject({ status: 401, headers: { 'access-control-allow-origin': origin } });
});

test("protects the routes and direct responses of a user's bootstrap", async () => {
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
    baseConfig: bootstrap,
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
