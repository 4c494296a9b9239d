export const HTTP_CONNECTION_MANAGER =
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

/** The package of TLS contexts, certificates and secrets. */
export const TLS = 'envoy.extensions.transport_sockets.tls.v3';
