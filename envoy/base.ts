import {
  type Bootstrap,
  type Cluster,
  CONNECTION_MANAGER,
  type FilterChain,
  type HttpConnectionManager,
  type HttpFilter,
  type Listener,
  type NetworkFilter,
  type Route,
  type RouteConfiguration,
} from './api';
import { merge, type Part, type ProxyPort } from './fragment';
import type { Frame } from './frame';
import { LISTENER } from './names';
import { isReference } from './references';
import { type Method, methodMatcher } from './route-match';
import { both, laidOn, type Rule, routesOf } from './routes';
import type { Group } from './upstream';
import { fail } from './values';

const BY = 'base';

/**
 * A whole configuration of the user's own, taken as it is: only its admin interface is replaced by ours. Features that
 * are asked for are laid onto its first listener that speaks HTTP, onto each of its routes, and onto the cluster that reaches the
 * upstream; their HTTP filters come before its own.
 */
export function frameOf(base: Bootstrap, upstream: Group): Frame {
  const { admin: _ours, static_resources: resources = {}, ...rest } = base;
  const listeners = resources.listeners ?? [];
  const clusters = resources.clusters ?? [];
  const { listener, chain, filter, manager } = httpListener(listeners);
  const { filter_chains: chains = [], ...listenerRest } = listener;
  const { route_config: routeConfig, http_filters: filters = [], ...managerRest } = manager;
  const cluster = reaching(clusters, upstream);
  const mine = <T extends object>(value: T): Part<T> => ({ by: BY, value });
  return {
    manager: {
      head: mine(managerRest),
      tail: (rules, ours) => {
        if (!routeConfig && (rules.length > 1 || rules.some(({ parts }) => parts.length > 0))) {
          fail(
            'base',
            'must have a route_config for what is set for routes',
            routeConfig,
            'write its routes there, or leave that to them',
          );
        }
        return [
          ...(routeConfig ? [mine({ route_config: withRules(routeConfig, rules, cluster.name, ours) })] : []),
          ...ours.map(({ by, value }) => ({ by, value: { http_filters: [value] } })),
          mine({ http_filters: filters }),
        ];
      },
    },
    chain: (merged) =>
      mine({ ...chain, filters: replaced(chain.filters ?? [], filter, { ...filter, typed_config: merged }) }),
    listener: {
      head: mine(listenerRest),
      tail: (merged) => mine({ filter_chains: replaced(chains, chain, merged) }),
    },
    cluster: (parts) => merge<Partial<Cluster>>([mine(cluster), ...parts]) as Cluster,
    bootstrap: (mergedListener, mergedCluster) =>
      mine({
        ...rest,
        static_resources: {
          ...resources,
          listeners: replaced(listeners, listener, mergedListener),
          clusters: replaced(clusters, cluster, mergedCluster),
        },
      }),
    ports: portsOf(listeners, listener),
  };
}

/** Its routes with what the features add to all, after those for a path. */
function withRules(
  config: RouteConfiguration,
  rules: readonly Rule[],
  cluster: string,
  filters: readonly Part<HttpFilter>[],
): RouteConfiguration {
  const forPaths = rules.filter(({ scope }) => scope !== '').flatMap((rule) => routesOf(rule, cluster, filters));
  const forAll = rules.filter(({ scope }) => scope === '');
  const laid = (route: Route) =>
    route.route ? forAll.flatMap((rule) => laidOn(among(route, rule), rule, filters, false)) : [route];
  return {
    ...config,
    virtual_hosts: (config.virtual_hosts ?? []).map((host) => ({
      ...host,
      routes: [...forPaths, ...(host.routes ?? []).flatMap(laid)],
    })),
  };
}

/** One of its routes, for all that it matches or for those of these methods. */
function among(given: Route, { shown }: Rule) {
  const route = shown ? { ...given, match: both(given.match, shown) } : given;
  return (methods?: readonly Method[]): Part<Partial<Route>> => ({
    by: BY,
    value: methods
      ? merge<Partial<Route>>([
          { by: BY, value: route },
          { by: BY, value: { match: { headers: [methodMatcher(methods)] } } },
        ])
      : route,
  });
}

interface Http {
  readonly listener: Listener;
  readonly chain: FilterChain;
  readonly filter: NetworkFilter;
  readonly manager: HttpConnectionManager;
}

function httpListener(listeners: readonly Listener[]): Http {
  for (const listener of listeners) {
    for (const chain of listener.filter_chains ?? []) {
      for (const filter of chain.filters ?? []) {
        if (filter.typed_config?.['@type']?.endsWith(`/${CONNECTION_MANAGER}`)) {
          return { listener, chain, filter, manager: filter.typed_config as unknown as HttpConnectionManager };
        }
      }
    }
  }
  return fail(
    'base',
    'must have a listener with an HTTP connection manager in static_resources',
    listeners.map(({ name }) => name),
    'spell its fields as Envoy does, with underscores',
  );
}

/** The cluster that leads to the upstream, or the API would be there for nothing. */
function reaching(clusters: readonly Cluster[], { option, servers: [first, ...others] }: Group): Cluster {
  if (first === undefined || others.length > 0) {
    return fail(option, 'must be one with a base, which has its own endpoints', 1 + others.length, 'name one of them');
  }
  const { host, port } = first;
  const places = (cluster: Cluster) =>
    (cluster.load_assignment?.endpoints ?? []).flatMap(({ lb_endpoints = [] }) =>
      lb_endpoints.map(({ endpoint }) => endpoint?.address?.socket_address),
    );
  const found = clusters.find((cluster) =>
    places(cluster).some((place) => place?.port_value === port && (isReference(host) || place.address === host)),
  );
  const all = clusters.flatMap(places).map((place) => `${place?.address}:${place?.port_value}`);
  return (
    found ??
    fail(
      'base',
      `must have a cluster that reaches the upstream at ${host}:${port}`,
      all,
      'give one that address and port',
    )
  );
}

/** The listener of the clients is `http`, as our own is; others go by their name. */
function portsOf(listeners: readonly Listener[], http: Listener): ProxyPort[] {
  return listeners.flatMap((listener) => {
    const port = listener.address?.socket_address?.port_value;
    return port === undefined ? [] : [{ name: listener === http ? LISTENER : (listener.name ?? `port-${port}`), port }];
  });
}

function replaced<T>(list: readonly T[], one: T, by: T): T[] {
  return list.map((item) => (item === one ? by : item));
}
