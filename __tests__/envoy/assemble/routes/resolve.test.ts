import { assemble, type EnvoyOptions, type RouteRule } from '../../../../envoy';
import { actionsOf, DEFAULT_FILTERS, DEFAULT_LAST_FILTERS, managerOf } from '../../../helpers';

const upstream = { host: 'api', port: 8080 };
const plain = { upstream, retries: false, timeouts: false, upgrades: false } as const;

const routesOf = (options: EnvoyOptions) =>
  managerOf(assemble(options).bootstrap).route_config?.virtual_hosts?.[0]?.routes ?? [];
const matchesOf = (options: EnvoyOptions) => routesOf(options).map(({ match }) => match);
const filtersOf = (options: EnvoyOptions) =>
  managerOf(assemble(options).bootstrap).http_filters?.map(({ name }) => name);

test('the longest path comes first, and the route for all the rest comes last', () => {
  const routes = [{ path: '/a' }, { path: '/a/b/c' }, { path: '/a/b' }];
  expect(matchesOf({ ...plain, routes })).toEqual([
    { path_separated_prefix: '/a/b/c' },
    { path_separated_prefix: '/a/b' },
    { path_separated_prefix: '/a' },
    { prefix: '/' },
  ]);
});

test('a path has one more route for methods that may be repeated only where a feature tells them apart', () => {
  const routes = [{ path: '/a', retries: false as const }];
  expect(matchesOf({ upstream, routes }).map((match) => Object.keys(match))).toEqual([
    ['path_separated_prefix'],
    ['prefix', 'headers'],
    ['prefix'],
  ]);
});

test("a route's own options lie over those of the proxy, property by property", () => {
  const [route] = routesOf({
    upstream,
    retries: { numRetries: 7, backOff: { baseInterval: '1s' }, retryOnIdempotent: [] },
    routes: [{ path: '/a', retries: { numRetries: 2 } }],
  });
  expect(route?.route).toMatchObject({
    retry_policy: { num_retries: 2, retry_back_off: { base_interval: '1s' } },
  });
});

test('a filter that only some routes have is there once, and switched off on the others', () => {
  const options: EnvoyOptions = {
    ...plain,
    routes: [
      { path: '/a', cors: { allowOrigins: ['https://a.example'] } },
      { path: '/b', cors: { allowOrigins: ['https://b.example'] } },
      { path: '/c' },
    ],
  };
  expect(filtersOf(options)).toEqual([
    ...DEFAULT_FILTERS,
    'vary_origin',
    'envoy.filters.http.cors',
    ...DEFAULT_LAST_FILTERS,
    'envoy.filters.http.router',
  ]);
  const disabled = { '@type': 'type.googleapis.com/envoy.config.route.v3.FilterConfig', disabled: true };
  expect(
    routesOf(options).map(
      ({ typed_per_filter_config: config }) => (config as Record<string, unknown>)['envoy.filters.http.cors'],
    ),
  ).toEqual([
    expect.objectContaining({ allow_origin_string_match: [{ exact: 'https://a.example' }] }),
    expect.objectContaining({ allow_origin_string_match: [{ exact: 'https://b.example' }] }),
    disabled,
    disabled,
  ]);
});

test('a feature that is off everywhere leaves no trace', () => {
  expect(assemble({ ...plain, cors: false, routes: [{ path: '/a', cors: false }] }).bootstrap).toEqual(
    assemble({ ...plain, routes: [{ path: '/a' }] }).bootstrap,
  );
});

