import { type AuthorizationOptions, type AuthorizationRule, assemble, type EnvoyOptions } from '../../../envoy';
import { authorization } from '../../../envoy/features/authorization';
import type { AuthorizationRules } from '../../../envoy/features/authorization/options';
import { DEFAULT_FILTERS, DEFAULT_LAST_FILTERS, managerOf } from '../../helpers';

const RBAC = 'type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC';
const anna: AuthorizationRule = { users: ['anna'] };
const isAnna = { header: { name: 'x-user-name', string_match: { exact: 'anna' } } };
const get: AuthorizationRule = { methods: ['GET'] };
const isGet = { header: { name: ':method', string_match: { safe_regex: { regex: 'GET' } } } };
const any = { any: true };

const BASIC_AUTH = 'envoy.filters.http.basic_auth';
const prefixes = (effect: string) => ({ rules_stat_prefix: effect, shadow_rules_stat_prefix: effect });
const filter = (effect: string, config: object = {}) => ({
  name: `envoy.filters.http.rbac.${effect}`,
  typed_config: { '@type': RBAC, ...prefixes(effect), ...config },
});
const denyGet = { action: 'DENY', policies: { 'deny[0]': { permissions: [isGet], principals: [any] } } };
const allowAnna = { action: 'ALLOW', policies: { 'allow[0]': { permissions: [any], principals: [isAnna] } } };

test('is a filter for what is denied and one for what is allowed, and takes the headers that it believes from clients', () => {
  expect(authorization.proxy({ allow: [anna], deny: [get] })).toEqual({
    httpFilters: [filter('deny', { rules: denyGet }), filter('allow', { rules: allowAnna })],
    identityHeaders: ['x-user-name'],
    requires: [{ option: 'authorization.allow[0].users', filter: BASIC_AUTH, remedy: 'set basicAuth' }],
  });
});

test("'all' may pass is no filter", () => {
  expect(authorization.proxy({ allow: 'all' })).toEqual({});
  expect(authorization.proxy({ allow: 'all', deny: [] })).toEqual({});
  expect(authorization.proxy({ allow: 'all', deny: [get] })).toEqual({
    httpFilters: [filter('deny', { rules: denyGet })],
  });
});

test('routes have their filters and the headers that they believe in the whole proxy', () => {
  expect(
    authorization.proxy({ allow: 'all' }, { routeOptions: [{ allow: [{ clients: ['a'] }] }, { deny: [get, anna] }] }),
  ).toEqual({
    httpFilters: [filter('deny'), filter('allow')],
    identityHeaders: ['x-api-client', 'x-user-name'],
  });
});

describe('shadow', () => {
  const line = (effect: string, text: string) => ({
    name: 'envoy.access_loggers.stdout',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog',
      log_format: {
        json_format: { time: '%START_TIME%', request_id: '%REQ(X-REQUEST-ID)%', authorization: text },
      },
    },
    filter: {
      metadata_filter: {
        matcher: {
          filter: 'envoy.filters.http.rbac',
          path: [{ key: `${effect}shadow_engine_result` }],
          value: { string_match: { exact: 'denied' } },
        },
        match_if_key_not_found: false,
      },
    },
  });
  const denied = line(
    'deny',
    'would refuse, by %DYNAMIC_METADATA(envoy.filters.http.rbac:denyshadow_effective_policy_id)%',
  );
  const notAllowed = line('allow', 'would refuse, as no allow rule fits');

  test('tries the rules, and logs what they would have done', () => {
    const addressed: AuthorizationRule = { addresses: ['fd00::/8'] };
    const { httpFilters, connectionManager } = authorization.proxy({ allow: [addressed], deny: [get], shadow: true });
    const allowed = {
      action: 'ALLOW',
      policies: {
        'allow[0]': { permissions: [any], principals: [{ remote_ip: { address_prefix: 'fd00::', prefix_len: 8 } }] },
      },
    };
    expect(httpFilters).toEqual([
      filter('deny', { shadow_rules: denyGet }),
      filter('allow', { shadow_rules: allowed }),
    ]);
    expect(connectionManager).toEqual({ access_log: [denied, notAllowed] });
  });

  test.each<[AuthorizationRules[], object[]]>([
    [[{ deny: [get], shadow: true }], [denied, notAllowed]],
    [[{ shadow: true }], [notAllowed]],
    [[{ deny: [get] }, { allow: 'all', shadow: true }], []],
  ])('on routes alone is logged, too: %j', (routes, lines) => {
    const { connectionManager } = authorization.proxy({ allow: [get] }, { routeOptions: routes });
    expect(connectionManager?.access_log ?? []).toEqual(lines);
  });
});

