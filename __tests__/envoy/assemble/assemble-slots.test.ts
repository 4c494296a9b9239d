import { assemble, type EnvoyOptions } from '../../../envoy';
import type { ProxyContext, RouteContext, UpstreamContext } from '../../../envoy/features/feature';
import { actionsOf, managerOf, upstreamOf } from '../../helpers';

// A registry of two features that use every slot of a fragment, as no real one does yet.
jest.mock('../../../envoy/features/registry', () => {
  const using = (name: string, port: number) => ({
    httpFilters: [{ name: `${name} filter`, typed_config: { '@type': name } }],
    connectionManager: { [`${name}_manager`]: 1, access_log: [{ name }] },
    identityHeaders: ['x-both', `x_${name}-user`],
    listener: { [`${name}_listener`]: 2, listener_filters: [name] },
    filterChain: { [`${name}_chain`]: 3 },
    listeners: [{ name: `${name} listener` }],
    clusters: [{ name: `${name} cluster` }],
    bootstrap: { [`${name}_bootstrap`]: 4, node: { [name]: 5 } },
    files: [{ path: `/${name}`, content: name }],
    ports: [{ name, port }],
    route: {
      route: { [`${name}_route`]: 6 },
      action: { [`${name}_action`]: 7 },
      idempotentAction: { [`${name}_idempotent`]: 8 },
    },
    upstream: { cluster: { [`${name}_cluster`]: 9 } },
  });
  return {
    features: {
      first: { onByDefault: true, proxy: ({ port = 1001 }) => using('first', port) },
      second: { proxy: ({ port = 1002 }) => using('second', port) },
      raw: { proxy: (fragment: object) => fragment },
      knowing: {
        proxy: (_: object, context: ProxyContext<object>) => ({ bootstrap: { of_routes: context.routeOptions } }),
        route: () => ({}),
      },
      scoped: {
        route: ({ requires, ...own }: { requires?: object }, { inherited }: RouteContext<object>) => ({
          route: { metadata: { ...inherited, ...own } },
          requires,
        }),
        upstream: (own: object, { inherited, name, servers }: UpstreamContext<object>) => ({
          cluster: { metadata: { ...inherited, ...own, name, host: servers[0]?.host } },
          clusters: [{ name: `beside ${name}` }],
          files: [{ path: `/${name}`, content: 'beside' }],
        }),
      },
    },
  };
});

// Its options are none that the types know.
jest.mock('../../../envoy/options/assert-options', () => ({ assertOptions: () => undefined }));

const assembled = (options: object = { second: {} }) =>
  assemble({ upstream: { host: '10.0.0.5', port: 8080 }, ...options } as EnvoyOptions);
type Fields = Readonly<Record<string, unknown>>;
const names = (things: readonly { readonly name?: string }[] | undefined) => things?.map(({ name }) => name);

test('HTTP filters stand in the order of the registry, whatever the order of the options, the router last', () => {
  expect(names(managerOf(assembled({ second: {}, first: {} }).bootstrap).http_filters)).toEqual([
    'first filter',
    'second filter',
    'envoy.filters.http.router',
  ]);
});

test('connection manager, listener, filter chain and bootstrap gain what each feature adds', () => {
  const { bootstrap } = assembled();
  expect(managerOf(bootstrap)).toMatchObject({
    first_manager: 1,
    second_manager: 1,
    access_log: [{ name: 'first' }, { name: 'second' }],
  });
  const listener = bootstrap.static_resources?.listeners?.[0];
  expect(listener).toMatchObject({ first_listener: 2, second_listener: 2, listener_filters: ['first', 'second'] });
  expect(listener?.filter_chains).toEqual([{ first_chain: 3, second_chain: 3, filters: [expect.anything()] }]);
  expect(bootstrap).toMatchObject({ first_bootstrap: 4, second_bootstrap: 4, node: { first: 5, second: 5 } });
});