describe('what a route is for', () => {
  const header = (name: string, matcher: object) => ({ name, ...matcher });
  const methods = (regex: string) => header(':method', { string_match: { safe_regex: { regex } } });
  test.each<[RouteRule, object]>([
    [{ path: { exact: '/a/' } }, { path: '/a/' }],
    [{ path: { regex: '/v[0-9]+/.*' } }, { safe_regex: { regex: '/v[0-9]+/.*' } }],
    [
      { path: { template: '/users/{id}/**' } },
      {
        path_match_policy: {
          name: 'envoy.path.match.uri_template.uri_template_matcher',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig',
            path_template: '/users/{id}/**',
          },
        },
      },
    ],
    [
      { path: '/a', methods: ['POST', 'PATCH'] },
      { path_separated_prefix: '/a', headers: [methods('POST|PATCH')] },
    ],
    [
      { path: '/', methods: ['GET'] },
      { prefix: '/', headers: [methods('GET')] },
    ],
    [
      { path: '/', headers: { 'x-version': '2', 'x-test': true, 'x-kind': { regex: 'a|b' } } },
      {
        prefix: '/',
        headers: [
          header('x-version', { string_match: { exact: '2' } }),
          header('x-test', { present_match: true }),
          header('x-kind', { string_match: { safe_regex: { regex: 'a|b' } } }),
        ],
      },
    ],
  ])('%j', (rule, match) => {
    expect(matchesOf({ ...plain, routes: [rule] })[0]).toEqual(match);
  });

  test('what says more is tried first', () => {
    const routes: RouteRule[] = [
      { path: { regex: '/a/[a-z]+' } },
      { path: '/a' },
      { path: '/a/b' },
      { path: { template: '/a/{x}' } },
      { path: { exact: '/a' } },
      { path: '/a', methods: ['GET', 'PUT'] },
      { path: '/a', methods: ['GET'] },
      { path: '/a', headers: { 'x-a': true } },
    ];
    const sorted = [{ exact: '/a' }, { template: '/a/{x}' }, { regex: '/a/[a-z]+' }, '/a/b', '/a', '/a', '/a', '/a'];
    const order = matchesOf({ ...plain, routes }).slice(0, -1);
    expect(order.map((match) => match?.path ?? match?.safe_regex?.regex ?? match?.path_separated_prefix ?? '')).toEqual(
      sorted.map((path) => (typeof path === 'string' ? path : 'template' in path ? '' : Object.values(path)[0])),
    );
    expect(order.slice(4).map((match) => match?.headers?.map(({ name }) => name))).toEqual([
      ['x-a'],
      [':method'],
      [':method'],
      undefined,
    ]);
  });

  test.each<[NonNullable<RouteRule['methods']>, string[]]>([
    [['GET', 'PUT'], ['GET|PUT']],
    [['POST'], ['POST']],
    [
      ['GET', 'POST'],
      ['GET', 'GET|POST'],
    ],
  ])('of %j only those that may be repeated have a route that repeats', (methods, regexes) => {
    const matches = matchesOf({ upstream, routes: [{ path: '/a', methods }] }).slice(0, -2);
    expect(matches.map((match) => match?.headers?.[0]?.string_match?.safe_regex?.regex)).toEqual(regexes);
  });
});

describe('what becomes of its requests', () => {
  const first = (rule: Omit<RouteRule, 'path'>, path: RouteRule['path'] = '/a') =>
    routesOf({ ...plain, routes: [{ path, ...rule }] })[0];
  test.each<[Omit<RouteRule, 'path'>, object]>([
    [{ redirect: { path: '/b' } }, { redirect: { path_redirect: '/b', response_code: 'PERMANENT_REDIRECT' } }],
    [
      { redirect: { scheme: 'https', host: 'b.example', port: 8443, status: 302 } },
      {
        redirect: {
          scheme_redirect: 'https',
          host_redirect: 'b.example',
          port_redirect: 8443,
          response_code: 'FOUND',
        },
      },
    ],
    [{ directResponse: { status: 204 } }, { direct_response: { status: 204 } }],
    [
      { directResponse: { status: 200, body: 'here' } },
      { direct_response: { status: 200, body: { inline_string: 'here' } } },
    ],
    [{ pathRewrite: '/b' }, { route: { cluster: 'api', prefix_rewrite: '/b' } }],
    [
      { pathRewrite: '/' },
      { route: { cluster: 'api', regex_rewrite: { pattern: { regex: '^/a/?' }, substitution: '/' } } },
    ],
  ])('%j', (rule, action) => {
    expect(first(rule)).toEqual({ match: { path_separated_prefix: '/a' }, ...action });
  });

  test('signs of a path are signs in the expression that takes it away', () => {
    expect(first({ pathRewrite: '/' }, '/a.b+c')?.route?.regex_rewrite?.pattern.regex).toBe('^/a\\.b\\+c/?');
  });

  test('retries and time-outs of the proxy are no matter where Envoy answers by itself', () => {
    const routes: RouteRule[] = [{ path: '/a', directResponse: { status: 200 }, cors: false }];
    expect(routesOf({ upstream, routes })[0]).toEqual({
      match: { path_separated_prefix: '/a' },
      direct_response: { status: 200 },
      request_body_buffer_limit: 1_048_576,
    });
  });
});

