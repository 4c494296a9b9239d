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
} from './api';
import type { Part, ProxyPort } from './fragment';
import { LISTENER, ROUTES, STAT_PREFIX, UPSTREAM, VIRTUAL_HOST } from './names';
import { type Rule, routesOf } from './routes';
import { clusterOf, type Group } from './upstream';
import { port as checkedPort } from './values';

/**
 * What the fragments of the features are laid onto: the listener of the clients and the cluster of the API. Either our own,
 * or those of a configuration that the user brings. Each has what comes before the fragments and what comes after.
 */
export interface Frame {
  readonly manager: {
    readonly head: Part<Partial<HttpConnectionManager>>;
    readonly tail: (
      rules: readonly Rule[],
      filters: readonly Part<HttpFilter>[],
    ) => Part<Partial<HttpConnectionManager>>[];
  };
  readonly chain: (manager: HttpConnectionManager) => Part<Partial<FilterChain>>;
  readonly listener: {
    readonly head: Part<Partial<Listener>>;
    readonly tail: (chain: FilterChain) => Part<Partial<Listener>>;
  };
  readonly cluster: (parts: readonly Part<Partial<Cluster>>[]) => Cluster;
  readonly bootstrap: (listener: Listener, cluster: Cluster) => Part<Bootstrap>;
  readonly ports: readonly ProxyPort[];
}

/** One listener that sends everything to one cluster. */
export function ownFrame(port: number, upstream: Group): Frame {
  return {
    manager: {
      head: {
        by: 'the listener',
        value: { '@type': `type.googleapis.com/${CONNECTION_MANAGER}`, stat_prefix: STAT_PREFIX, codec_type: 'AUTO' },
      },
      tail: (rules, filters) => [
        { by: 'the routes', value: { route_config: { name: ROUTES, virtual_hosts: [virtualHost(rules, filters)] } } },
        ...filters.map(({ by, value }) => ({ by, value: { http_filters: [value] } })),
        { by: 'the routes', value: { http_filters: [ROUTER] } },
      ],
    },
    chain: (manager) => ({
      by: 'the listener',
      value: { filters: [{ name: CONNECTION_MANAGER_NAME, typed_config: manager }] },
    }),
    listener: {
      head: {
        by: 'the listener',
        value: { name: LISTENER, address: socketAddress('0.0.0.0', checkedPort('port', port)) },
      },
      tail: (chain) => ({ by: 'the listener', value: { filter_chains: [chain] } }),
    },
    cluster: (parts) => clusterOf(UPSTREAM, upstream, parts),
    bootstrap: (listener, cluster) => ({
      by: 'the core',
      value: { static_resources: { listeners: [listener], clusters: [cluster] } },
    }),
    ports: [{ name: LISTENER, port }],
  };
}

function virtualHost(rules: readonly Rule[], filters: readonly Part<HttpFilter>[]) {
  return { name: VIRTUAL_HOST, domains: ['*'], routes: rules.flatMap((rule) => routesOf(rule, UPSTREAM, filters)) };
}