describe('a route', () => {
  const perRoute = (rbac: object) => ({
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBACPerRoute',
    rbac,
  });
  const DENY = 'envoy.filters.http.rbac.deny';
  const ALLOW = 'envoy.filters.http.rbac.allow';
  const denies = perRoute({ ...prefixes('deny'), rules: denyGet });
  const allows = perRoute({ ...prefixes('allow'), rules: allowAnna });
  const tries = perRoute({ ...prefixes('allow'), shadow_rules: allowAnna });
  const lifts = (effect: string) => perRoute(prefixes(effect));

  test.each<[AuthorizationRules, AuthorizationOptions, object]>([
    [{ allow: [anna] }, { allow: 'all' }, { [ALLOW]: allows }],
    [{ allow: [anna] }, { allow: [get], deny: [anna] }, { [ALLOW]: allows }],
    [{ allow: 'all' }, { allow: [get], deny: [get] }, { [ALLOW]: lifts('allow') }],
    [{ deny: [get] }, { allow: [get] }, { [DENY]: denies }],
    [{ deny: [] }, { allow: [anna], deny: [get] }, { [DENY]: lifts('deny') }],
    [{ allow: [anna], deny: [get] }, { allow: 'all' }, { [DENY]: denies, [ALLOW]: allows }],
    [{ shadow: true }, { allow: [anna] }, { [ALLOW]: tries }],
    [{ shadow: false }, { allow: [anna], deny: [get], shadow: true }, { [DENY]: denies, [ALLOW]: allows }],
    [{ allow: [anna] }, { allow: 'all', shadow: true }, { [ALLOW]: tries }],
  ])('has %j over %j', (own, whole, perFilter) => {
    expect(authorization.route(own, { inherited: whole }).route).toEqual({ typed_per_filter_config: perFilter });
  });

  test.each<[AuthorizationRules, AuthorizationOptions]>([
    [{}, { allow: [get], deny: [get] }],
    [{ allow: 'all', deny: [] }, { allow: 'all' }],
    [{ shadow: true }, { allow: 'all' }],
  ])('%j adds nothing to %j', (own, whole) => {
    expect(authorization.route(own, { inherited: whole }).route).toBeUndefined();
  });

  test.each([{}, { inherited: {} }])('needs the rules of the whole proxy: %j', (context) => {
    expect(() => authorization.route({ allow: [get] }, context)).toThrow(
      new Error(
        `authorization needs that of the whole proxy, got {"allow":[{"methods":["GET"]}]}; write authorization: { allow: 'all' } there, if all other requests may pass`,
      ),
    );
  });
});

/** What the only rule of a list becomes. */
function policyOf(rule: AuthorizationRule, effect: 'allow' | 'deny' = 'allow') {
  const { httpFilters } = authorization.proxy(effect === 'allow' ? { allow: [rule] } : { allow: 'all', deny: [rule] });
  const { rules } = (httpFilters?.[0]?.typed_config ?? {}) as {
    rules: { policies: Record<string, { permissions: object[]; principals: object[] }> };
  };
  return rules.policies[`${effect}[0]`];
}

const claim = (keys: string[], ...values: object[]) => ({
  sourced_metadata: {
    metadata_matcher: {
      filter: 'envoy.filters.http.jwt_authn',
      path: [{ key: 'claims' }, ...keys.map((key) => ({ key }))],
      value: { or_match: { value_matchers: values.flatMap((value) => [value, { list_match: { one_of: value } }]) } },
    },
  },
});
const text = (exact: string) => ({ string_match: { exact } });
const scope = (name: string) => ({ or_ids: { ids: [claim(['scope'], text(name)), claim(['scp'], text(name))] } });
const network = (address_prefix: string, prefix_len: number) => ({ remote_ip: { address_prefix, prefix_len } });
const certificate = (san_type: string, matcher: object) => ({
  custom: {
    name: 'envoy.rbac.principals.mtls_authenticated',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.rbac.principals.mtls_authenticated.v3.Config',
      san_matcher: { san_type, matcher },
    },
  },
});
const client = (exact: string) => ({ header: { name: 'x-api-client', string_match: { exact } } });

