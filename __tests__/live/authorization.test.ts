import http2 from 'node:http2';
import https from 'node:https';
import type { AuthorizationOptions, AuthorizationRule, EnvoyOptions } from '../../envoy';
import { API_KEYS_FILTER, BASIC_AUTH_FILTER } from '../../envoy/messages/resource-names';
import { authority, type Certificate } from './authority';
import { type Backend, startBackend } from './backend';
import { atEnd } from './cleanup';
import { type Envoy, startEnvoy } from './envoy';
import type { Answer } from './http';
import { problemOf } from './problem';
import { keySet, signingKey, token } from './tokens';

let api: Backend;

beforeAll(async () => {
  api = await startBackend();
});

beforeEach(() => {
  api.seen.length = 0;
});

const started = (authorization: AuthorizationOptions | undefined, options: Partial<EnvoyOptions> = {}) =>
  startEnvoy({ upstream: api, retries: false, ...(authorization && { authorization }), ...options });

const key = signingKey('EdDSA');
const jwt = {
  token: 'optional' as const,
  providers: { main: { issuer: 'me', audiences: ['api'] as [string], jwks: { inline: keySet(key) } } },
};
const bearer = (claims: object) => ({ authorization: `Bearer ${token(key, { iss: 'me', aud: 'api', ...claims })}` });

/** Reads a path as a lenient API may: decoded, in lower case, without parameters, dot segments and double slashes. */
function normalizeLeniently(url: string): string {
  const [path = ''] = url.split('?');
  const segments = decodeURIComponent(path.replaceAll(/;[^/]*/g, ''))
    .toLowerCase()
    .split('/');
  const resolved: string[] = [];
  for (const segment of segments) {
    if (segment === '..') {
      resolved.pop();
    } else if (segment !== '' && segment !== '.') {
      resolved.push(segment);
    }
  }
  return `/${resolved.join('/')}`;
}

test('answers 403 without details, logs the rule, and does not call the API', async () => {
  const envoy = await started({ allow: [{ methods: ['GET'] }], deny: [{ paths: ['/other'] }, { paths: ['/secret'] }] });
  const answer = await envoy.call({ path: '/secret' });
  expect(answer.status).toBe(403);
  expect(problemOf(answer).problem).toEqual({ status: 403, title: 'Forbidden' });
  expect((await envoy.call({ path: '/open', method: 'PUT' })).status).toBe(403);
  expect((await envoy.logged('/secret')).details).toBe('rbac_access_denied_matched_policy[deny[1]]');
  expect((await envoy.logged('/open')).details).toBe('rbac_access_denied_matched_policy[none]');
  expect(api.seen).toEqual([]);
  expect(await envoy.stat('http.ingress_http.rbac.deny.denied')).toBe(1);
  expect(await envoy.stat('http.ingress_http.rbac.allow.denied')).toBe(1);
  expect((await envoy.call({ path: '/open' })).status).toBe(200);
});

