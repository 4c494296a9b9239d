import type { ProxyPort } from '../fragments/fragment';
import { merge, type Part } from '../fragments/merge';
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
} from '../messages/builders';
import { LISTENER } from '../messages/resource-names';
import { methodMatcher } from '../messages/route-matchers';
import type { Method } from '../options/route-match';
import { isReference } from '../options/terraform-tokens';
import { invalidOption } from '../options/validate';
import type { UpstreamGroup } from './clusters';
import { applyFragments, mergeMatches, toRoutes } from './routes/render';
import type { ResolvedRoute } from './routes/resolved-route';
import type { Layers, Skeleton } from './skeleton';

const BY = 'baseConfig';
const mine = <T extends object>(value: T): Part<T> => ({ by: BY, value });

/** Which HTTP connection managers of a base get the options: all of them, or those with these values of `stat_prefix`. */
export type ConnectionManagers = 'all' | readonly string[];

/**
 * A whole configuration of the user's own, taken as it is: only its admin interface is replaced by ours. Features that
 * are asked for are laid onto the HTTP connection managers that are chosen, with their listeners, onto each of their routes, and
 * onto the clusters that reach the upstream; their HTTP filters come before its own.
 */
export function skeletonFromBootstrap(
  base: Bootstrap,
  upstream: UpstreamGroup,
  chosen: ConnectionManagers | undefined,
): Skeleton {
  const { admin: _ours, static_resources: resources = {}, ...rest } = base;
  const { listeners = [], clusters = [] } = resources;
  const all = managersIn(listeners);
  const named = chosenManagers(all, chosen);
  const [cluster, ...others] = reaching(clusters, upstream);
  return {
    layered: (layers) => {
      if (!hasLayers(layers)) {
        return { listeners, managers: [] };
      }
      const managers = named ?? refuseUnnamed(all);
      const laid = new Map(managers.map((one) => [one, laidManager(one, layers, cluster.name)]));
      return {
        listeners: listeners.map((listener) => laidListener(listener, layers, laid)),
        managers: [...laid.values()],
      };
    },
    clusters: (parts) =>
      clusters.map((one) =>
        one === cluster || others.includes(one) ? (merge<Partial<Cluster>>([mine(one), ...parts]) as Cluster) : one,
      ),
    bootstrap: (laidListeners, laidClusters) =>
      mine({
        ...rest,
        static_resources: { ...resources, listeners: [...laidListeners], clusters: [...laidClusters] },
      }),
    ports: portsOf(listeners, (named ?? all)[0]),
  };
}

/** The HTTP connection managers of some listeners, in their order. */
function managersIn(listeners: readonly Listener[]): HttpConnectionManager[] {
  const found = listeners.flatMap((listener) =>
    chainsOf(listener).flatMap(({ filters = [] }) => filters.map(managerIn).filter((one) => one !== undefined)),
  );
  if (found.length === 0) {
    invalidOption(
      'baseConfig',
      'must have a listener with an HTTP connection manager in static_resources',
      listeners.map(({ name }) => name),
      'write one there; what comes from a control plane is not known here',
    );
  }
  return found;
}

function chainsOf({ filter_chains: chains = [], default_filter_chain: rest }: Listener): readonly FilterChain[] {
  return rest ? [...chains, rest] : chains;
}

function managerIn({ typed_config: config }: NetworkFilter): HttpConnectionManager | undefined {
  return config?.['@type']?.endsWith(`/${CONNECTION_MANAGER}`)
    ? (config as unknown as HttpConnectionManager)
    : undefined;
}

/** Those that get the options; `undefined` where several could, and nobody has said which. */
function chosenManagers(
  all: readonly HttpConnectionManager[],
  chosen: ConnectionManagers | undefined,
): readonly HttpConnectionManager[] | undefined {
  if (chosen === undefined) {
    return all.length === 1 ? all : undefined;
  }
  if (chosen === 'all') {
    return all;
  }
  const prefixes = prefixesOf(all);
  const remedy = `they are ${prefixes.map((prefix) => `'${prefix}'`).join(', ')}; or write 'all'`;
  if (chosen.length === 0) {
    invalidOption('connectionManagers', 'must name one', chosen, remedy);
  }
  chosen.forEach((prefix, index) => {
    if (!prefixes.includes(prefix)) {
      invalidOption(
        `connectionManagers[${index}]`,
        'is no stat_prefix of an HTTP connection manager in baseConfig',
        prefix,
        remedy,
      );
    }
  });
  return all.filter(({ stat_prefix }) => chosen.includes(stat_prefix));
}

/** With the options on one alone, requests to the others would pass by what they ask for. */
function refuseUnnamed(all: readonly HttpConnectionManager[]): never {
  return invalidOption(
    'connectionManagers',
    'must say which HTTP connection managers of baseConfig get the options, as there are several',
    prefixesOf(all),
    "write 'all', or a list of these values of stat_prefix",
  );
}

const prefixesOf = (all: readonly HttpConnectionManager[]) => [...new Set(all.map(({ stat_prefix }) => stat_prefix))];

