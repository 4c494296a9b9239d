import type { Any, envoy, Messages, Typed } from './schema/types';

// The parts of Envoy's API that this library writes, by their short names. All of it is in `schema/types.ts`.
export type Bootstrap = envoy.config.bootstrap.v3.Bootstrap;
export type Listener = envoy.config.listener.v3.Listener;
export type FilterChain = envoy.config.listener.v3.FilterChain;
export type NetworkFilter = envoy.config.listener.v3.Filter;
export type HttpConnectionManager = Typed<typeof CONNECTION_MANAGER>;
export type HttpFilter = envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
export type RouteConfiguration = envoy.config.route.v3.RouteConfiguration;
export type Route = envoy.config.route.v3.Route;
export type RouteMatch = envoy.config.route.v3.RouteMatch;
export type RouteAction = envoy.config.route.v3.RouteAction;
export type Cluster = envoy.config.cluster.v3.Cluster;
export type LoadAssignment = envoy.config.endpoint.v3.ClusterLoadAssignment;
export type Address = envoy.config.core.v3.Address;

/** A filter, logger or the like, named by Envoy's own name for it. */
export interface Extension<Type extends keyof Messages> {
  name: string;
  typed_config: Typed<Type>;
}

export function extension<Type extends keyof Messages>(
  name: string,
  type: Type,
  config: Messages[Type],
): Extension<Type> {
  return { name, typed_config: typed(type, config) };
}

/** A configuration that says of which type it is. */
export function typed<Type extends keyof Messages>(type: Type, config: Messages[Type]): Typed<Type> {
  return { '@type': `type.googleapis.com/${type}`, ...config } as Typed<Type>;
}

/** Where something listens or is reached. */
export function socketAddress(address: string, port: number): Address {
  return { socket_address: { address, port_value: port } };
}

/** The one group of endpoints of a cluster. */
export function loadAssignment(cluster: string, address: Address): LoadAssignment {
  return { cluster_name: cluster, endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] };
}

export const CONNECTION_MANAGER = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
export const CONNECTION_MANAGER_NAME = 'envoy.filters.network.http_connection_manager';

/** The last HTTP filter of any connection manager. */
export const ROUTER: HttpFilter = extension(
  'envoy.filters.http.router',
  'envoy.extensions.filters.http.router.v3.Router',
  {},
);

/**
 * Switches a filter off for a route.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-filterconfig
 */
export const DISABLED = typed('envoy.config.route.v3.FilterConfig', { disabled: true });

/** Envoy's timeout of a route that sets none. */
export const ROUTE_TIMEOUT = '15s';

/** Turns a filter on where the proxy has it disabled. */
export const ENABLED = typed('envoy.config.route.v3.FilterConfig', {
  config: {} as Any<'envoy.filters.http.per_route'>,
});

/** HTTP/2 to a cluster, as gRPC needs it. */
export const HTTP2 = {
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': typed(
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
    { explicit_http_config: { http2_protocol_options: {} } },
  ),
};

/**
 * A retry is not for the same host again, if there is another. Round robin finds it at the second look; of two, least request
 * takes the one that fails fast three times out of four, so that Envoy's recommended five looks are not enough.
 */
export const ANOTHER_HOST = {
  retry_host_predicate: [
    extension(
      'envoy.retry_host_predicates.previous_hosts',
      'envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate',
      {},
    ),
  ],
  host_selection_retry_max_attempts: 20,
};

/** A share of the requests, which no runtime setting changes. */
export const percent = (numerator: number) => ({
  default_value: { numerator, denominator: 'HUNDRED' as const },
});

/** What only the requests and answers of gRPC have, for filters of headers. */
export const GRPC = { name: 'content-type', string_match: { prefix: 'application/grpc' } };

/** Which answers a mapper of local replies is for, or a log: an expression of CEL. */
export function celResponseFilter(expression: string) {
  return {
    extension_filter: extension(
      'envoy.access_loggers.extension_filters.cel',
      'envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter',
      { expression },
    ),
  };
}
