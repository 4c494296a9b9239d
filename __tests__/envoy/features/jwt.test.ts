import { assemble, type JwtOptions, type JwtProvider, type JwtRequirement, proxySpec } from '../../../envoy';
import { jwt } from '../../../envoy/features/jwt';
import { DISABLED } from '../../../envoy/messages/builders';

const KEYS =
  '{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"1","alg":"EdDSA","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}';
const main: JwtProvider = { issuer: 'https://id.example.com/', audiences: ['calculator'], jwks: { inline: KEYS } };
const staff: JwtProvider = { ...main, issuer: 'staff' };
const remote: JwtProvider = { ...main, jwks: { uri: 'https://id.example.com/keys' } };

type Fields = Readonly<Record<string, unknown>>;
function filterOf(options: JwtOptions, routeOptions: readonly JwtRequirement[] = []): Fields {
  const filter = jwt
    .proxy(options, { routeOptions })
    .httpFilters?.find(({ name }) => name === 'envoy.filters.http.jwt_authn');
  return filter?.typed_config as unknown as Fields;
}
const providerOf = (changes: object) =>
  (filterOf({ providers: { main: { ...main, ...changes } } }).providers as { main: Fields }).main;

const bearer = { headers: [{ name: 'authorization', string_match: { prefix: 'Bearer ', ignore_case: true } }] };
const provider = {
  issuer: 'https://id.example.com/',
  audiences: ['calculator'],
  local_jwks: { inline_string: KEYS },
  clock_skew_seconds: 60,
  require_expiration: true,
  forward: false,
  // What a scheme of either case ends with.
  from_headers: [
    { name: 'authorization', value_prefix: 'r ' },
    { name: 'authorization', value_prefix: 'R ' },
  ],
  payload_in_metadata: 'claims',
  header_in_metadata: 'header',
  normalize_payload_in_metadata: { space_delimited_claims: ['scope', 'scp'] },
};

test('every request needs a token, whatever its path', () => {
  expect(filterOf({ providers: { main } })).toEqual({
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication',
    providers: { main: provider },
    rules: [{ match: { prefix: '' }, requires: { provider_name: 'main' } }],
  });
  const { httpFilters = [], route } = jwt.proxy({ providers: { main } });
  expect(route).toEqual({ credentialMatches: [bearer] });
  expect(httpFilters.map(({ name }) => name)).toEqual([
    'envoy.filters.http.rbac.jwt_place',
    'envoy.filters.http.jwt_authn',
    'envoy.filters.http.rbac.jwt_content',
  ]);
});

test('where no header has a prefix, none is looked at for misplaced tokens', () => {
  const { httpFilters = [] } = jwt.proxy({ providers: { main: { ...main, fromHeaders: [{ name: 'x-token' }] } } });
  expect(httpFilters.map(({ name }) => name)).toEqual([
    'envoy.filters.http.jwt_authn',
    'envoy.filters.http.rbac.jwt_content',
  ]);
});

test('where tokens are ignored, misplaced ones are as well', () => {
  const whole: JwtOptions = { providers: { main }, token: 'ignored' };
  const off = { 'envoy.filters.http.rbac.jwt_place': DISABLED };
  expect(jwt.proxy(whole, { routeOptions: [{ token: 'required' }] }).route?.route).toEqual({
    typed_per_filter_config: off,
  });
  expect(jwt.route({ token: 'required' }, { inherited: whole }).route?.typed_per_filter_config).not.toMatchObject(off);
  expect(
    jwt.route({ token: 'ignored' }, { inherited: { providers: { main } } }).route?.typed_per_filter_config,
  ).toMatchObject(off);
});

