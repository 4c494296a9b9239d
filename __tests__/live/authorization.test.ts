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

/** What an API may take for the path: without parameters, decoded, in small letters, climbed and without double slashes. */
function lenient(url: string): string {
  const [path = ''] = url.split('?');
  const segments = decodeURIComponent(path.replaceAll(/;[^/]*/g, ''))
    .toLowerCase()
    .split('/');
  const climbed: string[] = [];
  for (const segment of segments) {
    if (segment === '..') {
      climbed.pop();
    } else if (segment !== '' && segment !== '.') {
      climbed.push(segment);
    }
  }
  return `/${climbed.join('/')}`;
}

test('403 says nothing of the rules, the access log names the one, and the API sees nothing of it', async () => {
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

  test.each<[string, object, number]>([
    ['/text', { role: 'admin' }, 200],
    ['/text', { role: ['user', 'ops'] }, 200],
    ['/text', { role: 'administrator' }, 403],
    ['/text', { role: ['user'] }, 403],
    ['/text', { role: 'user admin' }, 403],
    ['/text', { role: { admin: true } }, 403],
    ['/text', { roles: 'admin' }, 403],
    ['/text', {}, 403],
    ['/nested', { org: { id: 'acme' } }, 200],
    ['/nested', { org: { id: ['other', 'acme'] } }, 200],
    ['/nested', { org: { id: 'other' } }, 403],
    ['/nested', { 'org.id': 'acme' }, 403],
    ['/nested', { org: 'acme' }, 403],
    ['/number', { level: 7 }, 200],
    ['/number', { level: '7' }, 403],
    ['/number', { level: 70 }, 403],
    ['/flag', { active: true }, 200],
    ['/flag', { active: false }, 403],
    ['/flag', { active: 'true' }, 403],
    ['/url', { 'https://example.com/roles': ['admin'] }, 200],
    ['/both', { role: 'admin', org: { id: 'acme' } }, 200],
    ['/both', { role: 'admin' }, 403],
    ['/scopes', { scope: 'write read' }, 200],
    ['/scopes', { scp: ['read', 'write'] }, 200],
    ['/scopes', { scope: 'read' }, 403],
    ['/scopes', { scope: 'read-write readwrite write' }, 403],
    ['/scopes', { scopes: 'read write' }, 403],
  ])('%s with %j: %i', async (path, claims, expected) => {
    expect((await envoy.call({ path, headers: bearer(claims) })).status).toBe(expected);
  });

  test('nobody has them without a token, whatever its headers say', async () => {
    expect((await envoy.call({ path: '/text' })).status).toBe(403);
    expect((await envoy.call({ path: '/text', headers: { role: 'admin', claims: '{"role":"admin"}' } })).status).toBe(
      403,
    );
  });
});

