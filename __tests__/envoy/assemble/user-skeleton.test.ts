import { assemble, type Bootstrap, type EnvoyOptions } from '../../../envoy';
import { CONNECTION_MANAGER, extension, ROUTER, socketAddress } from '../../../envoy/messages/builders';
import { cluster, httpListener, routes, tcpListener } from '../../config-builders';
import { managerOf } from '../../helpers';

const upstream = { host: 'api', port: 8080 };

const his = extension('his', 'envoy.extensions.filters.http.buffer.v3.Buffer', { max_request_bytes: 1 });
const itsRoutes = routes(
  'mine',
  { match: { path: '/old' }, redirect: { path_redirect: '/new' } },
  { match: { prefix: '/' }, route: { cluster: 'backend', timeout: '7s' } },
);
const tcp = tcpListener('tcp', 9000, 'other');
const mine = httpListener('mine', 8800, { ...itsRoutes, http_filters: [his, ROUTER] });
const other = cluster('other', 'other', 1);
const backend = cluster('backend', 'api', 8080);
const baseConfig: Bootstrap = {
  node: { id: 'mine' },
  admin: { address: socketAddress('0.0.0.0', 8081) },
  static_resources: { listeners: [tcp, mine], clusters: [other, backend] },
};

const assembled = (options: Partial<EnvoyOptions> = {}) => assemble({ upstream, baseConfig, ...options });

test('without any feature it is as it was, but for the admin interface', () => {
  const { bootstrap, ports } = assembled();
  expect(bootstrap).toEqual({ ...baseConfig, admin: assemble({ upstream }).bootstrap.admin });
  expect(ports).toEqual([
    { name: 'tcp', port: 9000 },
    { name: 'http', port: 8800 },
  ]);
});

test('the admin view is added where it is asked for', () => {
  const { bootstrap, ports } = assembled({ adminView: {} });
  expect(bootstrap.static_resources?.listeners?.map(({ name }) => name)).toEqual(['tcp', 'mine', 'admin_view']);
  expect(bootstrap.static_resources?.clusters?.map(({ name }) => name)).toEqual(['other', 'backend', 'admin_view']);
  expect(ports.at(-1)).toEqual({ name: 'admin', port: 8081 });
});

test('features are laid onto the listener that speaks HTTP, and onto no other', () => {
  const { bootstrap } = assembled({ limits: { connectionBufferLimit: '64KiB' }, pathNormalization: {} });
  const [first, second] = bootstrap.static_resources?.listeners ?? [];
  expect(first).toEqual(tcp);
  expect(second).toMatchObject({ name: 'mine', per_connection_buffer_limit_bytes: 65_536 });
  expect(managerOf(bootstrap, 1)).toMatchObject({ stat_prefix: 'mine', normalize_path: true });
});

test('and onto the cluster that reaches the upstream, and onto no other', () => {
  const { bootstrap } = assembled({ healthCheck: { path: '/up' } });
  expect(bootstrap.static_resources?.clusters?.[0]).toEqual(other);
  expect(bootstrap.static_resources?.clusters?.[1]).toMatchObject({
    name: 'backend',
    health_checks: [{ http_health_check: { path: '/up' } }],
  });
});

test('routes of ours come before its own, and go to the same cluster', () => {
  const { bootstrap } = assembled({ routes: [{ path: '/a', timeouts: { request: '1s' } }] });
  expect(managerOf(bootstrap, 1).route_config?.virtual_hosts?.[0]?.routes).toEqual([
    { match: { path_separated_prefix: '/a' }, route: { cluster: 'backend', timeout: '1s' } },
    { match: { path: '/old' }, redirect: { path_redirect: '/new' } },
    { match: { prefix: '/' }, route: { cluster: 'backend', timeout: '7s' } },
  ]);
});

test('each of its routes to a cluster gains what a feature gives routes, with its match kept', () => {
  const { bootstrap } = assembled({ retries: {} });
  const routes = managerOf(bootstrap, 1).route_config?.virtual_hosts?.[0]?.routes ?? [];
  expect(routes.map(({ match }) => match)).toEqual([
    { path: '/old' },
    { prefix: '/', headers: [expect.objectContaining({ name: ':method' })] },
    { prefix: '/' },
  ]);
  expect(routes.map(({ route }) => route?.timeout)).toEqual([undefined, '7s', '7s']);
});

