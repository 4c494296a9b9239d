/**
 * The parts of Envoy's v3 API that this library writes, spelt as Envoy spells them. What a feature does not set is
 * left to Envoy's own default.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/bootstrap/v3/bootstrap.proto
 */
export interface Bootstrap {
  readonly admin?: Admin;
  readonly static_resources?: StaticResources;
  readonly overload_manager?: OverloadManager;
  readonly [field: string]: unknown;
}

/** @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/bootstrap/v3/bootstrap.proto#config-bootstrap-v3-admin */
export interface Admin {
  readonly address: Address;
  readonly [field: string]: unknown;
}

/** @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/bootstrap/v3/bootstrap.proto#config-bootstrap-v3-bootstrap-staticresources */
export interface StaticResources {
  readonly listeners?: readonly Listener[];
  readonly clusters?: readonly Cluster[];
  readonly [field: string]: unknown;
}

/** @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener.proto */
export interface Listener {
  readonly name: string;
  readonly address: Address;
  readonly filter_chains: readonly FilterChain[];
  readonly [field: string]: unknown;
}

/** @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener_components.proto */
export interface FilterChain {
  readonly filters: readonly Extension[];
  readonly [field: string]: unknown;
}

/** @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto */
export interface HttpConnectionManager {
  readonly stat_prefix: string;
  readonly route_config?: RouteConfiguration;
  readonly http_filters?: readonly Extension[];
  readonly access_log?: readonly Extension[];
  readonly [field: string]: unknown;
}

/** @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route.proto */
export interface RouteConfiguration {
  readonly name: string;
  readonly virtual_hosts: readonly VirtualHost[];
  readonly [field: string]: unknown;
}

/** @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto */
export interface VirtualHost {
  readonly name: string;
  readonly domains: readonly string[];
  readonly routes: readonly Route[];
  readonly [field: string]: unknown;
}

/** @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-route */
export interface Route {
  readonly match: object;
  readonly route?: RouteAction;
  readonly direct_response?: { readonly status: number; readonly body?: { readonly inline_string: string } };
  readonly [field: string]: unknown;
}

/** @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction */
export interface RouteAction {
  readonly cluster?: string;
  readonly [field: string]: unknown;
}

/** @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto */
export interface Cluster {
  readonly name: string;
  readonly load_assignment?: LoadAssignment;
  readonly [field: string]: unknown;
}

/** @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/endpoint/v3/endpoint.proto */
export interface LoadAssignment {
  readonly cluster_name: string;
  readonly endpoints: readonly {
    readonly lb_endpoints: readonly { readonly endpoint: { readonly address: Address } }[];
  }[];
}

/** @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/address.proto */
export interface Address {
  readonly socket_address: { readonly address: string; readonly port_value: number; readonly [field: string]: unknown };
}

/** @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/overload/v3/overload.proto */
export interface OverloadManager {
  readonly refresh_interval?: string;
  readonly resource_monitors?: readonly Extension[];
  readonly actions?: readonly object[];
  readonly [field: string]: unknown;
}

/** Something of Envoy's that is chosen by the type of its configuration. */
export interface Extension {
  readonly name: string;
  readonly typed_config: { readonly '@type': string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** A filter, logger or the like, named by Envoy's own name for it. */
export function extension(name: string, type: string, config: object = {}): Extension {
  return { name, typed_config: extensionConfig(type, config) };
}

/** A configuration that says of which type it is. */
export function extensionConfig(type: string, config: object = {}): Extension['typed_config'] {
  return { '@type': `type.googleapis.com/${type}`, ...config };
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

/** The filter that speaks HTTP on a listener. */
export function connectionManager(config: object): Extension {
  return extension('envoy.filters.network.http_connection_manager', CONNECTION_MANAGER, config);
}

/** The last HTTP filter of any connection manager. */
export const ROUTER = extension('envoy.filters.http.router', 'envoy.extensions.filters.http.router.v3.Router');