describe('claims and scopes', () => {
  let envoy: Envoy;
  beforeAll(async () => {
    const rules: Record<string, AuthorizationRule> = {
      '/text': { claims: { role: ['admin', 'ops'] } },
      '/nested': { claims: { 'org.id': ['acme'] } },
      '/number': { claims: { level: [7] } },
      '/flag': { claims: { active: [true] } },
      '/url': { claims: { 'https://example.com/roles': ['admin'] } },
      '/both': { claims: { role: ['admin'], 'org.id': ['acme'] } },
      '/scopes': { scopes: ['read', 'write'] },
    };
    const allow = Object.entries(rules).map(([path, rule]) => ({ ...rule, paths: [path] }));
    envoy = await started({ allow }, { jwt });
  });

  test.each<[string, string, object, number]>([
    ['allows a claim that equals one of the values', '/text', { role: 'admin' }, 200],
    ['allows a list claim that contains one of the values', '/text', { role: ['user', 'ops'] }, 200],
    ['denies a claim that only starts with the value', '/text', { role: 'administrator' }, 403],
    ['denies a list claim without the value', '/text', { role: ['user'] }, 403],
    ['denies a claim that has the value among other words', '/text', { role: 'user admin' }, 403],
    ['denies an object claim with the value as key', '/text', { role: { admin: true } }, 403],
    ['denies a claim of another name', '/text', { roles: 'admin' }, 403],
    ['denies a token without the claim', '/text', {}, 403],
    ['allows a nested claim', '/nested', { org: { id: 'acme' } }, 200],
    ['allows a nested list claim', '/nested', { org: { id: ['other', 'acme'] } }, 200],
    ['denies a nested claim with another value', '/nested', { org: { id: 'other' } }, 403],
    ['denies a claim whose name has a dot in place of a nested claim', '/nested', { 'org.id': 'acme' }, 403],
    ['denies the parent of a nested claim', '/nested', { org: 'acme' }, 403],
    ['allows a number', '/number', { level: 7 }, 200],
    ['denies a text in place of a number', '/number', { level: '7' }, 403],
    ['denies another number', '/number', { level: 70 }, 403],
    ['allows a boolean', '/flag', { active: true }, 200],
    ['denies the other boolean', '/flag', { active: false }, 403],
    ['denies a text in place of a boolean', '/flag', { active: 'true' }, 403],
    ['allows a claim whose name is a URL', '/url', { 'https://example.com/roles': ['admin'] }, 200],
    ['allows a token with both claims of a rule', '/both', { role: 'admin', org: { id: 'acme' } }, 200],
    ['denies a token with one of two claims of a rule', '/both', { role: 'admin' }, 403],
    ['allows scopes in any order', '/scopes', { scope: 'write read' }, 200],
    ['allows scopes of a list in scp', '/scopes', { scp: ['read', 'write'] }, 200],
    ['denies a token with one of two scopes', '/scopes', { scope: 'read' }, 403],
    ['denies scopes that only contain the name', '/scopes', { scope: 'read-write readwrite write' }, 403],
    ['denies scopes in a claim of another name', '/scopes', { scopes: 'read write' }, 403],
  ])('%s', async (_, path, claims, expected) => {
    expect((await envoy.call({ path, headers: bearer(claims) })).status).toBe(expected);
  });

  test('denies a request without a token, even with headers that name the claim', async () => {
    expect((await envoy.call({ path: '/text' })).status).toBe(403);
    expect((await envoy.call({ path: '/text', headers: { role: 'admin', claims: '{"role":"admin"}' } })).status).toBe(
      403,
    );
  });
});

describe('rules for clients and users', () => {
  /** Returns a fake authentication filter, which copies the name from one header to another. */
  const fakeIdentityFilter = (name: string, header: string, from: string) => ({
    name,
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua' as const,
      default_source_code: {
        inline_string: `function envoy_on_request(handle)
          local name = handle:headers():get('${from}')
          if name then handle:headers():replace('${header}', name) end
        end`,
      },
    },
  });
  const custom = [
    {
      before: 'authorization' as const,
      httpFilters: [
        fakeIdentityFilter(API_KEYS_FILTER, 'x-api-client', 'key'),
        fakeIdentityFilter(BASIC_AUTH_FILTER, 'x-user-name', 'password'),
      ],
    },
  ];
  let envoy: Envoy;
  beforeAll(async () => {
    envoy = await started(
      { allow: [{ clients: ['partner', 'own'] }, { users: ['anna'] }] },
      { custom, requestHeaders: { headersWithUnderscores: 'allow' } },
    );
  });

  test.each<[string, Record<string, string | string[]>, number]>([
    ['allow a client', { key: 'partner' }, 200],
    ['allow another client of the list', { key: 'own' }, 200],
    ['deny an unlisted client', { key: 'other' }, 403],
    ['deny a client whose name contains a listed name', { key: 'partner,other' }, 403],
    ['allow a user', { password: 'anna' }, 200],
    ['deny a user with the name of a client', { password: 'partner' }, 403],
    ['deny a request without an identity', {}, 403],
    ['deny a forged client', { 'x-api-client': 'partner' }, 403],
    ['deny a forged client in mixed case', { 'X-Api-Client': 'partner' }, 403],
    ['deny a forged client with underscores', { x_api_client: 'partner' }, 403],
    ['deny two forged clients', { 'x-api-client': ['partner', 'own'] }, 403],
    ['deny a forged user', { 'x-user-name': 'anna' }, 403],
    ['deny an unlisted client that forges a listed one', { key: 'other', 'x-api-client': 'partner' }, 403],
    ['allow a client that forges an unlisted one', { key: 'partner', 'x-api-client': 'other' }, 200],
  ])('%s', async (_, headers, expected) => {
    expect((await envoy.call({ headers })).status).toBe(expected);
  });

  test('remove forged identity headers if only a route has rules', async () => {
    const onRoute = await started(
      { allow: 'all' },
      { custom, routes: [{ path: '/partners', authorization: { allow: [{ clients: ['partner'] }] } }] },
    );
    const headers = { 'x-api-client': 'partner' };
    expect((await onRoute.call({ path: '/partners', headers })).status).toBe(403);
    expect((await onRoute.call({ path: '/', headers })).status).toBe(200);
    expect(api.seen[0]?.headers).not.toHaveProperty('x-api-client');
  });
});