test.each<[object, object]>([
  [{ clockSkew: '1.5s' }, { clock_skew_seconds: 2 }],
  [{ requireExpiration: false }, { require_expiration: false }],
  [{ forward: true }, { forward: true }],
  [{ audiences: ['a', 'b'] }, { audiences: ['a', 'b'] }],
  [{ fromHeaders: [{ name: 'X-Token' }] }, { from_headers: [{ name: 'x-token', value_prefix: '' }] }],
  [{ fromParams: ['t'] }, { from_headers: undefined, from_params: ['t'], forward: true }],
  [
    { fromCookies: ['t'], fromHeaders: [{ name: 'x-token', valuePrefix: 'T ' }], forward: true },
    {
      from_headers: [
        { name: 'x-token', value_prefix: 't ' },
        { name: 'x-token', value_prefix: 'T ' },
      ],
      from_cookies: ['t'],
      forward: true,
    },
  ],
  [
    { claimToHeaders: { 'x-user': 'sub', tenant: 'org.id' } },
    {
      claim_to_headers: [
        { header_name: 'x-user', claim_name: 'sub' },
        { header_name: 'tenant', claim_name: 'org.id' },
      ],
    },
  ],
  [{ forwardPayloadHeader: 'x-claims' }, { forward_payload_header: 'x-claims' }],
])('%j', (options, changes) => {
  expect(providerOf(options)).toEqual({ ...provider, ...changes });
});

test('the headers of claims are set by nobody else, those of all providers', () => {
  const providers = {
    main: { ...main, claimToHeaders: { 'x-user': 'sub', tenant: 'org' }, forwardPayloadHeader: 'x-all_claims' },
    staff: { ...staff, claimToHeaders: { 'x-mail': 'email' } },
  };
  expect(jwt.proxy({ providers }).identityHeaders).toEqual(['x-user', 'tenant', 'x-all_claims', 'x-mail']);
});

test('keys that are fetched need a cluster, and an answer while they are not there', () => {
  const { clusters, connectionManager } = jwt.proxy({ providers: { main: remote, staff } });
  expect(connectionManager).toMatchObject({
    local_reply_config: {
      mappers: expect.arrayContaining([
        {
          filter: {
            extension_filter: {
              name: 'envoy.access_loggers.extension_filters.cel',
              typed_config: {
                '@type': 'type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter',
                expression: "response.code_details == 'jwt_authn_access_denied{Jwks_remote_fetch_is_failed}'",
              },
            },
          },
          status_code: 503,
          headers_to_add: [
            { header: { key: 'www-authenticate', value: 'Bearer' }, append_action: 'OVERWRITE_IF_EXISTS' },
          ],
        },
      ]),
    },
  });
  expect(clusters?.map(({ name }) => name)).toEqual(['jwks_main']);
});

const named = (name: string) => ({ provider_name: name });
test.each<[JwtRequirement, object]>([
  [{}, { requires_any: { requirements: [named('main'), named('staff')] } }],
  [{ requiresAny: ['staff'] }, named('staff')],
  [
    { token: 'optional', requiresAny: ['main'] },
    { requires_any: { requirements: [named('main'), { allow_missing: {} }] } },
  ],
  [{ token: 'optional' }, { requires_any: { requirements: [named('main'), named('staff'), { allow_missing: {} }] } }],
  // As callers without types may write it.
  [
    { token: undefined, requiresAny: undefined } as never,
    { requires_any: { requirements: [named('main'), named('staff')] } },
  ],
])('%j at the proxy', (requirement, requires) => {
  const config = filterOf({ providers: { main, staff }, ...requirement });
  expect(config.rules).toEqual([{ match: { prefix: '' }, requires }]);
  expect(config).not.toHaveProperty('requirement_map');
});

test('a proxy that ignores tokens has a route that needs them', () => {
  const config = filterOf({ providers: { main }, token: 'ignored' }, [{ token: 'required' }]);
  expect(config.rules).toEqual([{ match: { prefix: '' }, requires: {} }]);
  expect(config.requirement_map).toEqual({ 'required: main': named('main') });
  const message = `jwt.token leaves no path that needs one, got "ignored"; write token: 'required' in the jwt of a route`;
  for (const routes of [[], [{ token: 'ignored' as const }]]) {
    expect(() => filterOf({ providers: { main }, token: 'ignored' }, routes)).toThrow(new Error(message));
  }
});

test("a route doesn't become public by what the proxy says", () => {
  const message = `jwt.token must be said, since that of the whole proxy is 'ignored', got undefined; write token: 'required'`;
  for (const own of [{}, { requiresAny: ['main'] }]) {
    expect(() => jwt.route(own, { inherited: { providers: { main }, token: 'ignored' } })).toThrow(new Error(message));
  }
});

