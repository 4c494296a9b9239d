import { assemble, type CustomFragment, type EnvoyOptions } from '../../../envoy';
import { features } from '../../../envoy/features/registry';
import { managerOf, upstreamOf } from '../../helpers';

const upstream = { host: 'api', port: 8080 };
const cors = { allowOrigins: ['https://app.example.com'] };
const filter = (name: string): NonNullable<CustomFragment['httpFilters']> => [
  {
    name,
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
      default_source_code: { inline_string: '' },
    },
  },
];
const filtersOf = (options: Partial<EnvoyOptions>) =>
  managerOf(assemble({ upstream, requestBuffering: false, streaming: false, ...options }).bootstrap).http_filters?.map(
    ({ name }) => name.split('.').at(-1),
  );

test.each<[CustomFragment, string[]]>([
  [{ httpFilters: filter('mine') }, ['malformed', 'vary_origin', 'cors', 'mine', 'router']],
  [{ before: 'cors', httpFilters: filter('mine') }, ['malformed', 'mine', 'vary_origin', 'cors', 'router']],
  [{ after: 'cors', httpFilters: filter('mine') }, ['malformed', 'vary_origin', 'cors', 'mine', 'router']],
  [{ before: 'accessLog', httpFilters: filter('mine') }, ['mine', 'malformed', 'vary_origin', 'cors', 'router']],
  [{ before: 'healthCheck', httpFilters: filter('mine') }, ['malformed', 'vary_origin', 'cors', 'mine', 'router']],
])('%j stands in its place', (custom, expected) => {
  expect(filtersOf({ cors, custom: [custom] })).toEqual(expected);
});

test('several in one place keep their order', () => {
  const custom = ['one', 'two', 'three'].map((name) => ({ before: 'cors' as const, httpFilters: filter(name) }));
  expect(filtersOf({ cors, custom })).toEqual(['malformed', 'one', 'two', 'three', 'vary_origin', 'cors', 'router']);
  const after = ['one', 'two', 'three'].map((name) => ({ after: 'cors' as const, httpFilters: filter(name) }));
  expect(filtersOf({ cors, custom: after })).toEqual([
    'malformed',
    'vary_origin',
    'cors',
    'one',
    'two',
    'three',
    'router',
  ]);
});

test('routes and upstream gain what it gives them', () => {
  const { bootstrap } = assemble({
    upstream,
    custom: [
      {
        route: { route: { request_headers_to_remove: ['x-a'] }, action: { host_rewrite_literal: 'api.internal' } },
        upstream: { cluster: { alt_stat_name: 'mine' } },
      },
    ],
  });
  const routes = managerOf(bootstrap).route_config?.virtual_hosts?.[0]?.routes ?? [];
  expect(routes).toHaveLength(2);
  for (const route of routes) {
    expect(route).toMatchObject({
      request_headers_to_remove: ['x-a'],
      route: { host_rewrite_literal: 'api.internal' },
    });
  }
  expect(upstreamOf(bootstrap)).toMatchObject({ alt_stat_name: 'mine' });
});

test('what a feature sets as well is an error that names both', () => {
  expect(() => assemble({ upstream, custom: [{}, { connectionManager: { request_timeout: '9s' } }] })).toThrow(
    new Error('request_timeout is set by timeouts to "300s" and by custom[1] to "9s"; set it in one of them'),
  );
});

test.each<[object, string]>([
  [
    { before: 'cors', after: 'limits' },
    'custom[0].after must not be given together with before, got "limits"; choose one of them',
  ],
  [{ filters: [] }, "custom[0].filters is not an option, got []; remove it (did you mean 'files'?)"],
])('refuses %j', (custom, message) => {
  expect(() => assemble({ upstream, custom: [custom] })).toThrow(new Error(message));
});

test.each(['before', 'after'])('names the features where %s names none', (place) => {
  const refused = () => assemble({ upstream, custom: [{ [place]: 'unknown' }] });
  for (const name of Object.keys(features)) {
    expect(refused).toThrow(new RegExp(`^custom\\[0\\]\\.${place} must be one of .*'${name}'.*, got "unknown"; `));
  }
});

describe('the option that something comes from', () => {
  const lua = { before: 'cors' as const, httpFilters: filter('mine') };
  const other = { name: 'other', type: 'STATIC' as const };
  const { optionOf } = assemble({
    upstream: { ...upstream, healthCheck: { path: '/up' } },
    cors,
    adminView: {},
    routes: [{ path: '/a', timeouts: { request: '1s' } }],
    custom: [lua, { clusters: [other] }],
  });
  const listener = ['static_resources', 'listeners', 0];
  const manager = [...listener, 'filter_chains', 0, 'filters', 0, 'typed_config'];
  const routes = [...manager, 'route_config', 'virtual_hosts', 0, 'routes'];
  test.each<[(string | number)[], string]>([
    [[...manager, 'request_timeout'], 'timeouts'],
    [[...manager, 'common_http_protocol_options', 'idle_timeout'], 'timeouts'],
    [[...manager, 'common_http_protocol_options', 'headers_with_underscores_action'], 'requestHeaders'],
    [[...manager, 'http_filters', 1, 'typed_config', 'default_source_code'], 'custom[0]'],
    [[...manager, 'http_filters', 0, 'name'], 'pathNormalization'],
    [[...manager, 'http_filters', 2, 'name'], 'cors'],
    [[...routes, 0, 'route', 'timeout'], 'routes[0].timeouts'],
    [[...routes, 0, 'route', 'retry_policy', 'retry_on'], 'retries'],
    [[...routes, 2, 'route', 'timeout'], 'timeouts'],
    [[...routes, 2, 'route', 'cluster'], 'the route'],
    [[...listener, 'per_connection_buffer_limit_bytes'], 'limits'],
    [['static_resources', 'listeners', 1, 'name'], 'adminView'],
    [['static_resources', 'clusters', 0, 'health_checks', 0, 'timeout'], 'upstream.healthCheck'],
    [['static_resources', 'clusters', 0, 'cluster_type', 'name'], 'discovery'],
    [['static_resources', 'clusters', 2, 'type'], 'custom[1]'],
    [['overload_manager', 'resource_monitors', 0], 'limits'],
    [['admin', 'address'], 'the core'],
  ])('of %j is %s', (path, option) => {
    expect(optionOf(path)).toBe(option);
  });

  test('is patch where patch changed it', () => {
    const patched = assemble({
      upstream,
      patch: (bootstrap) => ({
        ...bootstrap,
        node: { id: 'mine' },
        overload_manager: { refresh_interval: '9s', resource_monitors: [] },
      }),
    });
    expect(patched.optionOf(['node', 'id'])).toBe('patch');
    expect(patched.optionOf(['overload_manager', 'refresh_interval'])).toBe('patch');
    expect(patched.optionOf([...manager, 'request_timeout'])).toBe('timeouts');
  });
});

test('Envoy has a name where it reads files, unless somebody names it', () => {
  const nodeOf = (...custom: CustomFragment[]) => assemble({ upstream, custom }).bootstrap.node;
  const files = [{ path: '/etc/envoy/a.yaml', content: {} }];
  expect(nodeOf({})).toBeUndefined();
  expect(nodeOf({ files })).toEqual({ id: 'sidecar', cluster: 'sidecar' });
  expect(nodeOf({ files }, { bootstrap: { node: { id: 'mine' } } })).toEqual({ id: 'mine' });
});