/** Spellings of `/admin`, or of paths below it, that some API understands. */
const SPELLINGS = [
  '/admin',
  '/admin/',
  '/admin/users',
  '/admin?x',
  '/admin?x=/../public',
  '//admin',
  '/./admin',
  '/x/../admin',
  '/public/../admin',
  '/public/%2e%2e/admin',
  '/%61dmin',
  '/%41dmin',
  '/ADMIN',
  '/Admin/Users',
  '/admin;x',
  '/admin;x=1/users',
  '/;x/admin',
  '/public/..;/admin',
  '/public/%2e%2e;/admin',
  '/public/.%2e;x=1/admin',
  '\\admin',
  '/public\\..\\admin',
  '/public\\..;\\admin',
  '/%2Fadmin',
  '/public/..%2Fadmin',
  '/public%2F..%2Fadmin',
  '/public/..%5cadmin',
  '/public;x/../admin',
  '/public/;x/../../admin',
];

/** Spellings that the default minor rejects with 400 before any rule. */
const MALFORMED = ['/public/%2e%2e;/admin', '/public/.%2e;x=1/admin', '/public\\..;\\admin'];

describe.each<[string, AuthorizationOptions]>([
  ['a denied path', { allow: 'all', deny: [{ paths: ['/admin'] }] }],
  ['a denied path within an allowed path', { allow: [{ paths: ['/'] }], deny: [{ paths: ['/admin'] }] }],
  ['a path that no rule allows', { allow: [{ paths: ['/public', { template: '/t/**' }] }] }],
])('%s', (_, rules) => {
  let envoy: Envoy;
  beforeAll(async () => {
    envoy = await started(rules);
  });

  test.each(SPELLINGS)('is unreachable as %s', async (path) => {
    const answer = await envoy.call({ path: path.startsWith('/') ? path : `/x/..${path}` });
    // If Envoy redirects the client, it denies the new path.
    const last = answer.status === 307 ? await envoy.call({ path: answer.headers.location ?? '' }) : answer;
    // Envoy rejects dot segments with parameters from every client.
    expect(last.status).toBe(MALFORMED.includes(path) ? 400 : 403);
    expect(api.seen.map(({ url }) => normalizeLeniently(url))).toEqual([]);
  });

  test.each(['/public', '/public/a;b', '/public/admin', '/public?/admin', '/public/./a..;b'])(
    'does not include %s',
    async (path) => {
      expect((await envoy.call({ path })).status).toBe(200);
    },
  );
});

test('denies a path with parameters in each segment, and allows similar paths', async () => {
  const envoy = await started({ allow: 'all', deny: [{ paths: ['/a/b/c', { exact: '/one/only' }] }] });
  const statuses = async (paths: string[]) => {
    const result: Record<number, string[]> = {};
    for (const path of paths) {
      const { status } = await envoy.call({ path });
      result[status] = [...(result[status] ?? []), path];
    }
    return result;
  };
  const denied = [
    '/a/b/c',
    '/a/b/c/d',
    '/a;x/b/c',
    '/a/b;x=1;y/c',
    '/a/;x/b/c',
    '/a/b/;/c',
    '/A/B/C',
    '/one/only',
    '/one/only/',
  ];
  const open = ['/a/b', '/a/b/cd', '/a/bc', '/ab;x', '/one/only/more', '/one', '/c;x'];
  expect(await statuses([...denied, ...open])).toEqual({ 200: open, 403: denied });
});