describe('clients and users', () => {
  /** Stands for what knows them by key or password: it takes their word, in a header of its own. */
  const believing = (name: string, header: string, from: string) => ({
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
        believing(API_KEYS_FILTER, 'x-api-client', 'key'),
        believing(BASIC_AUTH_FILTER, 'x-user-name', 'password'),
      ],
    },
  ];
  let envoy: Envoy;
  beforeAll(async () => {
    envoy = await started(
      { allow: [{ clients: ['partner', 'own'] }, { users: ['anna'] }] },
      { custom, headers: { underscores: 'allow' } },
    );
  });

  test.each<[Record<string, string | string[]>, number]>([
    [{ key: 'partner' }, 200],
    [{ key: 'own' }, 200],
    [{ key: 'other' }, 403],
    [{ key: 'partner,other' }, 403],
    [{ password: 'anna' }, 200],
    [{ password: 'partner' }, 403],
    [{}, 403],
    [{ 'x-api-client': 'partner' }, 403],
    [{ 'X-Api-Client': 'partner' }, 403],
    [{ x_api_client: 'partner' }, 403],
    [{ 'x-api-client': ['partner', 'own'] }, 403],
    [{ 'x-user-name': 'anna' }, 403],
    [{ key: 'other', 'x-api-client': 'partner' }, 403],
    [{ key: 'partner', 'x-api-client': 'other' }, 200],
  ])('%j: %i', async (headers, expected) => {
    expect((await envoy.call({ headers })).status).toBe(expected);
  });

  test('the headers of rules on a route alone are taken from clients, too', async () => {
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

/** Spellings of `/admin`, or of what is below it, that some API would understand. */
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

/** Those of them that are nobody's, in the default minor. */
const CLIMBING = ['/public/%2e%2e;/admin', '/public/.%2e;x=1/admin', '/public\\..;\\admin'];

describe.each<[string, AuthorizationOptions]>([
  ['a path that is denied', { allow: 'all', deny: [{ paths: ['/admin'] }] }],
  [
    'a path that is denied, and below it one that is allowed',
    { allow: [{ paths: ['/'] }], deny: [{ paths: ['/admin'] }] },
  ],
  ['a path that is not among those allowed', { allow: [{ paths: ['/public', { template: '/t/**' }] }] }],
])('%s', (_, rules) => {
  let envoy: Envoy;
  beforeAll(async () => {
    envoy = await started(rules);
  });

  test.each(SPELLINGS)('is reached by none as %s', async (path) => {
    const answer = await envoy.call({ path: path.startsWith('/') ? path : `/x/..${path}` });
    // Where Envoy sends a client on, it is refused there.
    const last = answer.status === 307 ? await envoy.call({ path: answer.headers.location ?? '' }) : answer;
    // Dots with parameters are refused before, whoever asks.
    expect(last.status).toBe(CLIMBING.includes(path) ? 400 : 403);
    expect(api.seen.map(({ url }) => lenient(url))).toEqual([]);
  });

  test.each(['/public', '/public/a;b', '/public/admin', '/public?/admin', '/public/./a..;b'])(
    '%s is open',
    async (path) => {
      expect((await envoy.call({ path })).status).toBe(200);
    },
  );
});

test('each folder on the way to a denied path can have parameters, and its neighbours stay open', async () => {
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

test.each<[NonNullable<AuthorizationRule['paths']>[number], string[], string[]]>([
  ['/a', ['/a', '/a/', '/a/b?x', '/a?/b'], ['/', '/ab', '/b/a', '/A', '/a;x']],
  [{ exact: '/a' }, ['/a', '/a?x'], ['/a/', '/a/b', '/ab']],
  [
    { template: '/users/{id}/keys' },
    ['/users/1/keys', '/users/1/keys?x'],
    ['/users/1', '/users/1/2/keys', '/users/1/keys/2'],
  ],
  [{ regex: '/v[0-9]+' }, ['/v1', '/v12?x'], ['/v1/x', '/x/v1', '/v']],
  ['/', ['/', '/a/b'], []],
])('%j allows %j and nothing else', async (path, open, closed) => {
  const envoy = await started({ allow: [{ paths: [path] }] });
  const statuses = await Promise.all([...open, ...closed].map(async (path) => (await envoy.call({ path })).status));
  expect(statuses).toEqual([...open.map(() => 200), ...closed.map(() => 403)]);
});

test('all of a rule has to fit, and one of each list', async () => {
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

test('headers: a value is allowed alone, and denied among others, too', async () => {
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

describe('addresses', () => {
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

  test.each<[string, AuthorizationOptions, string[], string[]]>([
    [
      'allowed',
      { allow: [{ addresses: ['10.0.0.0/8', '203.0.113.7/32', 'fd00:1::/32'] }] },
      ['10.255.0.1', '203.0.113.7', 'fd00:1::9'],
      ['11.0.0.1', '203.0.113.8', 'fd00:2::9', '::ffff:11.0.0.1', '::1'],
    ],
    [
      'denied',
      { allow: 'all', deny: [{ addresses: ['10.0.0.0/8', 'fd00:1::/32'] }] },
      ['11.0.0.1', 'fd00:2::9', '::ffff:11.0.0.1'],
      ['10.0.0.1', 'fd00:1::9', '::ffff:10.0.0.1', '::ffff:a00:1'],
    ],
  ])('%s, as clientIp tells them', async (_, rules, open, closed) => {
    const envoy = await started(rules, { clientIp: { trustedProxies: 1 } });
    const statuses = await Promise.all(
      [...open, ...closed].map(async (address) => (await envoy.call(from(address))).status),
    );
    expect(statuses).toEqual([...open.map(() => 200), ...closed.map(() => 403)]);
  });

  test('by default it is that of the connection, whatever a client claims', async () => {
    const envoy = await started({ allow: [{ addresses: ['127.0.0.9/32'] }] });
    expect((await envoy.call({ localAddress: '127.0.0.9', ...from('10.0.0.1') })).status).toBe(200);
    expect((await envoy.call(from('127.0.0.9'))).status).toBe(403);
  });
});

test('certificates, by the names of their kind, where TLS verified them', async () => {
  const { pem, issue } = authority();
  const { pem: strange, issue: issueStrange } = authority();
  const server = issue('DNS:localhost');
  const envoy = await startTls(
    { allow: [{ certificates: ['a.example.com', 'spiffe://example.com/billing', { suffix: '.partner.example' }] }] },
    server,
    pem,
  );
  const status = (client?: Certificate) => overTls(envoy, { ca: `${pem}${strange}`, ...client });
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
  await expect(status(issueStrange('DNS:a.example.com'))).rejects.toThrow();
});

test('certificates without TLS are nobody', async () => {
  const envoy = await started({ allow: [{ certificates: ['a.example.com'] }] });
  expect((await envoy.call()).status).toBe(403);
});

test('shadow refuses nobody, counts and logs whom it would', async () => {
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

test('a route has rules of its own, or one list of them, or none', async () => {
  const envoy = await started(
    { allow: [{ methods: ['GET'] }], deny: [{ addresses: ['127.0.0.66/32'] }] },
    {
      routes: [
        { path: '/write', authorization: { allow: [{ methods: ['PUT'] }] } },
        { path: '/closed', authorization: { deny: [{ methods: ['GET'] }] } },
        { path: '/all', authorization: { allow: 'all', deny: [] } },
        { path: '/health', authorization: false },
        { path: '/gone', respond: { status: 410 } },
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

test('a preflight is answered before anybody asks who it is', async () => {
  const origin = 'https://app.example.com';
  const envoy = await started({ allow: [{ methods: ['GET'] }] }, { cors: { origins: [origin], methods: ['PUT'] } });
  const headers = { origin, 'access-control-request-method': 'PUT' };
  expect((await envoy.call({ method: 'OPTIONS', headers })).status).toBe(200);
  const { status, headers: answered } = await envoy.call({ method: 'PUT', headers: { origin } });
  expect({ status, allowed: answered['access-control-allow-origin'] }).toEqual({ status: 403, allowed: origin });
});

test('over HTTP/2 the same holds', async () => {
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

/** An Envoy whose clients may show certificates by this authority. */
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

function overTls({ port }: Envoy, options: https.RequestOptions): Promise<Answer['status']> {
  return new Promise((resolve, reject) => {
    const request = https.request({ port, host: 'localhost', family: 4, agent: false, ...options }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    request.on('error', reject);
    request.end();
  });
}
