import {
  type Cluster,
  extension,
  type HttpConnectionManager,
  type Listener,
  loadAssignment,
  ROUTER,
  socketAddress,
} from '../envoy/messages/builders';

// Parts of a bootstrap as a user writes them by hand.

/** Returns a cluster with one address. */
export function cluster(name: string, host: string, port: number, changes: Partial<Cluster> = {}): Cluster {
  return { name, type: 'STATIC', load_assignment: loadAssignment(name, socketAddress(host, port)), ...changes };
}

/** Returns a listener that proxies TCP connections to a cluster. */
export function tcpListener(name: string, port: number, to: string, host = '0.0.0.0'): Listener {
  const proxy = extension('envoy.filters.network.tcp_proxy', 'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', {
    stat_prefix: name,
    cluster: to,
  });
  return { name, address: socketAddress(host, port), filter_chains: [{ filters: [proxy] }] };
}

/** Returns an HTTP listener. */
export function httpListener(
  name: string,
  port: number,
  manager: Partial<Omit<HttpConnectionManager, '@type'>>,
  host = '0.0.0.0',
): Listener {
  const filter = extension(
    'envoy.filters.network.http_connection_manager',
    'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    { stat_prefix: name, http_filters: [ROUTER], ...manager },
  );
  return { name, address: socketAddress(host, port), filter_chains: [{ filters: [filter] }] };
}

/** Returns a route configuration with one virtual host for every domain. */
export function routes(
  name: string,
  ...all: NonNullable<NonNullable<HttpConnectionManager['route_config']>['virtual_hosts']>[number]['routes'] & object
) {
  return { route_config: { name, virtual_hosts: [{ name, domains: ['*'], routes: all }] } };
}