test.each<[object[], string]>([
  [[{ path: 'a' }], `routes[0].path must start with '/', got "a"; write for example '/api'`],
  [
    [{ path: '/a' }, { path: '/a b' }],
    `routes[1].path must hold no space and nothing that has to be encoded in a URL, got "/a b"; write '/a%20b'`,
  ],
  [
    [{ path: '/' }],
    'routes[0].path is what all other requests have, got "/"; set it for the whole proxy, or name hosts, methods or headers',
  ],
  [
    [{ path: '/a?b' }],
    `routes[0].path must hold no '?' and no '#', as paths are compared without them, got "/a?b"; write '/a'`,
  ],
  [[{ path: '/a' }, { path: '/a' }], 'routes[1].path is also that of routes[0], got "/a"; make one of them'],
  [
    [{ path: '/a', timeouts: { request: '5' } }],
    `routes[0].timeouts.request must be a number with a unit (ms, s, m or h), got "5"; write for example '250ms' or '15s'`,
  ],
  [
    [{ path: '/a', cors: {} }],
    `routes[0].cors.allowOrigins must name a site, got []; write for example ['https://example.com']`,
  ],
  [
    [{ path: '/a', timeout: '5s' }],
    `routes[0].timeout is not an option, got "5s"; remove it (did you mean 'timeouts'?)`,
  ],
  [[{ path: { exact: 'a' } }], `routes[0].path.exact must start with '/', got "a"; write for example '/api'`],
  [
    [{ path: { exact: '/a', regex: '/a' } }],
    'routes[0].path must have either exact or regex, got ["exact","regex"]; choose one of these',
  ],
  [[{ path: '/a', methods: [] }], 'routes[0].methods must name a method, got []; leave it out for all methods'],
  [
    [{ path: '/a', methods: ['get'] }],
    "routes[0].methods[0] must be one of 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', got \"get\"; choose one of these (did you mean 'GET'?)",
  ],
  [
    [{ path: '/a', headers: { 'X-A': '1' } }],
    'routes[0].headers["X-A"] must be the name of a header in lower case, got "X-A"; as \'x-version\'',
  ],
  [
    [{ path: '/a', headers: { 'x-a': 1 } }],
    'routes[0].headers["x-a"] must be a text, { regex } or true, got 1; write one of these',
  ],
  [
    [{ path: '/a', headers: { 'x-a': 'b ' } }],
    'routes[0].headers["x-a"] must have no space at its ends and no line break, which no header comes through with, got "b "; write it without',
  ],
  [
    [
      { path: '/a', methods: ['GET', 'PUT'] },
      { path: '/a', methods: ['PUT', 'GET'] },
    ],
    'routes[1].path is also that of routes[0], got "/a"; make one of them',
  ],
  [
    [{ path: '/a', redirect: {} }],
    "routes[0].redirect must change something, or the client comes back for ever, got {}; write for example { path: '/new' }",
  ],
  [
    [{ path: '/a', redirect: { path: '/b', status: 200 } }],
    'routes[0].redirect.status must be one of 301, 302, 303, 307, 308, got 200; choose one of these',
  ],
  [
    [{ path: '/a', directResponse: { status: 600 } }],
    'routes[0].directResponse.status must be a whole number from 200 to 599, got 600; write it as a literal number in that range',
  ],
  [
    [{ path: '/a', directResponse: { status: 200 }, pathRewrite: '/b' }],
    'routes[0].pathRewrite can\'t be together with directResponse, got "/b"; choose one of them',
  ],
  [
    [{ path: { regex: '/a' }, pathRewrite: '/b' }],
    'routes[0].pathRewrite needs a path that is a text or exact, got "/b"; use custom for others',
  ],
  ...(['/users/{id}', '/v1/*', '/users/:id', '/$1'] as const).map((path): [object[], string] => [
    [{ path: '/a', pathRewrite: path }],
    `routes[0].pathRewrite is put in place as it is, so it must hold no pattern, got "${path}"; write the path that is meant, or use patch`,
  ]),
  [
    [{ path: '/a', redirect: { path: '/new/*' } }],
    'routes[0].redirect.path is put in place as it is, so it must hold no pattern, got "/new/*"; write the path that is meant, or use patch',
  ],
  [
    [{ path: '/a', directResponse: { status: 200 }, timeouts: { request: '1s' } }],
    'routes[0].timeouts has no effect where Envoy answers by itself, got ["directResponse"]; leave it out',
  ],
])('refuses %j', (routes, message) => {
  expect(() => assemble({ upstream, routes: routes as never })).toThrow(new Error(message));
});

