import type { Bootstrap } from '../envoy';

export const MISSING = '/no/such/file.pem';

/** Adds a reference to a missing file. Only Envoy can detect it, since the check reads no files. */
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
