import { type Cluster, extension, loadAssignment, socketAddress } from '../../messages/builders';
import { SYSTEM_CA_FILE } from '../../messages/resource-names';
import { found, isAddress } from '../shared/cluster-discovery';
import { CLIENT_TLS } from '../shared/tls/tls-parameters';

/** A server outside, which is reached by TLS. */
export interface HttpsServer {
  readonly host: string;
  readonly port: number;
  /** The authority of its certificate, as PEM, instead of those that the image trusts. */
  readonly trustedCa?: string | undefined;
}

/** The cluster of one server outside. Its certificate has to be of a known authority and for that very host. */
export function httpsCluster(name: string, { host, port, trustedCa }: HttpsServer): Cluster {
  const addressed = isAddress(host);
  return {
    name,
    connect_timeout: '3s',
    ...found(host, LOOK_UP),
    load_assignment: loadAssignment(name, socketAddress(host, port)),
    transport_socket: extension(
      'envoy.transport_sockets.tls',
      'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
      {
        ...(!addressed && { sni: host }),
        common_tls_context: {
          tls_params: CLIENT_TLS,
          validation_context: {
            // Without these two Envoy takes whatever certificate it is shown.
            trusted_ca: trustedCa === undefined ? { filename: SYSTEM_CA_FILE } : { inline_string: trustedCa },
            match_typed_subject_alt_names: [{ san_type: addressed ? 'IP_ADDRESS' : 'DNS', matcher: { exact: host } }],
          },
        },
      },
    ),
  };
}

// One connection at a time to whichever address is first: names on the internet have many, and change them.
const LOOK_UP = {
  respect_dns_ttl: true,
  dns_failure_refresh_rate: { base_interval: '1s', max_interval: '5s' },
  all_addresses_in_single_endpoint: true,
} as const;
