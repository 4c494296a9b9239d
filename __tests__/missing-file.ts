import type { Bootstrap } from '../envoy';

export const MISSING = '/no/such/file.pem';

/** A configuration that is right by all that can be known here: only Envoy sees that a file of it is not there. */
export function withMissingFile(bootstrap: Bootstrap): Bootstrap {
  const { static_resources: { clusters = [], ...resources } = {}, ...rest } = bootstrap;
  const cluster: (typeof clusters)[number] = {
    name: 'missing_file',
    type: 'STATIC',
    transport_socket: {
      name: 'envoy.transport_sockets.tls',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
        common_tls_context: { validation_context: { trusted_ca: { filename: MISSING } } },
      },
    },
  };
  return { ...rest, static_resources: { ...resources, clusters: [...clusters, cluster] } };
}
