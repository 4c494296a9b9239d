import { balancingPolicy, clusterProvided } from '../../../../envoy/check/rules/load-balancing';
import { runRule } from './run-rule';

const typed = (type: string) => ({ '@type': `type.googleapis.com/${type}` });
const custom = (type: string) => ({ cluster_type: { name: 'x', typed_config: typed(type) } });
const by = (policy: string) => ({
  load_balancing_policy: {
    policies: [
      {
        typed_extension_config: {
          name: 'x',
          typed_config: typed(`envoy.extensions.load_balancing_policies.${policy}`),
        },
      },
    ],
  },
});
const FORWARD = custom('envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig');
const PROVIDED = { lb_policy: 'CLUSTER_PROVIDED' };

const ofClusters = (...clusters: object[]) => runRule(clusterProvided, { 'envoy.config.cluster.v3.Cluster': clusters });

test('a cluster that chooses says so', () => {
  expect(
    ofClusters(
      FORWARD,
      { ...FORWARD, ...PROVIDED, ...by('round_robin.v3.RoundRobin') },
      { type: 'ORIGINAL_DST', ...by('cluster_provided.v3.ClusterProvided') },
      { type: 'ORIGINAL_DST', ...PROVIDED, ...by('round_robin.v3.RoundRobin') },
    ),
  ).toEqual([
    "error cluster-provided at Cluster[0]: chooses its endpoints itself; set lb_policy to 'CLUSTER_PROVIDED'",
    'error cluster-provided at Cluster[1].load_balancing_policy: is for a cluster that leaves the choice to it; remove it',
    "error cluster-provided at Cluster[2]: chooses its endpoints itself; set lb_policy to 'CLUSTER_PROVIDED'",
    'error cluster-provided at Cluster[3].load_balancing_policy: is for a cluster that leaves the choice to it; remove it',
  ]);
});

test('a cluster that does not choose does not say so', () => {
  const said = 'leaves the choice to a cluster of a type that does not choose; remove it';
  expect(
    ofClusters(
      PROVIDED,
      { type: 'LOGICAL_DNS', ...PROVIDED },
      { ...custom('envoy.extensions.clusters.dns.v3.DnsCluster'), ...PROVIDED },
      by('cluster_provided.v3.ClusterProvided'),
    ),
  ).toEqual([
    `error cluster-provided at Cluster[0].lb_policy: ${said}`,
    `error cluster-provided at Cluster[1].lb_policy: ${said}`,
    `error cluster-provided at Cluster[2].lb_policy: ${said}`,
    `error cluster-provided at Cluster[3].load_balancing_policy: ${said}`,
  ]);
});

test('good ones', () => {
  expect(
    ofClusters(
      { ...FORWARD, ...PROVIDED },
      { ...FORWARD, ...by('cluster_provided.v3.ClusterProvided') },
      { type: 'ORIGINAL_DST', ...PROVIDED },
      { ...PROVIDED, ...by('round_robin.v3.RoundRobin') },
      custom('envoy.extensions.clusters.dynamic_modules.v3.ClusterConfig'),
    ),
  ).toEqual([]);
});

test('a policy is there where it is said to be', () => {
  const common_lb_config = { zone_aware_lb_config: {}, healthy_panic_threshold: { value: 1 } };
  const clusters = [
    { lb_policy: 'LOAD_BALANCING_POLICY_CONFIG' },
    by('random.v3.Random'),
    { ...by('random.v3.Random'), common_lb_config },
    { common_lb_config },
  ];
  expect(
    runRule(balancingPolicy, {
      'envoy.config.cluster.v3.Cluster': clusters,
      'envoy.config.cluster.v3.LoadBalancingPolicy': [{ policies: [{}] }, { policies: [] }],
    }),
  ).toEqual([
    'error balancing-policy at LoadBalancingPolicy[0]: has no policy that Envoy knows; set typed_extension_config in one',
    'error balancing-policy at LoadBalancingPolicy[1]: has no policy that Envoy knows; set typed_extension_config in one',
    'error balancing-policy at Cluster[2].common_lb_config.zone_aware_lb_config: is not for load_balancing_policy; set it up in the policy',
    'error balancing-policy at Cluster[0].lb_policy: says that load_balancing_policy is set, and it is not; set it',
  ]);
});