describe('headers that only features set', () => {
  const removing = (regex: string) => ({ remove_on_match: { key_matcher: { safe_regex: { regex } } } });
  const removal = (...mutations: object[]) => ({
    name: 'envoy.http.early_header_mutation.header_mutation',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation',
      mutations,
    },
  });

  test('are taken from clients in each spelling, each once, before what else happens to headers', () => {
    const raw = {
      identityHeaders: ['tenant'],
      connectionManager: { early_header_mutation_extensions: [{ name: 'of a user' }] },
    };
    const names = ['x both', 'x first user', 'x second user', 'tenant'];
    const each = names.map((name) => removing(name.replaceAll(' ', '[!-/^-`|~]')));
    expect(managerOf(assembled({ second: {}, raw }).bootstrap).early_header_mutation_extensions).toEqual([
      removal(...each),
      { name: 'of a user' },
    ]);
  });

  test('are none where no feature has any', () => {
    expect(managerOf(assembled({ first: false }).bootstrap)).not.toHaveProperty('early_header_mutation_extensions');
  });

  test.each([
    ['X-User', 'be a name of small letters, digits, - and _'],
    ['x.user', 'be a name of small letters, digits, - and _'],
    ['cookie', 'be a header that clients need not send'],
  ])('are refused: %s', (header, problem) => {
    expect(() => assembled({ raw: { identityHeaders: ['x-a', header] } })).toThrow(
      new Error(`raw.identityHeaders[1] must ${problem}, got "${header}"; write for example 'x-user'`),
    );
  });
});

test('listeners and clusters come after those of the proxy itself', () => {
  const { static_resources: resources } = assembled().bootstrap;
  expect(names(resources?.listeners)).toEqual(['http', 'first listener', 'second listener']);
  expect(names(resources?.clusters)).toEqual(['api', 'first cluster', 'second cluster']);
});

test('files and ports are gathered', () => {
  const { files, ports } = assembled();
  expect(files).toEqual([
    { path: '/first', content: 'first' },
    { path: '/second', content: 'second' },
  ]);
  expect(ports).toEqual([
    { name: 'http', port: 8800 },
    { name: 'first', port: 1001 },
    { name: 'second', port: 1002 },
  ]);
});

test('each route gains its part, with an action for methods that may be repeated where a feature has one', () => {
  const routes = managerOf(assembled().bootstrap).route_config?.virtual_hosts?.[0]?.routes;
  expect(routes).toMatchObject([
    { first_route: 6, second_route: 6 },
    { first_route: 6, second_route: 6 },
  ]);
  expect(actionsOf(assembled().bootstrap)).toEqual([
    { cluster: 'api', first_idempotent: 8, second_idempotent: 8 },
    { cluster: 'api', first_action: 7, second_action: 7 },
  ]);
});

test('the upstream gains its part', () => {
  expect(upstreamOf(assembled().bootstrap)).toMatchObject({ name: 'api', first_cluster: 9, second_cluster: 9 });
});

test('a feature of route and upstream is off unless set, and at the proxy is for all of them', () => {
  expect(upstreamOf(assembled().bootstrap)).not.toHaveProperty('metadata');
  const { bootstrap } = assembled({ scoped: { a: 1 } });
  // An upstream is told which one it is, and where.
  expect(upstreamOf(bootstrap)).toMatchObject({ metadata: { a: 1, name: 'api', host: '10.0.0.5' } });
  const routes = managerOf(bootstrap).route_config?.virtual_hosts?.[0]?.routes;
  expect(routes?.map(({ metadata }) => metadata)).toEqual([{ a: 1 }, { a: 1 }]);
});

