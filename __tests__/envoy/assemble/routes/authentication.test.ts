import { assemble, type EnvoyOptions } from '../../../../envoy';
import { managerOf } from '../../../helpers';

const upstream = { host: 'api', port: 8080 };
const KEYS =
  '{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"1","alg":"EdDSA","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}';
const jwt = { providers: { main: { issuer: 'id', audiences: ['api'] as const, jwks: { inline: KEYS } } } };
const apiKeys = { keys: { partner: 'not-a-real-key-of-a-partner' } };
const basicAuth = { users: { anna: 'not-a-real-password' } };
const two = { upstream, jwt, apiKeys, retries: false } as const;
const all = { ...two, basicAuth } as const;

const NAMES: Readonly<Record<string, string>> = {
  'envoy.filters.http.jwt_authn': 'jwt',
  'envoy.filters.http.api_key_auth': 'apiKeys',
  'envoy.filters.http.basic_auth': 'basicAuth',
};

/** Each of Envoy's routes: what it is for, and the authentication that is on there. */
function routesOf(options: EnvoyOptions) {
  const manager = managerOf(assemble(options).bootstrap);
  const filters = (manager.http_filters ?? []).flatMap(({ name }) => (NAMES[name] ? [name] : []));
  return (manager.route_config?.virtual_hosts?.[0]?.routes ?? []).map(
    ({ match, typed_per_filter_config: own = {} }) => [
      match,
      filters.flatMap((name) => ((own[name] as { disabled?: true } | undefined)?.disabled ? [] : [NAMES[name]])),
    ],
  );
}

const key = { headers: [{ name: 'x-api-key', present_match: true }] };
const bearer = { headers: [{ name: 'authorization', string_match: { prefix: 'Bearer ', ignore_case: true } }] };
const basic = { headers: [{ name: 'authorization', string_match: { prefix: 'Basic ', ignore_case: true } }] };

test('all that are on are needed, and none on public paths', () => {
  expect(routesOf({ ...two, authentication: { publicPaths: ['/health', { exact: '/x' }] } })).toEqual([
    [{ path: '/x' }, []],
    [{ path_separated_prefix: '/health' }, []],
    [{ prefix: '/' }, ['apiKeys', 'jwt']],
  ]);
});

test('a public path is the same as a route that is public', () => {
  const routes = [{ path: '/health', authentication: { public: true as const } }];
  expect(assemble({ ...two, routes }).bootstrap).toEqual(
    assemble({ ...two, authentication: { publicPaths: ['/health'] } }).bootstrap,
  );
});

test('with anyOf, each way has a route of its own, in their order, and the last has what is left', () => {
  expect(routesOf({ ...all, authentication: { anyOf: ['basicAuth', 'apiKeys', 'jwt'] } })).toEqual([
    [{ prefix: '/', ...basic }, ['basicAuth']],
    [{ prefix: '/', ...key }, ['apiKeys']],
    [{ prefix: '/' }, ['jwt']],
  ]);
});

test('a way that is shown in several places has a route for each', () => {
  const several = { ...apiKeys, fromHeaders: ['x-key'], fromParams: ['k'] };
  expect(
    routesOf({ ...all, basicAuth: false, apiKeys: several, authentication: { anyOf: ['apiKeys', 'jwt'] } }),
  ).toEqual([
    [{ prefix: '/', headers: [{ name: 'x-key', present_match: true }] }, ['apiKeys']],
    [{ prefix: '/', query_parameters: [{ name: 'k', present_match: true }] }, ['apiKeys']],
    [{ prefix: '/' }, ['jwt']],
  ]);
});

test('what anyOf does not name is needed besides', () => {
  expect(routesOf({ ...all, authentication: { anyOf: ['jwt', 'basicAuth'] } })).toEqual([
    [{ prefix: '/', ...bearer }, ['apiKeys', 'jwt']],
    [{ prefix: '/' }, ['apiKeys', 'basicAuth']],
  ]);
});

const clientCertificates = { trustedCa: { file: '/tls/ca.pem' }, required: false };
const tls = {
  certificates: [{ certificateChainFile: '/tls/a.pem', privateKeyFile: '/tls/a.key' }] as const,
  clientCertificates,
};
const certificate = { tls_context: { presented: true } };

/** The match of what refuses more than elsewhere. */
const spelled = (...segments: string[]) => ({
  safe_regex: { regex: `(?i)${segments.map((segment) => `(?:/?;(?-i:[!-.0-~])*)*/${segment}`).join('')}(?:[;/]\\C*)?` },
});