describe('further upstreams', () => {
  const v2 = { host: 'new', port: 9090, healthCheck: { path: '/up' } };
  const routes: RouteRule[] = [{ path: '/v2', upstream: 'v2', pathRewrite: '/' }];

  test('have a cluster of their name and features of their own, and a route leads to it', () => {
    const { bootstrap, optionOf } = assemble({
      ...plain,
      upstreams: { v2 },
      routes,
      discovery: { dnsRefreshRate: '9s' },
    });
    const clusters = bootstrap.static_resources?.clusters ?? [];
    expect(clusters.map(({ name }) => name)).toEqual(['api', 'v2']);
    expect(clusters[1]).toMatchObject({
      load_assignment: { cluster_name: 'v2', endpoints: [{ lb_endpoints: [{}] }] },
      health_checks: [{ http_health_check: { path: '/up' } }],
      cluster_type: { typed_config: { dns_refresh_rate: '9s' } },
    });
    expect(clusters[0]).not.toHaveProperty('health_checks');
    expect(actionsOf(bootstrap).map((action) => action?.cluster)).toEqual(['v2', 'api']);
    expect(optionOf(['static_resources', 'clusters', 1, 'health_checks', 0])).toBe('upstreams.v2.healthCheck');
    expect(optionOf(['static_resources', 'clusters', 1, 'load_assignment'])).toBe('upstreams.v2');
  });

  test.each<[object, string]>([
    [
      { upstreams: { v2 } },
      "upstreams.v2 is led to by no route, got \"v2\"; write for example routes: [{ path: '/v2', upstream: 'v2' }]",
    ],
    [
      { upstreams: { v2 }, routes: [{ path: '/a', upstream: 'v3' }, ...routes] },
      'routes[0].upstream must name one of upstreams, got "v3"; they are v2',
    ],
    [{ routes }, 'routes[0].upstream must name one of upstreams, got "v2"; they are none'],
    ...['api', 'admin_view', 'V2', ''].map((name): [object, string] => [
      { upstreams: { [name]: v2 }, routes: [{ path: '/a', upstream: name }] },
      `upstreams.${name} must have a name of small letters, digits, '-' and '_', and none of api, admin_view, got "${name}"; rename it`,
    ]),
    [
      { upstreams: { v2: { ...v2, host: 'a b' } }, routes },
      'upstreams.v2.host must be a host name or an address, got "a b"; write for example \'api\'',
    ],
    [
      { upstreams: { v2: { ...v2, port: 0 } }, routes },
      'upstreams.v2.port must be a whole number from 1 to 65535, got 0; write it as a literal number in that range',
    ],
    [
      { upstreams: { v2: { ...v2, timeouts: {} } }, routes },
      'upstreams.v2.timeouts is not an option, got []; set it for the whole proxy',
    ],
    [
      { upstreams: { v2: { ...v2, healthCheck: {} } }, routes },
      "upstreams.v2.healthCheck.path is needed, since the upstream names no health path, got undefined; write for example '/health', or tcp: true",
    ],
    [
      { upstreams: { v2 }, routes: [...routes, { path: '/a', upstream: 'v2', directResponse: { status: 200 } }] },
      'routes[1].upstream can\'t be together with directResponse, got "v2"; choose one of them',
    ],
  ])('refuses %j', (options, message) => {
    expect(() => assemble({ upstream, ...options } as EnvoyOptions)).toThrow(new Error(message));
  });
});