test("what a route says lies over what the proxy says, and stands in the filter's map", () => {
  const providers = { main, staff };
  const routes: readonly JwtRequirement[] = [
    { requiresAny: ['staff'] },
    { token: 'required' },
    { requiresAny: ['staff'], token: 'optional' },
    { requiresAny: ['staff'] },
    {},
  ];
  const whole: JwtOptions = { providers, requiresAny: ['main'], token: 'optional' };
  const optional = (name: string) => ({ requires_any: { requirements: [named(name), { allow_missing: {} }] } });
  const map = {
    'optional: staff': optional('staff'),
    'required: main': named('main'),
    'optional: main': optional('main'),
  };
  expect(filterOf(whole, routes).requirement_map).toEqual(map);
  expect(
    routes.map((own) => {
      const { route = {} } = jwt.route(own, { inherited: whole });
      return route.typed_per_filter_config?.['envoy.filters.http.jwt_authn'];
    }),
  ).toEqual(
    ['optional: staff', 'required: main', 'optional: staff', 'optional: staff', 'optional: main'].map((name) => ({
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig',
      requirement_name: name,
    })),
  );
});

test('every requirement that a route names is there', () => {
  const { warnings } = proxySpec({
    upstream: { host: 'api', port: 8080 },
    jwt: { providers: { main, staff } },
    routes: [
      { path: '/a', jwt: { requiresAny: ['staff', 'main'] } },
      { path: '/b', jwt: { token: 'ignored' } },
    ],
  });
  expect(warnings).toEqual([]);
});

test('a token is shown by whatever is in a place of any provider', () => {
  const other = { ...staff, fromHeaders: [{ name: 'x-token' }], fromParams: ['t'], fromCookies: ['c'], forward: true };
  expect(jwt.credentialMatches({}, { inherited: { providers: { main, staff } } })).toEqual([bearer]);
  expect(
    jwt.credentialMatches({ token: 'required' }, { inherited: { providers: { main, other }, token: 'optional' } }),
  ).toEqual([
    bearer,
    { headers: [{ name: 'x-token', present_match: true }] },
    { query_parameters: [{ name: 't', present_match: true }] },
    { cookies: [{ name: 'c', string_match: { safe_regex: { regex: '.*' } } }] },
  ]);
});

test.each<[JwtRequirement, JwtOptions]>([
  [{}, { providers: { main }, token: 'optional' }],
  [{ token: 'optional' }, { providers: { main } }],
])('a token that may be missing is not one of several ways: %#', (own, whole) => {
  const message = `jwt.token must be 'required' with authentication.anyOf, or nothing at all would do, got "optional"; leave it out`;
  expect(() => jwt.credentialMatches(own, { inherited: whole })).toThrow(new Error(message));
});

test('a path where tokens are ignored is warned of where paths are not normalized', () => {
  const warnings = (path: boolean) =>
    proxySpec({
      upstream: { host: 'api', port: 8080 },
      retries: false,
      jwt: { providers: { main } },
      routes: [{ path: '/health', jwt: { token: 'ignored' } }],
      ...(!path && { pathNormalization: false }),
    }).warnings;
  expect(warnings(true)).toEqual([]);
  expect(warnings(false)).toEqual([
    "routes[0].jwt: static_resources.listeners[0].filter_chains[0].filters[0].typed_config.route_config.virtual_hosts[0].routes[0].typed_per_filter_config[\"envoy.filters.http.jwt_authn\"] is for paths as clients write them: '/open/../closed' and '/open/..%2Fclosed' are below '/open', '//closed' is not '/closed'; set normalize_path, merge_slashes and path_with_escaped_slashes_action",
  ]);
});

const token = "must be one of 'required', 'optional', 'ignored'";
test.each<[object, string]>([
  [{ providers: {} }, `jwt.providers must name a provider, got {}; write for example { main: { issuer: '...', ... } }`],
  [{}, `jwt.providers must name a provider, got undefined; write for example { main: { issuer: '...', ... } }`],
  [
    { providers: { Main: main } },
    `jwt.providers.Main must be a name of small letters, digits, - and _, got "Main"; write for example 'main'`,
  ],
  [
    { providers: { main, other: main } },
    `jwt.providers.other.issuer is also that of main, got "https://id.example.com/"; make one of them`,
  ],
  [{ providers: { main }, token: 'none' }, `jwt.token ${token}, got "none"; choose one of these`],
  [
    { providers: { main }, requiresAny: [] },
    `jwt.requiresAny must name a provider, got []; leave it out for any of them, or write token: 'ignored'`,
  ],
  [
    { providers: { main, staff }, requiresAny: ['main', 'stuff'] },
    `jwt.requiresAny[1] must be one of 'main', 'staff', got "stuff"; choose one of these`,
  ],
  [{ providers: { main }, optional: true }, 'jwt.optional is not an option, got true; remove it'],
])('refuses %j', (options, message) => {
  expect(() => jwt.proxy(options as JwtOptions)).toThrow(new Error(message));
});