test('a client certificate can be one of the ways; who shows one is asked for nothing else of them', () => {
  const routes: EnvoyOptions['routes'] = [
    { path: '/a', apiKeys: false },
    { path: '/b', authentication: { anyOf: ['tls', 'basicAuth'] }, jwt: false },
    { path: '/c', authentication: { public: true } },
  ];
  expect(routesOf({ ...all, tls, authentication: { anyOf: ['jwt', 'tls', 'basicAuth'] }, routes })).toEqual([
    [{ path_separated_prefix: '/a', ...bearer }, ['jwt']],
    [{ path_separated_prefix: '/a', ...certificate }, []],
    [{ path_separated_prefix: '/a' }, ['basicAuth']],
    // One way less than elsewhere.
    [{ ...spelled('b'), ...certificate }, ['apiKeys']],
    [spelled('b'), ['apiKeys', 'basicAuth']],
    [{ path_separated_prefix: '/c' }, []],
    [{ prefix: '/', ...bearer }, ['apiKeys', 'jwt']],
    [{ prefix: '/', ...certificate }, ['apiKeys']],
    [{ prefix: '/' }, ['apiKeys', 'basicAuth']],
  ]);
});

test('no way turns off what tls adds to answers', () => {
  const { bootstrap } = assemble({ ...two, tls, authentication: { anyOf: ['tls', 'jwt', 'apiKeys'] } });
  expect(managerOf(bootstrap).http_filters?.[0]?.name).toBe('hsts');
  expect(JSON.stringify(managerOf(bootstrap).route_config)).not.toContain('hsts');
});

test('routes keep their order and their matches, and may have ways of their own', () => {
  const routes: EnvoyOptions['routes'] = [
    { path: '/a', jwt: false },
    {
      path: '/a/b',
      methods: ['GET'],
      headers: { 'x-a': true },
      authentication: { anyOf: ['apiKeys', 'basicAuth'] },
      jwt: false,
    },
    { path: '/jwt', apiKeys: false, basicAuth: false },
    { path: '/off', apiKeys: false, basicAuth: false, jwt: false },
  ];
  const method = { name: ':method', string_match: { safe_regex: { regex: 'GET' } } };
  const own = [method, { name: 'x-a', present_match: true }];
  expect(routesOf({ ...all, authentication: { anyOf: ['apiKeys', 'basicAuth', 'jwt'] }, routes })).toEqual([
    [{ ...spelled('a', 'b'), headers: [...own, ...key.headers] }, ['apiKeys']],
    [{ ...spelled('a', 'b'), headers: own }, ['basicAuth']],
    [spelled('jwt'), ['jwt']],
    [{ path_separated_prefix: '/off' }, []],
    [{ ...spelled('a'), ...key }, ['apiKeys']],
    [spelled('a'), ['basicAuth']],
    [{ prefix: '/', ...key }, ['apiKeys']],
    [{ prefix: '/', ...basic }, ['basicAuth']],
    [{ prefix: '/' }, ['jwt']],
  ]);
});

test('an exact path may be public where paths are not normalized', () => {
  const routes = [{ path: { exact: '/y' }, jwt: false as const }];
  expect(
    routesOf({ ...two, authentication: { publicPaths: [{ exact: '/x' }] }, routes, pathNormalization: false }),
  ).toHaveLength(3);
});

const elsewhere = { ...jwt.providers.main, fromHeaders: [{ name: 'x-token' }] };
const ignored = { ...jwt, token: 'ignored' } as const;
const needed = { token: 'required' } as const;
const eitherPlace = [{ name: 'authorization', valuePrefix: 'Bearer ' }, { name: 'x-token' }];

test.each<[string, Partial<EnvoyOptions>]>([
  ['looks elsewhere', { jwt: { providers: { main: elsewhere } } }],
  ['may look elsewhere', { jwt: { providers: { main: { ...elsewhere, fromHeaders: eitherPlace } } } }],
  [
    'has a provider that looks elsewhere',
    { jwt: { providers: { ...jwt.providers, b: { ...elsewhere, issuer: 'b' } } } },
  ],
  ['may be missing', { jwt: { ...jwt, token: 'optional' } }],
  [
    'is needed on a route alone, without a password',
    { jwt: ignored, routes: [{ path: '/a', jwt: needed, basicAuth: false }] },
  ],
  ['is one way, and a password is the other', { authentication: { anyOf: ['jwt', 'basicAuth'] } }],
  [
    'is needed on a route and the password on another, so that all else is closed',
    {
      routes: [
        { path: '/people', jwt: false },
        { path: '/scrape', basicAuth: false },
      ],
    },
  ],
])('a token and a password are both taken where the token %s', (_, options) => {
  expect(() => assemble({ ...all, ...options })).not.toThrow();
});