describe('who', () => {
  test.each<[AuthorizationRule, object]>([
    [{ claims: { role: ['admin'] } }, claim(['role'], text('admin'))],
    [
      { claims: { 'org.id': ['a', 7, false] } },
      claim(['org', 'id'], text('a'), { double_match: { exact: 7 } }, { bool_match: false }),
    ],
    [{ claims: { 'https://example.com/roles': ['a'] } }, claim(['https://example.com/roles'], text('a'))],
    [
      { claims: { role: ['admin'], team: ['a'] } },
      { and_ids: { ids: [claim(['role'], text('admin')), claim(['team'], text('a'))] } },
    ],
    [{ scopes: ['read'] }, scope('read')],
    [{ scopes: ['read', 'write'] }, { and_ids: { ids: [scope('read'), scope('write')] } }],
    [{ clients: ['a'] }, client('a')],
    [{ clients: ['a', 'b'] }, { or_ids: { ids: [client('a'), client('b')] } }],
    [{ users: ['anna'] }, isAnna],
    [{ certificates: ['a.example.com'] }, certificate('DNS', { safe_regex: { regex: '(?i)\\Qa.example.com\\E' } })],
    [{ certificates: ['a@example.com'] }, certificate('EMAIL', { exact: 'a@example.com' })],
    [{ certificates: ['spiffe://a@b/c'] }, certificate('URI', { exact: 'spiffe://a@b/c' })],
    [{ certificates: [{ suffix: '.example.com' }] }, certificate('DNS', { suffix: '.example.com' })],
    [{ addresses: ['10.0.0.0/8'] }, network('10.0.0.0', 8)],
    [{ addresses: ['10.0.0.5/32', 'fd00::/8'] }, { or_ids: { ids: [network('10.0.0.5', 32), network('fd00::', 8)] } }],
    [
      { users: ['anna'], addresses: ['10.0.0.0/8'], scopes: ['read'] },
      { and_ids: { ids: [scope('read'), isAnna, network('10.0.0.0', 8)] } },
    ],
  ])('%j', (rule, principal) => {
    expect(policyOf(rule)).toEqual({ permissions: [any], principals: [principal] });
  });

  test('a network of IPv4 is denied in the form of IPv6, too', () => {
    expect(policyOf({ addresses: ['10.0.0.0/8', 'fd00::/8'] }, 'deny')?.principals).toEqual([
      {
        or_ids: {
          ids: [{ or_ids: { ids: [network('10.0.0.0', 8), network('::ffff:10.0.0.0', 104)] } }, network('fd00::', 8)],
        },
      },
    ]);
  });
});

