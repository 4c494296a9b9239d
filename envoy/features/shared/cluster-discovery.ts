import { extension } from '../../messages/builders';
import type { envoy } from '../../messages/schema/types';

const ADDRESS = /^(\d+(\.\d+){3}|[\da-fA-F.]*:[\da-fA-F.]*:[\da-fA-F:.]*)$/;

/** Whether a host is meant as an IP address: a wrong one is no name either. Of a reference nobody knows yet. */
export const isAddress = (host: string) => ADDRESS.test(host);

type LookUp = envoy.extensions.clusters.dns.v3.DnsCluster;

/** The type of a cluster whose hosts are names. IPv4 if there is one: container networks rarely route IPv6. */
export const byName = (lookUp: LookUp) =>
  extension('envoy.cluster.dns', 'envoy.extensions.clusters.dns.v3.DnsCluster', {
    dns_lookup_family: 'V4_PREFERRED',
    ...lookUp,
  });

/** How a cluster of one host finds it: a name is looked up. */
export const found = (host: string, lookUp: LookUp) =>
  isAddress(host) ? { type: 'STATIC' as const } : { cluster_type: byName(lookUp) };