const at = 'jwt.providers.main';
test.each<[object, string]>([
  [{ issuer: '' }, `${at}.issuer must be what tokens say in iss, got ""; write for example 'https://id.example.com/'`],
  [
    { issuer: undefined },
    `${at}.issuer must be what tokens say in iss, got undefined; write for example 'https://id.example.com/'`,
  ],
  [
    { audiences: [] },
    `${at}.audiences must name an audience, got []; write the tokens' aud, for example ['https://api.example.com']`,
  ],
  [
    { audiences: undefined },
    `${at}.audiences must name an audience, got []; write the tokens' aud, for example ['https://api.example.com']`,
  ],
  ...['*', 'https://*.example.com', ' '].map((audience): [object, string] => [
    { audiences: ['a', audience] },
    `${at}.audiences[1] must be one audience, without wildcards, got "${audience}"; name each that is meant for this API`,
  ]),
  [
    { clockSkew: '0s' },
    `${at}.clockSkew must be longer than zero, which Envoy takes for 60 seconds, got "0s"; write '1s'`,
  ],
  [
    { fromHeaders: [] },
    `${at}.fromHeaders leaves no place for a token, got []; leave it out for authorization: Bearer`,
  ],
  [
    { fromHeaders: [{ name: 'x token' }] },
    `${at}.fromHeaders[0].name must be the name of a header, got "x token"; write for example 'x-api-key'`,
  ],
  [
    { fromCookies: ['t'] },
    `${at}.forward must be true with fromCookies, which Envoy passes on, got false; write forward: true`,
  ],
  [
    { claimToHeaders: { 'X-User': 'sub' } },
    `${at}.claimToHeaders must be a name of small letters, digits, - and _, got "X-User"; write for example 'x-user'`,
  ],
  ...['host', 'authorization', 'cookie', 'transfer-encoding'].map((header): [object, string] => [
    { claimToHeaders: { [header]: 'sub' } },
    `${at}.claimToHeaders must be a header that clients need not send, got "${header}"; write for example 'x-user'`,
  ]),
  [
    { fromHeaders: [{ name: 'X-Token' }], forwardPayloadHeader: 'x-token' },
    `${at}.forwardPayloadHeader must be a header that clients need not send, got "x-token"; write for example 'x-user'`,
  ],
  [
    { claimToHeaders: { 'x-user': '' } },
    `${at}.claimToHeaders['x-user'] must be the name of a claim, got ""; write for example 'sub'`,
  ],
  [{ audience: 'a' }, `${at}.audience is not an option, got "a"; remove it`],
])('refuses a provider with %j', (changes, message) => {
  expect(() => jwt.proxy({ providers: { main: { ...main, ...changes } } })).toThrow(new Error(message));
});

test('refuses tokens on a route of a proxy that knows no provider', () => {
  const message = `routes[0].jwt needs the providers of the whole proxy, got {}; describe them in its jwt, there with token: 'ignored' if all other routes are public`;
  const upstream = { host: 'api', port: 8080 };
  for (const whole of [{}, { jwt: false as const }]) {
    expect(() => assemble({ upstream, ...whole, routes: [{ path: '/a', jwt: {} }] })).toThrow(new Error(message));
  }
});

test("refuses a route's unknown provider", () => {
  expect(() =>
    assemble({
      upstream: { host: 'api', port: 8080 },
      jwt: { providers: { main } },
      routes: [{ path: '/a', jwt: { requiresAny: ['stuff'] } }],
    }),
  ).toThrow(new Error(`routes[0].jwt.requiresAny[0] must be one of 'main', got "stuff"; choose one of these`));
});