describe('what', () => {
  const path = (matcher: object) => ({ url_path: { path: matcher } });
  const either = (...rules: object[]) => ({ or_rules: { rules } });
  const exact = (text: string) => path({ exact: text, ignore_case: true });
  const prefix = (text: string) => path({ prefix: text, ignore_case: true });

  test.each<[AuthorizationRule, object]>([
    [get, isGet],
    [
      { methods: ['GET', 'HEAD'] },
      { header: { name: ':method', string_match: { safe_regex: { regex: 'GET|HEAD' } } } },
    ],
    [{ paths: ['/'] }, either(path({ prefix: '/' }))],
    [{ paths: ['/a'] }, either(path({ exact: '/a' }), path({ prefix: '/a/' }))],
    [{ paths: [{ exact: '/a/' }] }, either(path({ exact: '/a/' }))],
    [
      { paths: [{ regex: '/a|/b' }, { exact: '/c' }] },
      either(path({ safe_regex: { regex: '/a|/b' } }), path({ exact: '/c' })),
    ],
    [
      { paths: [{ template: '/users/{id}' }] },
      either({
        uri_template: {
          name: 'envoy.path.match.uri_template.uri_template_matcher',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig',
            path_template: '/users/{id}',
          },
        },
      }),
    ],
    [{ paths: [{ exact: '/a' }], methods: ['GET'] }, { and_rules: { rules: [isGet, either(path({ exact: '/a' }))] } }],
  ])('%j is allowed', (rule, permission) => {
    expect(policyOf(rule)).toEqual({ permissions: [permission], principals: [any] });
  });

  const header = (name: string, matcher: object) => ({ header: { name, ...matcher } });
  const regex = (text: string) => ({ string_match: { safe_regex: { regex: text } } });
  const headers = { referer: { regex: 'https://a/.*' }, 'x-a': 'b.c', 'x-d': true } as const;
  test('headers are allowed as they are, and a value is denied among others, too', () => {
    const others = [header('referer', regex('https://a/.*')), header('x-d', { present_match: true })];
    expect(policyOf({ headers })?.permissions).toEqual([
      { and_rules: { rules: [others[0], header('x-a', text('b.c')), others[1]] } },
    ]);
    expect(policyOf({ headers }, 'deny')?.permissions).toEqual([
      { and_rules: { rules: [others[0], header('x-a', regex('(.*,)?\\s*b\\.c\\s*(,.*)?')), others[1]] } },
    ]);
  });

  test.each<[AuthorizationRule['paths'], object]>([
    [['/'], either(path({ prefix: '/' }))],
    [[{ exact: '/' }], either(path({ exact: '/' }), path({ exact: '//' }), path({ prefix: '/;' }))],
    [['/a'], either(exact('/a'), prefix('/a/'), prefix('/a;'), prefix('/;'))],
    [[{ exact: '/a/' }], either(exact('/a'), exact('/a/'), prefix('/a;'), prefix('/;'))],
    [
      ['/a/b/c'],
      either(
        exact('/a/b/c'),
        prefix('/a/b/c/'),
        prefix('/a/b/c;'),
        prefix('/;'),
        prefix('/a;'),
        prefix('/a/;'),
        prefix('/a/b;'),
        prefix('/a/b/;'),
      ),
    ],
    [[{ regex: '/a:b' }], either(path({ safe_regex: { regex: '/a:b' } }))],
  ])('%j is denied with what an API may take for it', (paths = [], permission) => {
    expect(policyOf({ paths }, 'deny')).toEqual({ permissions: [permission], principals: [any] });
  });
});