test.each<[string, NonNullable<AuthorizationRule['paths']>[number], string[], string[]]>([
  ['a prefix', '/a', ['/a', '/a/', '/a/b?x', '/a?/b'], ['/', '/ab', '/b/a', '/A', '/a;x']],
  ['an exact path', { exact: '/a' }, ['/a', '/a?x'], ['/a/', '/a/b', '/ab']],
  [
    'a template',
    { template: '/users/{id}/keys' },
    ['/users/1/keys', '/users/1/keys?x'],
    ['/users/1', '/users/1/2/keys', '/users/1/keys/2'],
  ],
  ['a regular expression', { regex: '/v[0-9]+' }, ['/v1', '/v12?x'], ['/v1/x', '/x/v1', '/v']],
  ['the root', '/', ['/', '/a/b'], []],
])('a rule with %s allows the paths that it matches and no others', async (_, path, open, closed) => {
  const envoy = await started({ allow: [{ paths: [path] }] });
  const statuses = await Promise.all([...open, ...closed].map(async (path) => (await envoy.call({ path })).status));
  expect(statuses).toEqual([...open.map(() => 200), ...closed.map(() => 403)]);
});

test('a rule matches if each field matches one of its values', async () => {
  const envoy = await started(
    {
      allow: [
        { methods: ['GET', 'HEAD'], paths: ['/a', '/b'], scopes: ['read'] },
        { methods: ['PUT'], scopes: ['write'] },
      ],
    },
    { jwt },
  );
  const status = async (method: string, path: string, scope: string) =>
    (await envoy.call({ method, path, headers: bearer({ scope }) })).status;
  expect([
    await status('GET', '/a', 'read'),
    await status('HEAD', '/b', 'read'),
    await status('PUT', '/c', 'write'),
  ]).toEqual([200, 200, 200]);
  expect([
    await status('POST', '/a', 'read'),
    await status('GET', '/c', 'read'),
    await status('GET', '/a', 'write'),
    await status('PUT', '/a', 'read'),
  ]).toEqual([403, 403, 403, 403]);
});

test('a header rule allows a value only if it is alone, and denies it among others too', async () => {
  const own = { 'x-channel': 'web (v1)' };
  const allowing = await started({ allow: [{ headers: own }] });
  const denying = await started({ allow: 'all', deny: [{ headers: own }] });
  const status = async (envoy: Envoy, value: string | string[]) =>
    (await envoy.call({ headers: { 'x-channel': value } })).status;
  expect(await status(allowing, 'web (v1)')).toBe(200);
  expect(await status(denying, 'web (v1)')).toBe(403);
  for (const value of [['web (v1)', 'other'], ['other', 'web (v1)'], 'other,  web (v1),']) {
    expect(await status(denying, value)).toBe(403);
  }
  expect(await status(allowing, 'other,  web (v1),')).toBe(403);
  for (const value of ['web v1', 'web (v1)x', 'the web (v1)', ['web', '(v1)']]) {
    expect(await status(allowing, value)).toBe(403);
    expect(await status(denying, value)).toBe(200);
  }
  expect([(await allowing.call()).status, (await denying.call()).status]).toEqual([403, 200]);
});

