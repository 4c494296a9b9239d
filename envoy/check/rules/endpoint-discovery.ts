import { getField, getMessageType, hasField, type Node, readText } from '../message-reader';

/** How a cluster finds its endpoints: by one of the types of `Cluster.type`, or else the message type of its extension. */
export function discoveryType(cluster: Node): string {
  const custom = getField(cluster, 'cluster_type');
  if (!hasField(cluster, 'cluster_type')) {
    return readText(getField(cluster, 'type')) ?? 'STATIC';
  }
  const type = getMessageType(getField(custom, 'typed_config'));
  if (type === 'envoy.extensions.clusters.dns.v3.DnsCluster') {
    const single = getField(custom, 'typed_config', 'all_addresses_in_single_endpoint').value === true;
    return single ? 'LOGICAL_DNS' : 'STRICT_DNS';
  }
  const name = readText(getField(custom, 'name')) ?? '';
  return type ?? (Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : undefined) ?? name;
}

const BY_NAME: Readonly<Record<string, string>> = {
  'envoy.cluster.dns': 'STRICT_DNS',
  'envoy.cluster.eds': 'EDS',
  'envoy.cluster.logical_dns': 'LOGICAL_DNS',
  'envoy.cluster.original_dst': 'ORIGINAL_DST',
  'envoy.cluster.static': 'STATIC',
  'envoy.cluster.strict_dns': 'STRICT_DNS',
  'envoy.clusters.dynamic_forward_proxy': 'envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig',
};