function hasLayers({ listener, filterChain, connectionManager, httpFilters, rules }: Layers): boolean {
  const outside = [listener, filterChain, connectionManager, httpFilters].some((parts) => parts.length > 0);
  return outside || rules.length > 1 || rules.some(({ parts }) => parts.length > 0);
}

function laidListener(
  listener: Listener,
  layers: Layers,
  laid: ReadonlyMap<HttpConnectionManager, HttpConnectionManager>,
): Listener {
  const { filter_chains: chains, default_filter_chain: last, ...rest } = listener;
  const filter = (one: NetworkFilter): NetworkFilter => {
    const manager = managerIn(one);
    const merged = manager && laid.get(manager);
    return merged ? { ...one, typed_config: merged } : one;
  };
  const isLaid = ({ filters = [] }: FilterChain) => filters.some((one) => filter(one) !== one);
  const chain = (one: FilterChain): FilterChain =>
    isLaid(one) ? merge([mine({ ...one, filters: one.filters?.map(filter) ?? [] }), ...layers.filterChain]) : one;
  if (!chainsOf(listener).some(isLaid)) {
    return listener;
  }
  return merge<Partial<Listener>>([
    mine(rest),
    ...layers.listener,
    mine({
      ...(chains && { filter_chains: chains.map(chain) }),
      ...(last && { default_filter_chain: chain(last) }),
    }),
  ]) as Listener;
}

function laidManager(
  { route_config: config, http_filters: filters = [], ...rest }: HttpConnectionManager,
  { connectionManager, httpFilters, rules }: Layers,
  cluster: string,
): HttpConnectionManager {
  if (!config && (rules.length > 1 || rules.some(({ parts }) => parts.length > 0))) {
    invalidOption(
      'baseConfig',
      'must have a route_config for what is set for routes',
      config,
      'write its routes there, or leave that to them',
    );
  }
  return merge<Partial<HttpConnectionManager>>([
    mine(rest),
    ...connectionManager,
    ...(config ? [mine({ route_config: withRules(config, rules, cluster, httpFilters) })] : []),
    ...httpFilters.map(({ by, value }) => ({ by, value: { http_filters: [value] } })),
    mine({ http_filters: filters }),
  ]) as HttpConnectionManager;
}

/** Its routes with what the features add to all, after those for a path. */
function withRules(
  config: RouteConfiguration,
  rules: readonly ResolvedRoute[],
  cluster: string,
  filters: readonly Part<HttpFilter>[],
): RouteConfiguration {
  const forPaths = rules.filter(({ scope }) => scope !== '').flatMap((rule) => toRoutes(rule, cluster, filters));
  const forAll = rules.filter(({ scope }) => scope === '');
  const laid = (route: Route) =>
    route.route ? forAll.flatMap((rule) => applyFragments(among(route, rule), rule, filters, false)) : [route];
  return {
    ...config,
    virtual_hosts: (config.virtual_hosts ?? []).map((host) => ({
      ...host,
      routes: [...forPaths, ...(host.routes ?? []).flatMap(laid)],
    })),
  };
}

/** One of its routes, for all that it matches or for those of these methods. */
function among(given: Route, { shown }: ResolvedRoute) {
  const route = shown ? { ...given, match: mergeMatches(given.match, shown) } : given;
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

/** The clusters that lead to the upstream, at least one, or the API would be there for nothing. */
function reaching(
  clusters: readonly Cluster[],
  { option, servers: [first, ...others] }: UpstreamGroup,
): readonly [Cluster, ...Cluster[]] {
  if (first === undefined || others.length > 0) {
    return invalidOption(
      option,
      'must be one with a baseConfig, which has its own endpoints',
      1 + others.length,
      'name one of them',
    );
  }
  const { host, port } = first;
  const places = (cluster: Cluster) =>
    (cluster.load_assignment?.endpoints ?? []).flatMap(({ lb_endpoints = [] }) =>
      lb_endpoints.map(({ endpoint }) => endpoint?.address?.socket_address),
    );
  const [found, ...more] = clusters.filter((cluster) =>
    places(cluster).some((place) => place?.port_value === port && (isReference(host) || place.address === host)),
  );
  if (!found) {
    const all = clusters.flatMap(places).map((place) => `${place?.address}:${place?.port_value}`);
    invalidOption(
      'baseConfig',
      `must have a cluster that reaches the upstream at ${host}:${port}`,
      all,
      'give one that address and port',
    );
  }
  return [found, ...more];
}

/** The listener of the clients, in which this manager is, is `http`, as our own is; others go by their name. */
function portsOf(listeners: readonly Listener[], manager: HttpConnectionManager | undefined): ProxyPort[] {
  const http = listeners.find((one) =>
    chainsOf(one).some(({ filters = [] }) => filters.some((filter) => managerIn(filter) === manager)),
  );
  return listeners.flatMap((listener) => {
    const port = listener.address?.socket_address?.port_value;
    return port === undefined ? [] : [{ name: listener === http ? LISTENER : (listener.name ?? `port-${port}`), port }];
  });
}