describe('address rules', () => {
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

  test.each<[string, AuthorizationOptions, string[], string[]]>([
    [
      'allow',
      { allow: [{ addresses: ['10.0.0.0/8', '203.0.113.7/32', 'fd00:1::/32'] }] },
      ['10.255.0.1', '203.0.113.7', 'fd00:1::9'],
      ['11.0.0.1', '203.0.113.8', 'fd00:2::9', '::ffff:11.0.0.1', '::1'],
    ],
    [
      'deny',
      { allow: 'all', deny: [{ addresses: ['10.0.0.0/8', 'fd00:1::/32'] }] },
      ['11.0.0.1', 'fd00:2::9', '::ffff:11.0.0.1'],
      ['10.0.0.1', 'fd00:1::9', '::ffff:10.0.0.1', '::ffff:a00:1'],
    ],
  ])('%s the addresses that clientIp determines', async (_, rules, open, closed) => {
    const envoy = await started(rules, { clientIp: { numTrustedHops: 1 } });
    const statuses = await Promise.all(
      [...open, ...closed].map(async (address) => (await envoy.call(from(address))).status),
    );
    expect(statuses).toEqual([...open.map(() => 200), ...closed.map(() => 403)]);
  });

  test('see the peer address of the connection by default, and no x-forwarded-for', async () => {
    const envoy = await started({ allow: [{ addresses: ['127.0.0.9/32'] }] });
    expect((await envoy.call({ localAddress: '127.0.0.9', ...from('10.0.0.1') })).status).toBe(200);
    expect((await envoy.call(from('127.0.0.9'))).status).toBe(403);
  });
});

test('a certificate rule matches the names of a verified certificate, each by its type', async () => {
  const { pem, issue } = authority();
  const { pem: strange, issue: issueUntrusted } = authority();
  const server = issue('DNS:localhost');
  const envoy = await startTls(
    { allow: [{ certificates: ['a.example.com', 'spiffe://example.com/billing', { suffix: '.partner.example' }] }] },
    server,
    pem,
  );
  const status = (client?: Certificate) => callOverTls(envoy, { ca: `${pem}${strange}`, ...client });
  expect(await status(issue('DNS:a.example.com'))).toBe(200);
  expect(await status(issue('DNS:other.example,DNS:a.example.com'))).toBe(200);
  expect(await status(issue('URI:spiffe://example.com/billing'))).toBe(200);
  expect(await status(issue('DNS:x.partner.example'))).toBe(200);
  expect(await status(issue('DNS:b.example.com'))).toBe(403);
  expect(await status(issue('DNS:*.example.com'))).toBe(403);
  expect(await status(issue('DNS:a.example.com.evil.example'))).toBe(403);
  expect(await status(issue('URI:spiffe://example.com/billing/x'))).toBe(403);
  expect(await status(issue('URI:https://a.example.com'))).toBe(403);
  expect(await status(issue('email:a.example.com@evil.example'))).toBe(403);
  expect(await status(issue('DNS:evilpartner.example'))).toBe(403);
  expect(await status()).toBe(403);
  await expect(status(issueUntrusted('DNS:a.example.com'))).rejects.toThrow();
});

test('a certificate rule denies requests without TLS', async () => {
  const envoy = await started({ allow: [{ certificates: ['a.example.com'] }] });
  expect((await envoy.call()).status).toBe(403);
});

test('shadow denies no request, and counts and logs those that it would deny', async () => {
  const envoy = await started(
    { allow: [{ methods: ['GET'] }], deny: [{ paths: ['/a'] }, { paths: ['/secret'] }], shadow: true },
    { routes: [{ path: '/strict', authorization: { shadow: false } }] },
  );
  const status = async (method: string, path: string) => (await envoy.call({ method, path })).status;
  expect(await status('GET', '/open')).toBe(200);
  expect(await status('GET', '/secret')).toBe(200);
  expect(await status('PUT', '/put')).toBe(200);
  expect(await status('PUT', '/strict')).toBe(403);
  const lines = async (path: string) => {
    const { request_id } = await envoy.logged(path);
    return envoy
      .accessLog()
      .filter((line) => line.request_id === request_id && 'authorization' in line)
      .map(({ authorization }) => authorization);
  };
  expect(await lines('/strict')).toEqual([]);
  expect(await lines('/secret')).toEqual(['would refuse, by deny[1]']);
  expect(await lines('/put')).toEqual(['would refuse, as no allow rule fits']);
  expect(await lines('/open')).toEqual([]);
  expect(await envoy.stat('http.ingress_http.rbac.deny.shadow_denied')).toBe(1);
  expect(await envoy.stat('http.ingress_http.rbac.allow.shadow_denied')).toBe(1);
  expect(await envoy.stat('http.ingress_http.rbac.allow.denied')).toBe(1);
});