test('HTTP filters of ours come before its own', () => {
  const { bootstrap } = assembled({ cors: { allowOrigins: ['https://a.example'] } });
  expect(managerOf(bootstrap, 1).http_filters?.map(({ name }) => name)).toEqual([
    'vary_origin',
    'envoy.filters.http.cors',
    'his',
    'envoy.filters.http.router',
  ]);
});

test('what both set is an error that names both', () => {
  expect(() => assembled({ timeouts: {} })).toThrow(
    new Error('route.timeout is set by baseConfig to "7s" and by timeouts to "15s"; set it in one of them'),
  );
});

test('what comes from it is said to come from it', () => {
  const { optionOf } = assembled({ pathNormalization: {} });
  const path = ['static_resources', 'listeners', 1, 'filter_chains', 0, 'filters', 0, 'typed_config'];
  expect(optionOf([...path, 'stat_prefix'])).toBe('baseConfig');
  expect(optionOf([...path, 'normalize_path'])).toBe('pathNormalization');
  expect(optionOf(['node', 'id'])).toBe('baseConfig');
});

test('it is left alone itself', () => {
  const before = structuredClone(baseConfig);
  assembled({ retries: {}, cors: { allowOrigins: ['*'] } });
  expect(baseConfig).toEqual(before);
});

test.each<[object, string]>([
  [
    { baseConfig: { static_resources: { listeners: [tcp] } } },
    'baseConfig must have a listener with an HTTP connection manager in static_resources, got ["tcp"]; write one there; what comes from a control plane is not known here',
  ],
  [
    { baseConfig: {} },
    'baseConfig must have a listener with an HTTP connection manager in static_resources, got []; write one there; what comes from a control plane is not known here',
  ],
  [
    { upstream: { host: 'api', port: 80 } },
    'baseConfig must have a cluster that reaches the upstream at api:80, got ["other:1","api:8080"]; give one that address and port',
  ],
  [{ port: 9000 }, 'port is that of the listener in baseConfig, got 9000; change it there'],
  [{ adminView: { port: 9000 } }, "adminView.port is also that of 'tcp', got 9000; give one of them another port"],
])('refuses %j', (options, message) => {
  expect(() => assembled(options)).toThrow(new Error(message));
});

test('routes where it has none of its own are refused: they come from elsewhere', () => {
  const rds = { route_config_name: 'x', config_source: { ads: {} } };
  const elsewhere: Bootstrap = {
    static_resources: { listeners: [httpListener('mine', 8800, { rds })], clusters: [backend] },
  };
  expect(() => assembled({ baseConfig: elsewhere })).not.toThrow();
  for (const options of [{ routes: [{ path: '/a' }] }, { retries: {} }] as const) {
    expect(() => assembled({ baseConfig: elsewhere, ...options })).toThrow(
      new Error(
        'baseConfig must have a route_config for what is set for routes, got undefined; write its routes there, or leave that to them',
      ),
    );
  }
});