test.each<[string, Partial<EnvoyOptions>, string, string, string]>([
  ['jwt', {}, 'basicAuth', 'the header authorization', 'a token and a password'],
  [
    'jwt',
    { authentication: { publicPaths: ['/a'] } },
    'basicAuth',
    'the header authorization',
    'where some paths are public',
  ],
  [
    'routes[0].jwt',
    { jwt: ignored, routes: [{ path: '/a', jwt: needed }] },
    'basicAuth',
    'the header authorization',
    'on a route',
  ],
  [
    'jwt',
    {
      routes: [{ path: '/a', basicAuth: { allowedUsers: ['anna'] } }],
      authentication: { anyOf: ['basicAuth', 'apiKeys'] },
    },
    'routes[0].basicAuth',
    'the header authorization',
    'where only one of them is one of several ways',
  ],
  [
    'basicAuth',
    { jwt: false, apiKeys: { ...apiKeys, fromHeaders: ['Authorization'] } },
    'apiKeys',
    'the header authorization',
    'a key and a password',
  ],
  [
    'jwt',
    {
      basicAuth: false,
      apiKeys: { ...apiKeys, fromParams: ['t'] },
      jwt: { providers: { main: { ...jwt.providers.main, fromParams: ['t'] } } },
    },
    'apiKeys',
    'the parameter t',
    'a token and a key',
  ],
  [
    'jwt',
    {
      basicAuth: false,
      apiKeys: { ...apiKeys, fromCookies: ['t'] },
      jwt: {
        providers: {
          main: { ...jwt.providers.main, fromCookies: ['t'], forward: true },
          other: { ...elsewhere, issuer: 'b' },
        },
        requiresAny: ['main'],
      },
    },
    'apiKeys',
    'the cookie t',
    'of the provider that is needed',
  ],
  [
    'custom[0]',
    { jwt: false, custom: [{ route: { credentialMatches: [basic] } }] },
    'basicAuth',
    'the header authorization',
    'of a fragment of the user',
  ],
])('refuses %s in one place: %j %s %s, %s', (by, options, other, place) => {
  expect(() => assemble({ ...all, ...options })).toThrow(
    new Error(
      `${by} can't be needed together with ${other}, as a request has one credential in one place, got "${place}"; name both in authentication.anyOf, so that one is enough, or let one of them look elsewhere`,
    ),
  );
});

