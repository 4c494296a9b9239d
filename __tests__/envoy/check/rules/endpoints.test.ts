import { clusterEndpoints, dropOverloads, endpointAddress } from '../../../../envoy/check/rules/endpoints';
import { assignmentOf, runRule } from './run-rule';

test('each type of cluster has what it needs', () => {
  expect(
    runRule(clusterEndpoints, {
      'envoy.config.cluster.v3.Cluster': [
        {
          type: 'LOGICAL_DNS',
          load_assignment: assignmentOf('a', 'b'),
        },
        {
          type: 'LOGICAL_DNS',
          load_assignment: assignmentOf('a'),
        },
        {
          cluster_type: {
            typed_config: {
              '@type': 'type.googleapis.com/envoy.extensions.clusters.dns.v3.DnsCluster',
              all_addresses_in_single_endpoint: true,
            },
          },
          load_assignment: assignmentOf('a', 'b'),
        },
        {
          type: 'ORIGINAL_DST',
          load_assignment: {},
        },
        {
          type: 'EDS',
        },
        {
          type: 'EDS',
          eds_cluster_config: {
            eds_config: {},
          },
        },
        {
          lb_policy: 'CLUSTER_PROVIDED',
        },
      ],
    }),
  ).toEqual([
    'error cluster-endpoints at Cluster[0]: takes all addresses for one endpoint, and has to name one and no more; name one, or use STRICT_DNS',
    'error cluster-endpoints at Cluster[2]: takes all addresses for one endpoint, and has to name one and no more; name one, or use STRICT_DNS',
    'error cluster-endpoints at Cluster[3].load_assignment: is of no use to an ORIGINAL_DST cluster; remove it',
    'error cluster-endpoints at Cluster[4]: is an EDS cluster; set eds_cluster_config.eds_config',
  ]);
});

test('one category of requests is dropped', () => {
  const policies = [{ drop_overloads: [{ category: 'a' }, { category: 'b' }] }, { drop_overloads: [{}] }];
  expect(runRule(dropOverloads, { 'envoy.config.endpoint.v3.ClusterLoadAssignment.Policy': policies })).toEqual([
    'error drop-overload at Policy[0].drop_overloads[1]: is a second category, and Envoy takes one; remove it',
  ]);
});

test('an endpoint of a STATIC cluster is somewhere', () => {
  const at = (endpoint: object) => ({ load_assignment: { endpoints: [{ lb_endpoints: [endpoint] }] } });
  const clusters = [
    at({}),
    { type: 'STATIC', ...at({ endpoint: {} }) },
    at({ endpoint: { address: {} } }),
    at({ endpoint_name: 'a' }),
    { type: 'EDS', ...at({}) },
    { cluster_type: {}, ...at({}) },
  ];
  const place = 'load_assignment.endpoints[0].lb_endpoints[0]: is nowhere; set endpoint.address';
  expect(runRule(endpointAddress, { 'envoy.config.cluster.v3.Cluster': clusters })).toEqual([
    `error endpoint-address at Cluster[0].${place}`,
    `error endpoint-address at Cluster[1].${place}`,
  ]);
});
