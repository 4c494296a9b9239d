import type { ProxyFile } from '../../../fragments/fragment';
import { type Cluster, extension } from '../../../messages/builders';
import type { envoy } from '../../../messages/schema/types';

export type SdsSecretConfig = envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
export type Secret = envoy.extensions.transport_sockets.tls.v3.Secret;
export type CommonTlsContext = envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;

/** What something that TLS needs adds to the proxy. */
export interface TlsPart {
  readonly files: readonly ProxyFile[];
  /** What Envoy is to look at before it starts, as it doesn't with what it reads again. */
  readonly checked?: CommonTlsContext;
}

/** A secret that Envoy reads from a file of ours, which names files of others that are then read again when they change. */
export function readAgain(
  path: string,
  secret: Secret,
): { readonly config: SdsSecretConfig; readonly file: ProxyFile } {
  return {
    config: { name: secret.name ?? '', sds_config: { path_config_source: { path }, resource_api_version: 'V3' } },
    file: {
      path,
      content: {
        resources: [{ '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret', ...secret }],
      },
    },
  };
}

/**
 * A cluster without a host, which nobody asks. Envoy starts and says that it is ready also when it can't read a certificate
 * that it is to read again, and then no connection comes about. The same files in a cluster keep it from starting.
 */
export function checkOf(name: string, parts: readonly TlsPart[]): readonly Cluster[] {
  const contexts = parts.flatMap(({ checked }) => (checked ? [checked] : []));
  const matches = contexts.map((context, index) => ({
    name: `${name}_${index}`,
    match: {},
    transport_socket: extension(
      'envoy.transport_sockets.tls',
      'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
      { common_tls_context: context },
    ),
  }));
  return matches.length > 0 ? [{ name, type: 'STATIC', transport_socket_matches: matches }] : [];
}