describe('what Envoy reads in several spellings', () => {
  const https = (fields: object) => ({
    '@type': `type.googleapis.com/${CONNECTION_MANAGER}`,
    stat_prefix: 'x',
    ...fields,
  });
  const address = { socketAddress: { address: '127.0.0.1', portValue: '8080' } };
  const route = { match: { prefix: '/' }, route: { cluster: 'api', timeout: { seconds: 60, nanos: 500_000_000 } } };
  const virtualHosts = { name: 'a', domains: '*', routes: route };
  const spelled = {
    staticResources: {
      listeners: {
        address,
        filterChains: {
          filters: {
            name: 'hcm',
            typedConfig: {
              '@type': 'type.googleapis.com/xds.type.v3.TypedStruct',
              type_url: `type.googleapis.com/${CONNECTION_MANAGER}`,
              value: {
                statPrefix: 'x',
                codecType: 'http1',
                normalizePath: 'true',
                routeConfig: { virtualHosts },
                httpFilters: ROUTER,
              },
            },
          },
        },
      },
      clusters: cluster('api', 'api', 8080),
    },
  };
  const written = {
    static_resources: {
      listeners: [
        {
          address: socketAddress('127.0.0.1', 8080),
          filter_chains: [
            {
              filters: [
                {
                  name: 'hcm',
                  typed_config: https({
                    codec_type: 'HTTP1',
                    normalize_path: true,
                    route_config: {
                      virtual_hosts: [
                        {
                          name: 'a',
                          domains: ['*'],
                          routes: [{ ...route, route: { cluster: 'api', timeout: '60.5s' } }],
                        },
                      ],
                    },
                    http_filters: [ROUTER],
                  }),
                },
              ],
            },
          ],
        },
      ],
      clusters: [cluster('api', 'api', 8080)],
    },
  };

  test('is written in one: camelCase, objects for lists, numbers in quotes, durations in parts, TypedStruct', () => {
    const { bootstrap, ports } = assembled({ baseConfig: spelled as never });
    expect(bootstrap).toEqual({ ...written, admin: expect.anything() });
    expect(ports).toEqual([{ name: 'http', port: 8080 }]);
  });

  test('takes features like any other', () => {
    const options = {
      retries: {},
      pathNormalization: false,
      limits: {},
      routes: [{ path: '/a', retries: false }],
    } as const;
    expect(assembled({ ...options, baseConfig: spelled as never }).bootstrap).toEqual(
      assembled({ ...options, baseConfig: written as never }).bootstrap,
    );
  });

  test('what Envoy does not know stays, for the check to name', () => {
    const baseConfig = { ...written, nonsense: { a: [1] } };
    expect(assembled({ baseConfig: baseConfig as never }).bootstrap).toMatchObject({ nonsense: { a: [1] } });
  });
});

describe('several HTTP connection managers', () => {
  const filters = (name: string) => httpListener(name, 1, itsRoutes).filter_chains?.[0]?.filters ?? [];
  const bySni = {
    name: 'tls',
    address: socketAddress('0.0.0.0', 8443),
    filter_chains: [
      { filter_chain_match: { server_names: ['a.example.com'] }, filters: filters('a') },
      { filter_chain_match: { server_names: ['b.example.com'] }, filters: filters('b') },
    ],
    default_filter_chain: { filters: filters('rest') },
  };
  const several: Bootstrap = { static_resources: { listeners: [bySni, mine], clusters: [backend] } };
  const jwt = {
    providers: {
      main: { issuer: 'https://id.example.com/', audiences: ['a'] as const, jwks: { inline: '{"keys":[]}' } },
    },
  };
  /** The stat prefixes of those with a filter for tokens. */
  const protectedOnes = (connectionManagers: EnvoyOptions['connectionManagers']) => {
    const { bootstrap } = assembled({ baseConfig: several, jwt, ...(connectionManagers && { connectionManagers }) });
    const chains = (bootstrap.static_resources?.listeners ?? []).flatMap((listener) => [
      ...(listener.filter_chains ?? []),
      ...(listener.default_filter_chain ? [listener.default_filter_chain] : []),
    ]);
    return chains.flatMap((chain) => {
      const config = JSON.stringify(chain);
      return config.includes('jwt_authn.v3.JwtAuthentication') ? [/"stat_prefix":"(\w+)"/.exec(config)?.[1]] : [];
    });
  };

  test('an option for requests is refused until it is said which get it', () => {
    expect(() => protectedOnes(undefined)).toThrow(
      new Error(
        `connectionManagers must say which HTTP connection managers of baseConfig get the options, as there are several, got ["a","b","rest","mine"]; write 'all', or a list of these values of stat_prefix`,
      ),
    );
  });

  test('all of them get it, those of the default filter chain too', () => {
    expect(protectedOnes('all')).toEqual(['a', 'b', 'rest', 'mine']);
  });

  test('those that are named get it, and the others stay as they are', () => {
    expect(protectedOnes(['b', 'mine'])).toEqual(['b', 'mine']);
    const { bootstrap } = assembled({ baseConfig: several, jwt, limits: {}, connectionManagers: ['mine'] });
    expect(bootstrap.static_resources?.listeners?.[0]).toEqual(bySni);
  });

  test('without an option for requests, nobody has to say', () => {
    const { bootstrap, ports } = assembled({ baseConfig: several, circuitBreaker: { maxRequests: 5 }, adminView: {} });
    expect(bootstrap.static_resources?.listeners?.slice(0, 2)).toEqual([bySni, mine]);
    expect(bootstrap.static_resources?.clusters?.[0]).toMatchObject({ circuit_breakers: expect.anything() });
    expect(ports[0]).toEqual({ name: 'http', port: 8443 });
  });

  test('the listener of the first that is named is the port http', () => {
    const { ports } = assembled({ baseConfig: several, connectionManagers: ['mine'] });
    expect(ports).toEqual([
      { name: 'tls', port: 8443 },
      { name: 'http', port: 8800 },
    ]);
  });

  const remedy = "they are 'a', 'b', 'rest', 'mine'; or write 'all'";
  test.each<[unknown, string]>([
    [
      ['a', 'https'],
      `connectionManagers[1] is no stat_prefix of an HTTP connection manager in baseConfig, got "https"; ${remedy}`,
    ],
    [[], `connectionManagers must name one, got []; ${remedy}`],
    ['a', `connectionManagers must be 'all' or a list, got "a"; choose one of these`],
  ])('refuses connectionManagers: %j', (connectionManagers, message) => {
    expect(() => protectedOnes(connectionManagers as never)).toThrow(new Error(message));
  });

  test('refuses connectionManagers without a baseConfig', () => {
    expect(() => assemble({ upstream, connectionManagers: 'all' })).toThrow(
      new Error('connectionManagers is about those of baseConfig, which is not set, got "all"; leave it out'),
    );
  });
});