describe('what other features must have said', () => {
  const built = (options: Partial<EnvoyOptions>) => () =>
    assemble({ upstream: { host: 'api', port: 8080 }, ...options });
  const everybody = { allow: 'all' } as const;
  const route = { routes: [{ path: '/admin', authorization: { allow: [get] } }], authorization: everybody };
  const paths = { authorization: { allow: [get], deny: [get, { paths: ['/admin'] }] } };
  const addresses = { authorization: { allow: [{ addresses: ['10.0.0.0/8'] }] } };
  const basicAuth = { users: { anna: 'not-a-real-password' } };
  const slashes = 'UNESCAPE_AND_REDIRECT or REJECT_REQUEST or UNESCAPE_AND_FORWARD';
  const leaveIt = 'leave pathNormalization as it is by default; with baseConfig, set pathNormalization: {}';

  test.each<[Partial<EnvoyOptions>, string]>([
    [
      { ...paths, pathNormalization: false },
      `authorization.deny[1].paths needs normalize_path to be true, got undefined; ${leaveIt}`,
    ],
    [
      { ...paths, pathNormalization: { escapedSlashes: 'keep' } },
      `authorization.deny[1].paths needs path_with_escaped_slashes_action to be ${slashes}, got "KEEP_UNCHANGED"; ${leaveIt}`,
    ],
    [
      { ...paths, pathNormalization: { mergeSlashes: false, escapedSlashes: 'reject' } },
      `authorization.deny[1].paths needs merge_slashes to be true, got false; ${leaveIt}`,
    ],
    [
      { ...route, pathNormalization: false },
      `routes[0].authorization needs normalize_path to be true, got undefined; ${leaveIt}`,
    ],
    [
      {
        authorization: { allow: [get] },
        routes: [{ path: '/health', authorization: false }],
        pathNormalization: false,
      },
      'routes[0].path must not be open without authorization while paths have several spellings, as \'/open/../closed\', got "/health"; leave pathNormalization as it is by default, set it with baseConfig, or write { exact: ... }',
    ],
    [
      { authorization: { allow: [get, { claims: { role: ['admin'] } }] } },
      `authorization.allow[1].claims needs the filter envoy.filters.http.jwt_authn, got "none"; set jwt`,
    ],
    [
      { authorization: { allow: [{ scopes: ['read'] }] } },
      `authorization.allow[0].scopes needs the filter envoy.filters.http.jwt_authn, got "none"; set jwt`,
    ],
    [
      { authorization: { allow: 'all', deny: [{ clients: ['partner'] }] }, basicAuth },
      `authorization.deny[0].clients needs the filter envoy.filters.http.api_key_auth, got "none"; set apiKeys`,
    ],
    [
      { authorization: everybody, routes: [{ path: '/admin', authorization: { allow: [anna] } }] },
      `routes[0].authorization.allow[0].users needs the filter ${BASIC_AUTH}, got "none"; set basicAuth`,
    ],
    [
      { ...addresses, clientIp: false },
      "authorization.allow[0].addresses needs use_remote_address to be true or false, got undefined; choose a clientIp, as 'direct', or in base set this there",
    ],
  ])('refuses %j', (options, message) => {
    expect(built(options)).toThrow(new Error(message));
  });

  test.each<Partial<EnvoyOptions>>([
    { ...paths, pathNormalization: { escapedSlashes: 'reject' } },
    { authorization: { allow: [anna] }, basicAuth },
    { ...addresses, clientIp: { trustedCidrs: ['10.0.0.0/8'] } },
    { authorization: { allow: [get] }, pathNormalization: false, clientIp: false },
    { authorization: everybody, pathNormalization: false },
    { authorization: everybody, routes: [{ path: '/health', timeouts: false }], pathNormalization: false },
    { routes: [{ path: '/health', authorization: false }], pathNormalization: false },
  ])('takes %j', (options) => {
    expect(built(options)).not.toThrow();
  });

  test('comes after jwt', () => {
    const jwks = {
      inline: '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}',
    };
    const { bootstrap } = built({
      authorization: { allow: [get], deny: [get] },
      jwt: { providers: { main: { issuer: 'me', audiences: ['api'], jwks } } },
    })();
    expect(managerOf(bootstrap).http_filters?.map(({ name }) => name)).toEqual([
      ...DEFAULT_FILTERS,
      'envoy.filters.http.rbac.jwt_place',
      'envoy.filters.http.jwt_authn',
      'envoy.filters.http.rbac.jwt_content',
      'envoy.filters.http.rbac.deny',
      'envoy.filters.http.rbac.allow',
      ...DEFAULT_LAST_FILTERS,
      'envoy.filters.http.router',
    ]);
  });
});