test('a route replaces both lists of rules, one of them, or turns the rules off', async () => {
  const envoy = await started(
    { allow: [{ methods: ['GET'] }], deny: [{ addresses: ['127.0.0.66/32'] }] },
    {
      routes: [
        { path: '/write', authorization: { allow: [{ methods: ['PUT'] }] } },
        { path: '/closed', authorization: { deny: [{ methods: ['GET'] }] } },
        { path: '/all', authorization: { allow: 'all', deny: [] } },
        { path: '/health', authorization: false },
        { path: '/gone', directResponse: { status: 410 } },
      ],
    },
  );
  const status = async (method: string, path: string, localAddress = '127.0.0.1') =>
    (await envoy.call({ method, path, localAddress })).status;
  expect([await status('GET', '/'), await status('PUT', '/'), await status('GET', '/', '127.0.0.66')]).toEqual([
    200, 403, 403,
  ]);
  expect([await status('PUT', '/write'), await status('GET', '/write/x')]).toEqual([200, 403]);
  expect(await status('PUT', '/write', '127.0.0.66')).toBe(403);
  expect([await status('GET', '/closed'), await status('PUT', '/closed')]).toEqual([403, 403]);
  expect([await status('PUT', '/all'), await status('PUT', '/all', '127.0.0.66')]).toEqual([200, 200]);
  expect([await status('PUT', '/health'), await status('PUT', '/health', '127.0.0.66')]).toEqual([200, 200]);
  expect([await status('GET', '/gone'), await status('PUT', '/gone')]).toEqual([410, 403]);
  expect([await status('PUT', '/allx'), await status('PUT', '/healthy')]).toEqual([403, 403]);
});

test('a CORS preflight needs no permission', async () => {
  const origin = 'https://app.example.com';
  const envoy = await started(
    { allow: [{ methods: ['GET'] }] },
    { cors: { allowOrigins: [origin], allowMethods: ['PUT'] } },
  );
  const headers = { origin, 'access-control-request-method': 'PUT' };
  expect((await envoy.call({ method: 'OPTIONS', headers })).status).toBe(200);
  const { status, headers: answered } = await envoy.call({ method: 'PUT', headers: { origin } });
  expect({ status, allowed: answered['access-control-allow-origin'] }).toEqual({ status: 403, allowed: origin });
});

test('the rules hold over HTTP/2', async () => {
  const envoy = await started({ allow: [{ methods: ['GET'] }], deny: [{ paths: ['/admin'] }] });
  const session = http2.connect(`http://127.0.0.1:${envoy.port}`);
  atEnd(() => session.destroy());
  const status = (path: string, method = 'GET') =>
    new Promise<number>((resolve, reject) => {
      const request = session.request({ ':path': path, ':method': method, 'x-user-name': 'anna' });
      request.on('response', (headers) => resolve(Number(headers[':status'])));
      request.on('error', reject);
      request.resume();
      request.end();
    });
  expect([await status('/'), await status('/', 'PUT'), await status('/admin'), await status('//ADMIN;x')]).toEqual([
    200, 403, 403, 403,
  ]);
});

/** Starts an Envoy that requests certificates of this authority from clients. */
function startTls(authorization: AuthorizationOptions, { cert, key: privateKey }: Certificate, ca: string) {
  return started(authorization, {
    patch: (bootstrap) => {
      const chain = bootstrap.static_resources?.listeners?.[0]?.filter_chains?.[0];
      Object.assign(chain ?? {}, {
        transport_socket: {
          name: 'envoy.transport_sockets.tls',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
            common_tls_context: {
              tls_certificates: [
                { certificate_chain: { inline_string: cert }, private_key: { inline_string: privateKey } },
              ],
              validation_context: { trusted_ca: { inline_string: ca } },
            },
          },
        },
      });
      return bootstrap;
    },
  });
}

function callOverTls({ port }: Envoy, options: https.RequestOptions): Promise<Answer['status']> {
  return new Promise((resolve, reject) => {
    const request = https.request({ port, host: 'localhost', family: 4, agent: false, ...options }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    request.on('error', reject);
    request.end();
  });
}