test('each upstream brings what it needs beside its cluster, after what is there for all', () => {
  const { bootstrap, files, optionOf } = assembled({
    second: {},
    scoped: {},
    upstreams: { other: { host: '10.0.0.6', port: 8080, scoped: { b: 2 } } },
    routes: [{ path: '/other', upstream: 'other' }],
  });
  expect(names(bootstrap.static_resources?.clusters)).toEqual([
    'api',
    'other',
    'first cluster',
    'second cluster',
    'beside api',
    'beside other',
  ]);
  expect(bootstrap.static_resources?.clusters?.[1]).toMatchObject({ metadata: { b: 2, name: 'other' } });
  expect(files.slice(2)).toEqual([
    { path: '/api', content: 'beside' },
    { path: '/other', content: 'beside' },
  ]);
  expect(optionOf(['static_resources', 'clusters', 4])).toBe('scoped');
  expect(optionOf(['static_resources', 'clusters', 5])).toBe('upstreams.other.scoped');
});

test('a feature gets what its routes say of it beforehand', () => {
  const ofRoutes = (routes: readonly object[]) =>
    (assembled({ knowing: {}, routes }).bootstrap as object as Fields).of_routes;
  expect(ofRoutes([])).toEqual([]);
  expect(
    ofRoutes([
      { path: '/a', knowing: { a: 1 } },
      { path: '/b', knowing: false },
      { path: '/c', scoped: { c: 3 } },
      { path: '/d', knowing: {} },
    ]),
  ).toEqual([{ a: 1 }, {}]);
});

test('a port used twice is refused, whoever uses it', () => {
  expect(() => assembled({ second: { port: 1001 } })).toThrow(
    new Error("port of 'second' is also that of 'first', got 1001; give one of them another port"),
  );
  expect(() => assembled({ first: { port: 8800 } })).toThrow(
    new Error("port of 'first' is also that of 'http', got 8800; give one of them another port"),
  );
});

const twice = 'set it in one of them';
test.each([
  [
    { connectionManager: { stat_prefix: 'x' } },
    `stat_prefix is set by the listener to "ingress_http" and by raw to "x"; ${twice}`,
  ],
  [{ listener: { name: 'x' } }, `name is set by the listener to "http" and by raw to "x"; ${twice}`],
  [{ route: { action: { cluster: 'x' } } }, `route.cluster is set by the route to "api" and by raw to "x"; ${twice}`],
  [{ route: { route: { match: 'x' } } }, /^match is set by the route to \{"prefix":"\/",.* and by raw to "x"; /],
  [{ upstream: { cluster: { name: 'x' } } }, `name is set by upstream to "api" and by raw to "x"; ${twice}`],
  [{ connectionManager: { route_config: 1 } }, /^route_config is set by raw to 1 and by the routes to /],
  [{ bootstrap: { admin: 1 } }, /^admin is set by the core to .* and by raw to 1; /],
])('what the core sets is not for a feature to set: %j', (raw, message) => {
  expect(() => assembled({ raw })).toThrow(typeof message === 'string' ? new Error(message) : message);
});

describe('what an option needs of the connection manager', () => {
  const need = { option: 'raw.paths', field: 'a', values: [true, 'on'], remedy: 'set it' };
  const needing = (manager: object) => () =>
    assembled({
      raw: { requires: [{ ...need, field: 'other', values: [1] }, need], connectionManager: { other: 1, ...manager } },
    });

  test.each([{ a: true }, { a: 'on' }])('is there: %j', (manager) => {
    expect(managerOf(needing(manager)().bootstrap)).toMatchObject(manager);
  });

  test.each([
    [{}, 'undefined'],
    [{ a: false }, 'false'],
    [{ a: 'off' }, '"off"'],
  ])('is missing: %j', (manager, got) => {
    expect(needing(manager)).toThrow(new Error(`raw.paths needs a to be true or on, got ${got}; set it`));
  });

  test('on a route is told with the route', () => {
    const routes = [{ path: '/a' }, { path: '/b', scoped: { requires: [need] } }];
    expect(() => assembled({ routes })).toThrow(
      new Error('routes[1].raw.paths needs a to be true or on, got undefined; set it'),
    );
    expect(() => assembled({ routes, raw: { connectionManager: { a: true } } })).not.toThrow();
  });
});