test.each<[unknown, string]>([
  [{}, "authorization.allow must say who may pass, got undefined; write rules, or 'all'"],
  [{ deny: [get] }, "authorization.allow must say who may pass, got undefined; write rules, or 'all'"],
  [
    { allow: [] },
    "authorization.allow must have a rule, got []; write 'all' for anybody; for nobody, on a route: directResponse: { status: 403 }",
  ],
  [
    { allow: 'any' },
    `authorization.allow must be a list of rules or 'all', got "any"; write for example [{ scopes: ['read'] }]`,
  ],
  [
    { allow: 'all', deny: {} },
    "authorization.deny must be a list of rules, got {}; write for example [{ paths: ['/admin'] }]",
  ],
  [{ allow: 'all', shadow: 'yes' }, 'authorization.shadow must be true or false, got "yes"; choose one of these'],
  [{ allow: 'all', default: 'deny' }, 'authorization.default is not an option, got "deny"; remove it'],
  [{ allow: [get, {}] }, "authorization.allow[1] must have a condition, got {}; write allow: 'all' for anybody"],
  [
    { allow: 'all', deny: [{ users: undefined }] },
    'authorization.deny[0] must have a condition, got {}; name who or what is denied, or leave it out',
  ],
  [{ allow: [{ role: ['admin'] }] }, 'authorization.allow[0].role is not an option, got ["admin"]; remove it'],
  [
    { allow: ['admin'] },
    'authorization.allow[0] must be an object of conditions, got "admin"; write for example { scopes: [\'read\'] }',
  ],
  ...['scopes', 'clients', 'users', 'certificates', 'methods', 'paths', 'addresses'].map((name): [object, string] => [
    { allow: [{ [name]: [] }] },
    `authorization.allow[0].${name} must be a list with a value, got []; leave it out for any`,
  ]),
  [
    { allow: [{ users: 'anna' }] },
    'authorization.allow[0].users must be a list with a value, got "anna"; leave it out for any',
  ],
  [
    { allow: [{ users: [' '] }] },
    'authorization.allow[0].users[0] must be a text that says something, got " "; leave it out for any',
  ],
  [{ allow: [{ claims: {} }] }, 'authorization.allow[0].claims must name a claim, got {}; leave it out for any'],
  [
    { allow: [{ claims: { 'a..b': ['c'] } }] },
    `authorization.allow[0].claims['a..b'] must be a text that says something, got ""; leave it out for any`,
  ],
  [
    { allow: [{ claims: { role: 'admin' } }] },
    `authorization.allow[0].claims['role'] must be a list with a value, got "admin"; leave it out for any`,
  ],
  [
    { allow: [{ claims: { role: [{}] } }] },
    `authorization.allow[0].claims['role'][0] must be a text, a number, true or false, got {}; write one of these`,
  ],
  [
    { allow: [{ claims: { role: [Number.NaN] } }] },
    `authorization.allow[0].claims['role'][0] must be a text, a number, true or false, got NaN; write one of these`,
  ],
  [
    { allow: [{ scopes: ['read write'] }] },
    'authorization.allow[0].scopes[0] must be one scope, got "read write"; write one an element',
  ],
  [
    { allow: [{ certificates: [{ suffix: 'example.com' }] }] },
    `authorization.allow[0].certificates[0].suffix must begin with '.', '@' or '/', or it would also fit longer names, got "example.com"; write '.example.com'`,
  ],
  [
    { allow: [{ certificates: [7] }] },
    'authorization.allow[0].certificates[0] must be a text that says something, got 7; leave it out for any',
  ],
  [
    { allow: [{ methods: ['get'] }] },
    `authorization.allow[0].methods[0] must be one of 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', got "get"; choose one of these`,
  ],
  [
    { allow: [{ addresses: ['10.0.0.5'] }] },
    `authorization.allow[0].addresses[0] must be an IP address and the length of its prefix, got "10.0.0.5"; write for example '10.0.0.0/8', and '10.0.0.5/32' for one address`,
  ],
  [
    { allow: [{ paths: ['/a', '/b/'] }] },
    `authorization.allow[0].paths[1] must not end with '/', got "/b/"; write '/b', as text already covers everything below`,
  ],
  [
    { allow: [{ paths: [{ exact: 'b' }] }] },
    `authorization.allow[0].paths[0].exact must start with '/', got "b"; write for example '/api'`,
  ],
  [{ allow: [{ headers: {} }] }, 'authorization.allow[0].headers must name a header, got {}; leave it out for any'],
  [
    { allow: [{ headers: { 'X-A': true } }] },
    `authorization.allow[0].headers["X-A"] must be the name of a header in lower case, got "X-A"; as 'x-version'`,
  ],
  [
    { allow: [{ headers: { 'x-api-client': 'a' } }] },
    `authorization.allow[0].headers['x-api-client'] tells who the client is, got "a"; write clients`,
  ],
  [
    { allow: [{ headers: { 'x-user-name': 'a' } }] },
    `authorization.allow[0].headers['x-user-name'] tells who the client is, got "a"; write users`,
  ],
  [
    { allow: 'all', deny: [{ paths: [{ template: '/users/{id}' }] }] },
    `authorization.deny[0].paths[0].template does not fit all spellings of what it denies, got "/users/{id}"; write the path before the first '{', or a regex`,
  ],
  [
    { allow: 'all', deny: [{ paths: ['/users:export'] }] },
    `authorization.deny[0].paths[0] must hold letters, digits, '-', '.', '_', '~' and '/' alone, as others have several spellings, got "/users:export"; write a regex that knows them, as '/users(:|%3[Aa])export'`,
  ],
  [
    { allow: 'all', deny: [{ paths: [{ exact: '/a%20b' }] }] },
    `authorization.deny[0].paths[0] must hold letters, digits, '-', '.', '_', '~' and '/' alone, as others have several spellings, got "/a%20b"; write a regex that knows them, as '/users(:|%3[Aa])export'`,
  ],
])('refuses %j', (options, message) => {
  expect(() => authorization.proxy(options as AuthorizationOptions)).toThrow(new Error(message));
});
