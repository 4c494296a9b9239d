import { didYouMean } from '../../options/suggest';
import {
  error,
  getEntries,
  getField,
  getItems,
  getMessageType,
  hasField,
  isWithin,
  type Node,
  quoteNames,
  readNumber,
  readText,
  warning,
} from '../message-reader';
import type { Rule } from '../rule';
import { HTTP_CONNECTION_MANAGER } from './message-types';

const ROUTES = 'envoy.config.route.v3.RouteConfiguration';

/** A route behind one that takes everything is never reached. */
export const routeUnreachable: Rule = (messages) =>
  messages('envoy.config.route.v3.VirtualHost').flatMap((host) => {
    const routes = getItems(host, 'routes');
    const all = routes.findIndex((route) => matchesAll(getField(route, 'match')));
    const behind =
      all < 0 ? [] : routes.slice(all + 1).filter((route) => !hasField(getField(route, 'match'), 'connect_matcher'));
    return behind.map((route) =>
      warning(
        'route-unreachable',
        route,
        `is never reached, since route ${all} before it takes every request; put it before that one`,
      ),
    );
  });

/** Nothing but a prefix that every path has. */
function matchesAll(match: Node): boolean {
  const prefix = getField(match, 'prefix').value;
  return (
    (prefix === '/' || prefix === '') &&
    Object.keys(match.value ?? {}).every((key) => ['prefix', 'case_sensitive'].includes(key))
  );
}

/** Paths start with a slash, so that what doesn't matches none. */
export const routePath: Rule = (messages) =>
  messages('envoy.config.route.v3.RouteMatch').flatMap((match) =>
    ['prefix', 'path'].flatMap((field) => {
      const node = getField(match, field);
      const path = readText(node);
      return path === undefined || path.startsWith('/') || path === '*'
        ? []
        : [warning('route-path', node, `is '${path}', which no path begins with; write '/${path}'`)];
    }),
  );

/** Routes are chosen by a list or by a matcher, and a matcher sees the headers of a request. */
export const routeMatcher: Rule = (messages) =>
  messages('envoy.config.route.v3.VirtualHost').flatMap((host) => {
    const input = getField(host, 'matcher', 'matcher_tree', 'input', 'typed_config');
    const type = readText(getField(input, '@type'));
    return [
      ...(hasField(host, 'matcher') && getItems(host, 'routes').length > 0
        ? [error('route-matcher', host, 'has both routes and a matcher; keep one of the two')]
        : []),
      ...(type !== undefined && getMessageType(input) === HEADER_INPUT && type !== `type.googleapis.com/${HEADER_INPUT}`
        ? [
            error(
              'route-matcher',
              getField(input, '@type'),
              `is '${type}', which Envoy compares whole here; write 'type.googleapis.com/${HEADER_INPUT}'`,
            ),
          ]
        : []),
    ];
  });

const HEADER_INPUT = 'envoy.type.matcher.v3.HttpRequestHeaderMatchInput';

/** One way of rewriting a path. */
export const pathRewrite: Rule = (messages) =>
  messages('envoy.config.route.v3.RouteAction').flatMap((action) => {
    const fields = ['prefix_rewrite', 'regex_rewrite', 'path_rewrite_policy', 'path_rewrite'];
    const set = fields.filter((field) => hasField(action, field) && getField(action, field).value !== '');
    return set.length > 1
      ? [error('path-rewrite', action, `rewrites the path by ${set.join(' and ')}; keep one of them`)]
      : [];
  });

/** A weight or a mirror is for one cluster, which it names, or the header that does. */
export const clusterNamed: Rule = (messages) =>
  (
    [
      ['WeightedCluster.ClusterWeight', 'name'],
      ['RouteAction.RequestMirrorPolicy', 'cluster'],
    ] as const
  ).flatMap(([type, field]) =>
    messages(`envoy.config.route.v3.${type}`).flatMap((user) => {
      const set = [field, 'cluster_header'].filter((each) => hasField(user, each) && getField(user, each).value !== '');
      return set.length === 1
        ? []
        : [
            error(
              'cluster-named',
              user,
              set.length === 0
                ? `names no cluster; set ${field} or cluster_header`
                : `names a cluster by ${field} and by cluster_header; keep one of them`,
            ),
          ];
    }),
  );

