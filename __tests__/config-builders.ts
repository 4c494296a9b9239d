import {
  type Cluster,
  extension,
  type HttpConnectionManager,
  type Listener,
  loadAssignment,
  ROUTER,
  socketAddress,
} from '../envoy/messages/builders';

// Pieces of configurations as somebody would write them by hand.

/** A cluster with one address. */
export function cluster(name: string, host: string, port: number, changes: Partial<Cluster> = {}): Cluster {
  return { name, type: 'STATIC', load_assignment: loadAssignment(name, socketAddress(host, port)), ...changes };
}

/** A listener that passes connections on to a cluster. */
export function tcpListener(name: string, port: number, to: string, host = '0.0.0.0'): Listener {
  const proxy = extension('envoy.filters.network.tcp_proxy', 'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', {
    stat_prefix: name,
    cluster: to,
  });
  return { name, address: socketAddress(host, port), filter_chains: [{ filters: [proxy] }] };
}

/** A listener that speaks HTTP and has one virtual host. */
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

/** Routes for every host. */
export function routes(
  name: string,
  ...all: NonNullable<NonNullable<HttpConnectionManager['route_config']>['virtual_hosts']>[number]['routes'] & object
) {
  return { route_config: { name, virtual_hosts: [{ name, domains: ['*'], routes: all }] } };
}
