import { error, getField, getItems, getMessageType, hasField, type Node, readText } from '../message-reader';
import type { Rule } from '../rule';
import { discoveryType } from './endpoint-discovery';

const PROVIDED = 'envoy.extensions.load_balancing_policies.cluster_provided.v3.ClusterProvided';

/** Clusters that choose an endpoint themselves, as `discovery` calls them. */
const PROVIDING: ReadonlySet<string> = new Set([
  'ORIGINAL_DST',
  'envoy.extensions.clusters.aggregate.v3.ClusterConfig',
  'envoy.extensions.clusters.composite.v3.ClusterConfig',
  'envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig',
  'envoy.extensions.clusters.mcp_multicluster.v3.ClusterConfig',
  'envoy.extensions.clusters.original_dst.v3.OriginalDstCluster',
  'envoy.extensions.clusters.reverse_connection.v3.ReverseConnectionClusterConfig',
]);

/** Those that have to say so by `lb_policy` even beside `load_balancing_policy`. */
const BY_FIELD: ReadonlySet<string> = new Set([
  'ORIGINAL_DST',
  'envoy.extensions.clusters.original_dst.v3.OriginalDstCluster',
  'envoy.extensions.clusters.reverse_connection.v3.ReverseConnectionClusterConfig',
]);

const PLAIN: ReadonlySet<string> = new Set(['STATIC', 'STRICT_DNS', 'LOGICAL_DNS', 'EDS']);

/** Whoever chooses endpoints says so: the cluster itself, or a policy. */
export const clusterProvided: Rule = (messages) =>
  messages('envoy.config.cluster.v3.Cluster').flatMap((cluster) => {
    const kind = discoveryType(cluster);
    const field = getField(cluster, 'lb_policy');
    const policy = getField(cluster, 'load_balancing_policy');
    const byField = field.value === 'CLUSTER_PROVIDED';
    const chosen = hasField(cluster, 'load_balancing_policy') ? firstPolicy(policy) === PROVIDED : byField;
    if (PROVIDING.has(kind) && BY_FIELD.has(kind) && !byField) {
      return [error('cluster-provided', cluster, "chooses its endpoints itself; set lb_policy to 'CLUSTER_PROVIDED'")];
    }
    if (PROVIDING.has(kind) && !chosen) {
      return hasField(cluster, 'load_balancing_policy')
        ? [error('cluster-provided', policy, `is for a cluster that leaves the choice to it; remove it`)]
        : [error('cluster-provided', cluster, "chooses its endpoints itself; set lb_policy to 'CLUSTER_PROVIDED'")];
    }
    return PLAIN.has(kind) && chosen
      ? [
          error(
            'cluster-provided',
            byField ? field : policy,
            'leaves the choice to a cluster of a type that does not choose; remove it',
          ),
        ]
      : [];
  });

/** Envoy takes the first policy that it knows, and it knows all that the schema does. */
function firstPolicy(policy: Node): string | undefined {
  const [first] = getItems(policy, 'policies').filter((one) => hasField(one, 'typed_extension_config'));
  return first && getMessageType(getField(first, 'typed_extension_config', 'typed_config'));
}

/** What the older way of choosing endpoints is set up by. */
const OF_FIELD = ['zone_aware_lb_config', 'locality_weighted_lb_config', 'consistent_hashing_lb_config'];

/** A policy of balancing is one of Envoy's, and set up in itself. */
export const balancingPolicy: Rule = (messages) => [
  ...messages('envoy.config.cluster.v3.LoadBalancingPolicy').flatMap((policy) => {
    const all = getItems(policy, 'policies');
    return all.some((one) => hasField(one, 'typed_extension_config'))
      ? []
      : [error('balancing-policy', policy, 'has no policy that Envoy knows; set typed_extension_config in one')];
  }),
  ...messages('envoy.config.cluster.v3.Cluster')
    .filter((cluster) => hasField(cluster, 'load_balancing_policy'))
    .flatMap((cluster) => OF_FIELD.map((name) => getField(cluster, 'common_lb_config', name)))
    .filter(({ value }) => value !== undefined && value !== null)
    .map((config) => error('balancing-policy', config, 'is not for load_balancing_policy; set it up in the policy')),
  ...messages('envoy.config.cluster.v3.Cluster')
    .filter((cluster) => !hasField(cluster, 'load_balancing_policy'))
    .map((cluster) => getField(cluster, 'lb_policy'))
    .filter((policy) => readText(policy) === 'LOAD_BALANCING_POLICY_CONFIG')
    .map((policy) =>
      error('balancing-policy', policy, 'says that load_balancing_policy is set, and it is not; set it'),
    ),
];