/** Weights have something to share out. */
export const clusterWeights: Rule = (messages) =>
  messages('envoy.config.route.v3.WeightedCluster').flatMap((weighted) => {
    const clusters = getItems(weighted, 'clusters');
    const without = clusters.filter((cluster) => !hasField(cluster, 'weight'));
    if (without.length > 0) {
      return without.map((cluster) => error('cluster-weights', cluster, 'has no weight; set one'));
    }
    const weights = clusters.map((cluster) => getField(cluster, 'weight').value);
    if (weights.length === 0 || !weights.every((weight) => typeof weight === 'number')) {
      return [];
    }
    const sum = weights.reduce((total, weight) => total + weight, 0);
    if (sum === 0) {
      return [error('cluster-weights', weighted, 'has no weight above 0; give at least one cluster a weight')];
    }
    return sum > 0xffff_ffff
      ? [error('cluster-weights', weighted, `has weights of ${sum} together; keep them below 4294967296`)]
      : [];
  });

/** What a route says for a filter is for one that is there. */
export const perFilterConfig: Rule = (messages) =>
  messages(HTTP_CONNECTION_MANAGER).flatMap((manager) => {
    const names = getItems(manager, 'http_filters').map((filter) => readText(getField(filter, 'name')));
    // Without any, the filters come from elsewhere; and a name that Terraform knows may be any.
    if (names.length === 0 || names.includes(undefined)) {
      return [];
    }
    const known = names.filter((name) => name !== undefined);
    const types = [ROUTES, 'VirtualHost', 'Route', 'WeightedCluster.ClusterWeight'].map((type) =>
      type === ROUTES ? type : `envoy.config.route.v3.${type}`,
    );
    return types
      .flatMap((type) => messages(type).filter((level) => isWithin(level, manager)))
      .flatMap((level) => getEntries(level, 'typed_per_filter_config'))
      .flatMap(([name, node]) =>
        known.includes(name)
          ? []
          : [
              warning(
                'per-filter-config',
                node,
                `is for the filter '${name}', which is not there; the http_filters are ${quoteNames(known)}${didYouMean(name, known)}`,
              ),
            ],
      );
  });

/** A plugin that a route names is there. */
export const clusterSpecifier: Rule = (messages) =>
  messages(ROUTES).flatMap((routes) => {
    const plugins = getItems(routes, 'cluster_specifier_plugins').map(
      (plugin) => getField(plugin, 'extension', 'name').value,
    );
    const known = plugins.filter((name) => typeof name === 'string');
    return messages('envoy.config.route.v3.RouteAction')
      .filter((action) => isWithin(action, routes))
      .flatMap((action) => {
        const node = getField(action, 'cluster_specifier_plugin');
        const name = readText(node);
        return name === undefined || known.includes(name)
          ? []
          : [
              error(
                'cluster-specifier',
                node,
                `names the plugin '${name}', which is not there; cluster_specifier_plugins are ${quoteNames(known)}${didYouMean(name, known)}`,
              ),
            ];
      });
  });

/** One way of telling a client's address. */
export const clientAddress: Rule = (messages) =>
  messages(HTTP_CONNECTION_MANAGER).flatMap((manager) => {
    const other =
      getField(manager, 'use_remote_address').value === true
        ? 'use_remote_address'
        : (readNumber(getField(manager, 'xff_num_trusted_hops')) ?? 0) > 0
          ? 'xff_num_trusted_hops'
          : undefined;
    return other !== undefined && getItems(manager, 'original_ip_detection_extensions').length > 0
      ? [
          error(
            'client-address',
            getField(manager, other),
            'tells the address of a client, and so do original_ip_detection_extensions; keep one of the two',
          ),
        ]
      : [];
  });
