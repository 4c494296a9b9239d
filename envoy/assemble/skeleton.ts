import type { ProxyPort } from '../fragments/fragment';
import { merge, type Part } from '../fragments/merge';
import {
  type Bootstrap,
  type Cluster,
  CONNECTION_MANAGER,
  CONNECTION_MANAGER_NAME,
  type FilterChain,
  type HttpConnectionManager,
  type HttpFilter,
  type Listener,
  ROUTER,
  socketAddress,
} from '../messages/builders';
import { LISTENER, OWN_ROUTES, ROUTES, STAT_PREFIX, UPSTREAM, VIRTUAL_HOST } from '../messages/resource-names';
import { port as checkedPort } from '../options/units';
import { toCluster, type UpstreamGroup } from './clusters';
import { toRoutes } from './routes/render';
import type { ResolvedRoute } from './routes/resolved-route';

/** What the features add to a listener of clients and to all inside of it, the routes included. */
export interface Layers {
  readonly listener: readonly Part<Partial<Listener>>[];
  readonly filterChain: readonly Part<Partial<FilterChain>>[];
  readonly connectionManager: readonly Part<Partial<HttpConnectionManager>>[];
  readonly httpFilters: readonly Part<HttpFilter>[];
  readonly rules: readonly ResolvedRoute[];
}

/** The listeners with the layers on them, and the connection managers inside that got them. */
export interface Layered {
  readonly listeners: readonly Listener[];
  readonly managers: readonly HttpConnectionManager[];
}

/**
 * What the fragments of the features are laid onto: the listener of the clients and the cluster of the API. Either our own,
 * or those of a configuration that the user brings.
 */
export interface Skeleton {
  readonly layered: (layers: Layers) => Layered;
  readonly clusters: (parts: readonly Part<Partial<Cluster>>[]) => readonly Cluster[];
  readonly bootstrap: (listeners: readonly Listener[], clusters: readonly Cluster[]) => Part<Bootstrap>;
  readonly ports: readonly ProxyPort[];
}

/** One listener that sends everything to one cluster. */
export function defaultSkeleton(port: number, upstream: UpstreamGroup): Skeleton {
  const by = 'the listener';
  return {
    layered: ({ listener, filterChain, connectionManager, httpFilters, rules }) => {
      const manager = merge<Partial<HttpConnectionManager>>([
        {
          by,
          value: { '@type': `type.googleapis.com/${CONNECTION_MANAGER}`, stat_prefix: STAT_PREFIX, codec_type: 'AUTO' },
        },
        ...connectionManager,
        {
          by: OWN_ROUTES,
          value: { route_config: { name: ROUTES, virtual_hosts: [virtualHost(rules, httpFilters)] } },
        },
        ...httpFilters.map(({ by, value }) => ({ by, value: { http_filters: [value] } })),
        { by: OWN_ROUTES, value: { http_filters: [ROUTER] } },
      ]) as HttpConnectionManager;
      const chain = merge<Partial<FilterChain>>([
        { by, value: { filters: [{ name: CONNECTION_MANAGER_NAME, typed_config: manager }] } },
        ...filterChain,
      ]);
      const merged = merge<Partial<Listener>>([
        { by, value: { name: LISTENER, address: socketAddress('0.0.0.0', checkedPort('port', port)) } },
        ...listener,
        { by, value: { filter_chains: [chain] } },
      ]) as Listener;
      return { listeners: [merged], managers: [manager] };
    },
    clusters: (parts) => [toCluster(UPSTREAM, upstream, parts)],
    bootstrap: (listeners, clusters) => ({
      by: 'the core',
      value: { static_resources: { listeners: [...listeners], clusters: [...clusters] } },
    }),
    ports: [{ name: LISTENER, port }],
  };
}

function virtualHost(rules: readonly ResolvedRoute[], filters: readonly Part<HttpFilter>[]) {
  return { name: VIRTUAL_HOST, domains: ['*'], routes: rules.flatMap((rule) => toRoutes(rule, UPSTREAM, filters)) };
}
