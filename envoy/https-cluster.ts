import { type Cluster, extension, loadAssignment, socketAddress } from './api';
import { SYSTEM_CA_FILE } from './names';
import { CLIENT_TLS } from './tls';

/** A server outside, which is reached by TLS. */
export interface HttpsServer {
  readonly host: string;
  readonly port: number;
  /** The authority of its certificate, as PEM, instead of those that the image trusts. */
  readonly trustedCa?: string | undefined;
}

const IP_ADDRESS = /^\d+(\.\d+){3}$/;

/** The cluster of one server outside. Its certificate has to be of a known authority and for that very host. */
export function httpsCluster(name: string, { host, port, trustedCa }: HttpsServer): Cluster {
  const isAddress = IP_ADDRESS.test(host);
  return {
    name,
    connect_timeout: '3s',
    ...(isAddress ? { type: 'STATIC' } : { cluster_type: BY_NAME }),
    load_assignment: loadAssignment(name, socketAddress(host, port)),
    transport_socket: extension(
      'envoy.transport_sockets.tls',
      'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
      {
        ...(!isAddress && { sni: host }),
        common_tls_context: {
          tls_params: CLIENT_TLS,
          validation_context: {
            // Without these two Envoy takes whatever certificate it is shown.
            trusted_ca: trustedCa === undefined ? { filename: SYSTEM_CA_FILE } : { inline_string: trustedCa },
            match_typed_subject_alt_names: [{ san_type: isAddress ? 'IP_ADDRESS' : 'DNS', matcher: { exact: host } }],
          },
        },
      },
    ),
  };
}

// One connection at a time to whichever address is first: names on the internet have many, and change them.
const BY_NAME = extension('envoy.cluster.dns', 'envoy.extensions.clusters.dns.v3.DnsCluster', {
  dns_lookup_family: 'V4_PREFERRED',
  respect_dns_ttl: true,
  dns_failure_refresh_rate: { base_interval: '1s', max_interval: '5s' },
  all_addresses_in_single_endpoint: true,
});
