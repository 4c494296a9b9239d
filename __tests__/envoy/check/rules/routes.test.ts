import {
  clientAddress,
  clusterNamed,
  clusterSpecifier,
  clusterWeights,
  pathRewrite,
  perFilterConfig,
  routeMatcher,
  routePath,
  routeUnreachable,
} from '../../../../envoy/check/rules/routes';
import { runRule } from './run-rule';

test('a route behind one that takes all', () => {
  expect(
    runRule(routeUnreachable, {
      'envoy.config.route.v3.VirtualHost': [
        {
          routes: [
            {
              match: {
                prefix: '/a',
              },
            },
            {
              match: {
                prefix: '/',
                headers: [{}],
              },
            },
            {
              match: {
                prefix: '/',
              },
            },
            {
              match: {
                path: '/b',
              },
            },
            {
              match: {
                connect_matcher: {},
              },
            },
          ],
        },
        {
          routes: [
            {
              match: {
                prefix: '/',
              },
            },
          ],
        },
      ],
    }),
  ).toEqual([
    'warning route-unreachable at VirtualHost[0].routes[3]: is never reached, since route 2 before it takes every request; put it before that one',
  ]);
});

test('a path starts with a slash', () => {
  expect(
    runRule(routePath, {
      'envoy.config.route.v3.RouteMatch': [
        {
          prefix: 'api',
        },
        {
          path: 'api',
        },
        {
          prefix: '/api',
        },
        {
          prefix: '',
        },
        {
          path: '*',
        },
      ],
    }),
  ).toEqual([
    "warning route-path at RouteMatch[0].prefix: is 'api', which no path begins with; write '/api'",
    "warning route-path at RouteMatch[1].path: is 'api', which no path begins with; write '/api'",
  ]);
});

test('one way of rewriting the path', () => {
  expect(
    runRule(pathRewrite, {
      'envoy.config.route.v3.RouteAction': [
        {
          prefix_rewrite: '/a',
          regex_rewrite: {},
        },
        {
          prefix_rewrite: '/a',
        },
      ],
    }),
  ).toEqual([
    'error path-rewrite at RouteAction[0]: rewrites the path by prefix_rewrite and regex_rewrite; keep one of them',
  ]);
});

test('weights', () => {
  expect(
    runRule(clusterWeights, {
      'envoy.config.route.v3.WeightedCluster': [
        {
          clusters: [
            {
              weight: 0,
            },
          ],
        },
        {
          clusters: [{}],
        },
        {
          clusters: [
            {
              weight: 4294967295,
            },
            {
              weight: 1,
            },
          ],
        },
        {
          clusters: [
            {
              weight: 1,
            },
            {
              weight: 0,
            },
          ],
        },
      ],
    }),
  ).toEqual([
    'error cluster-weights at WeightedCluster[0]: has no weight above 0; give at least one cluster a weight',
    'error cluster-weights at WeightedCluster[1].clusters[0]: has no weight; set one',
    'error cluster-weights at WeightedCluster[2]: has weights of 4294967296 together; keep them below 4294967296',
  ]);
});

test('configuration for a filter that is not there', () => {
  expect(
    runRule(perFilterConfig, {
      'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager': [
        {
          at: ['m'],
          http_filters: [
            {
              name: 'lua',
            },
            {
              name: 'router',
            },
          ],
        },
      ],
      'envoy.config.route.v3.Route': [
        {
          at: ['m', 'routes', 0],
          typed_per_filter_config: {
            luaa: {},
            lua: {},
          },
        },
        {
          at: ['elsewhere'],
          typed_per_filter_config: {
            x: {},
          },
        },
      ],
    }),
  ).toEqual([
    "warning per-filter-config at m.routes[0].typed_per_filter_config.luaa: is for the filter 'luaa', which is not there; the http_filters are 'lua', 'router' (did you mean 'lua'?)",
  ]);
});

test('a plugin that is not there', () => {
  expect(
    runRule(clusterSpecifier, {
      'envoy.config.route.v3.RouteConfiguration': [
        {
          at: ['r'],
          cluster_specifier_plugins: [
            {
              extension: {
                name: 'lua',
              },
            },
          ],
        },
      ],
      'envoy.config.route.v3.RouteAction': [
        {
          at: ['r', 0],
          cluster_specifier_plugin: 'lau',
        },
        {
          at: ['r', 1],
          cluster_specifier_plugin: 'lua',
        },
      ],
    }),
  ).toEqual([
    "error cluster-specifier at r[0].cluster_specifier_plugin: names the plugin 'lau', which is not there; cluster_specifier_plugins are 'lua' (did you mean 'lua'?)",
  ]);
});

test('one way of telling the address of a client', () => {
  expect(
    runRule(clientAddress, {
      'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager': [
        {
          use_remote_address: true,
          original_ip_detection_extensions: [{}],
        },
        {
          xff_num_trusted_hops: 1,
          original_ip_detection_extensions: [{}],
        },
        {
          original_ip_detection_extensions: [{}],
        },
      ],
    }),
  ).toEqual([
    'error client-address at HttpConnectionManager[0].use_remote_address: tells the address of a client, and so do original_ip_detection_extensions; keep one of the two',
    'error client-address at HttpConnectionManager[1].xff_num_trusted_hops: tells the address of a client, and so do original_ip_detection_extensions; keep one of the two',
  ]);
});

test('a weight and a mirror name one cluster', () => {
  expect(
    runRule(clusterNamed, {
      'envoy.config.route.v3.WeightedCluster.ClusterWeight': [
        { weight: 1 },
        { name: '' },
        { name: 'a', cluster_header: 'x-b' },
        { name: 'a' },
        { cluster_header: 'x-b' },
      ],
      'envoy.config.route.v3.RouteAction.RequestMirrorPolicy': [{}, { cluster: 'a' }],
    }),
  ).toEqual([
    'error cluster-named at ClusterWeight[0]: names no cluster; set name or cluster_header',
    'error cluster-named at ClusterWeight[1]: names no cluster; set name or cluster_header',
    'error cluster-named at ClusterWeight[2]: names a cluster by name and by cluster_header; keep one of them',
    'error cluster-named at RequestMirrorPolicy[0]: names no cluster; set cluster or cluster_header',
  ]);
});

test('routes are chosen in one way, by headers', () => {
  const matcher = (prefix: string) => ({
    matcher_tree: {
      input: { typed_config: { '@type': `${prefix}/envoy.type.matcher.v3.HttpRequestHeaderMatchInput` } },
    },
  });
  expect(
    runRule(routeMatcher, {
      'envoy.config.route.v3.VirtualHost': [
        { matcher: {}, routes: [{}] },
        { matcher: matcher('x') },
        { matcher: matcher('type.googleapis.com'), routes: [] },
        { routes: [{}] },
      ],
    }),
  ).toEqual([
    'error route-matcher at VirtualHost[0]: has both routes and a matcher; keep one of the two',
    `error route-matcher at VirtualHost[1].matcher.matcher_tree.input.typed_config["@type"]: is 'x/envoy.type.matcher.v3.HttpRequestHeaderMatchInput', which Envoy compares whole here; write 'type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput'`,
  ]);
});