test('each cluster that reaches the upstream gets the options of the upstream', () => {
  const twin = { ...backend, name: 'twin' };
  const { bootstrap } = assembled({
    baseConfig: { ...baseConfig, static_resources: { listeners: [mine], clusters: [other, backend, twin] } },
    circuitBreaker: { maxRequests: 5 },
  });
  expect(bootstrap.static_resources?.clusters?.map(({ circuit_breakers }) => circuit_breakers !== undefined)).toEqual([
    false,
    true,
    true,
  ]);
});
describe('what relies on one spelling of paths and hosts is refused with fields of its own alone', () => {
  const normalized = httpListener('mine', 8800, {
    ...itsRoutes,
    normalize_path: true,
    merge_slashes: true,
    path_with_escaped_slashes_action: 'REJECT_REQUEST',
  });
  const resources = (listener: typeof mine): Bootstrap => ({
    static_resources: { listeners: [listener], clusters: [backend] },
  });
  const denied = { authorization: { allow: 'all', deny: [{ paths: ['/admin'] }] } } as const;
  const hosts = { routes: [{ path: '/a', hosts: ['a.example'], retries: {} }] } as const;

  test.each<[string, Partial<EnvoyOptions>, string]>([
    [
      'paths of a rule',
      denied,
      'authorization.deny[0].paths needs the refusal of climbing_path, got "none"; leave pathNormalization as it is by default; with baseConfig, set pathNormalization: {}',
    ],
    [
      'a public path',
      { basicAuth: { users: { anna: 'not-a-real-password' } }, authentication: { publicPaths: ['/open'] } },
      'authentication.publicPaths[0] must not be open without basicAuth while paths have several spellings, as \'/open/../closed\', got "/open"; leave pathNormalization as it is by default, set it with baseConfig, or write { exact: ... }',
    ],
    [
      'hosts of a route',
      hosts,
      'routes[0].hosts needs the refusal of malformed_authority, got "none"; leave requestHeaders as it is by default; with baseConfig, set requestHeaders: {}',
    ],
  ])('%s', (_, options, message) => {
    expect(() => assembled({ baseConfig: resources(normalized), ...options })).toThrow(new Error(message));
  });

  test('and accepted with the features', () => {
    const options = { ...denied, ...hosts, pathNormalization: {}, requestHeaders: {} };
    expect(() => assembled({ baseConfig: resources(mine), ...options })).not.toThrow();
  });
});