const end = 'end with one that refuses it; where anybody may come, write authentication: { public: true }';
const open = 'while paths have several spellings';
const keep = 'leave pathNormalization as it is by default, set it with baseConfig, or write { exact: ... }';
const on = 'leave it out, or set one of apiKeys, basicAuth, jwt, authorization, identityRateLimit';
const { jwt: _, apiKeys: __, basicAuth: ___, ...none } = all;
test.each<[object, string]>([
  [
    { ...none, authentication: { publicPaths: ['/a'] } },
    `authentication.publicPaths[0] has no effect without authentication, got true; ${on}`,
  ],
  [
    { ...none, routes: [{ path: '/a', authentication: { public: true } }] },
    `routes[0].authentication.public has no effect without authentication, got true; ${on}`,
  ],
  [
    { ...all, routes: [{ path: '/a', authentication: { public: false } }] },
    'routes[0].authentication.public must be true, got false; leave it out',
  ],
  [
    { ...all, authentication: { publicPaths: ['/a'] }, routes: [{ path: '/b' }, { path: '/a', methods: ['POST'] }] },
    'authentication.publicPaths[0] is also the path of routes[1], got "/a"; write authentication: { public: true } there instead',
  ],
  [
    { ...all, authentication: { publicPaths: ['/a', '/b', '/a'] } },
    'authentication.publicPaths[2] is also authentication.publicPaths[0], got "/a"; leave one of them out',
  ],
  [
    { ...all, authentication: { publicPaths: ['/'] } },
    'authentication.publicPaths[0].path is what all other requests have, got "/"; set it for the whole proxy, or name hosts, methods or headers',
  ],
  [
    { ...all, authentication: { publicPaths: ['health'] } },
    `authentication.publicPaths[0] must start with '/', got "health"; write for example '/api'`,
  ],
  [
    { ...all, routes: [{ path: '/a', authentication: { public: true }, apiKeys: { allowedClients: ['partner'] } }] },
    'routes[0].apiKeys must not be set on a public route, got ["allowedClients"]; leave out one of them',
  ],
  [
    { ...all, routes: [{ path: '/a', authentication: { public: true, anyOf: ['jwt', 'apiKeys'] } }] },
    'routes[0].authentication.anyOf must not be set on a public route, got ["string","string"]; leave out one of them',
  ],
  ...[
    { pathNormalization: false },
    { pathNormalization: { escapedSlashes: 'keep' } },
    { pathNormalization: { mergeSlashes: false, escapedSlashes: 'reject' } },
  ].flatMap((unsafe): [object, string][] => [
    [
      { ...all, ...unsafe, authentication: { publicPaths: ['/a'] } },
      `authentication.publicPaths[0] must not be open without apiKeys ${open}, as '/open/../closed', got "/a"; ${keep}`,
    ],
    [
      { ...all, ...unsafe, routes: [{ path: { regex: '/a/.*' }, jwt: false }] },
      `routes[0].path must not be open without jwt ${open}, as '/open/../closed', got {"regex":"/a/.*"}; ${keep}`,
    ],
  ]),
  [
    { ...all, authentication: { anyOf: ['jwt'] } },
    'authentication.anyOf must name two or more, got ["jwt"]; leave it out: all that are on are needed then',
  ],
  [
    { ...all, authentication: { anyOf: [] } },
    'authentication.anyOf must name two or more, got []; leave it out: all that are on are needed then',
  ],
  [
    { ...all, routes: [{ path: '/a', authentication: { anyOf: ['jwt'] } }] },
    'routes[0].authentication.anyOf must name two or more, got ["jwt"]; leave it out: all that are on are needed then',
  ],
  [
    { ...all, jwt: undefined, authentication: { anyOf: ['apiKeys', 'jwt'] } },
    'authentication.anyOf[1] must be authentication that is on, got "jwt"; there is apiKeys, basicAuth',
  ],
  [
    { ...all, authentication: { anyOf: ['jwt', 'cors'] } },
    "authentication.anyOf[1] must be one of 'apiKeys', 'basicAuth', 'jwt', 'tls', got \"cors\"; choose one of these",
  ],
  [
    { ...none, authentication: { anyOf: ['jwt', 'apiKeys'] } },
    'authentication.anyOf[0] must be authentication that is on, got "jwt"; there is none',
  ],
  [
    { ...all, authentication: { anyOf: ['jwt', 'apiKeys', 'jwt'] } },
    'authentication.anyOf[2] is there twice, got "jwt"; leave one of them out',
  ],
  [
    { ...all, routes: [{ path: '/a', authentication: { anyOf: ['jwt', 'apiKeys'] }, jwt: false }] },
    'routes[0].authentication.anyOf must name what is on here, got ["jwt","apiKeys"]; leave out what the route turns off',
  ],
  [
    { ...all, tls, authentication: { anyOf: ['jwt', 'tls'] } },
    `authentication.anyOf must not end with tls, which lets pass what shows nothing, got ["jwt","tls"]; ${end}`,
  ],
  [
    { ...all, tls, routes: [{ path: '/a', authentication: { anyOf: ['jwt', 'tls'] } }] },
    `routes[0].authentication.anyOf must not end with tls, which lets pass what shows nothing, got ["jwt","tls"]; ${end}`,
  ],
  [
    { ...all, tls, authentication: { anyOf: ['jwt', 'tls', 'apiKeys'] }, routes: [{ path: '/a', apiKeys: false }] },
    `routes[0].authentication.anyOf must not end with tls, which lets pass what shows nothing, got ["jwt","tls"]; ${end}`,
  ],
  [
    { ...all, tls, authentication: { anyOf: ['tls', 'jwt'] }, routes: [{ path: '/a', jwt: false }] },
    `routes[0].authentication.anyOf must not end with tls, which lets pass what shows nothing, got ["tls"]; ${end}`,
  ],
  [
    { ...all, tls: { ...tls, clientCertificates: undefined }, authentication: { anyOf: ['tls', 'jwt'] } },
    'tls.clientCertificates must say whose certificates are taken, with authentication.anyOf, got undefined; give it trustedCa',
  ],
  ...[true, undefined].map((required): [object, string] => [
    {
      ...all,
      tls: { ...tls, clientCertificates: { ...clientCertificates, required } },
      authentication: { anyOf: ['tls', 'jwt'] },
    },
    `tls.clientCertificates.required must be false with authentication.anyOf, or nobody comes without a certificate, got ${required}; write required: false`,
  ]),
  [
    { ...all, jwt: { ...jwt, token: 'optional' }, authentication: { anyOf: ['apiKeys', 'jwt'] } },
    `jwt.token must be 'required' with authentication.anyOf, or nothing at all would do, got "optional"; leave it out`,
  ],
  [
    { ...all, authentication: { anyOf: ['apiKeys', 'jwt'] }, routes: [{ path: '/a', jwt: { token: 'ignored' } }] },
    `routes[0].jwt.token must be 'required' with authentication.anyOf, or nothing at all would do, got "ignored"; leave it out`,
  ],
  [
    { ...all, routes: [{ path: '/a', authentication: { forwardCredentials: true } }] },
    'routes[0].authentication.forwardCredentials has no effect where nothing would be removed, got true; leave it out',
  ],
  [
    { ...all, routes: [{ path: '/a', authentication: { public: true, forwardCredentials: false } }] },
    'routes[0].authentication.forwardCredentials must be true, got false; leave it out',
  ],
])('refuses %#', (options, message) => {
  expect(() => assemble(options as unknown as EnvoyOptions)).toThrow(new Error(message));
});
