import { clusterExists } from '../../../../envoy/check/rules/cluster-exists';
import { runRule } from './run-rule';

test('a cluster that a route names is there', () => {
  expect(
    runRule(clusterExists, {
      'envoy.config.cluster.v3.Cluster': [
        {
          name: 'api',
        },
        {
          name: 'admin',
        },
      ],
      'envoy.config.route.v3.RouteAction': [
        {
          cluster: 'api',
        },
        {
          cluster: 'apii',
        },
      ],
    }),
  ).toEqual([
    "error cluster-exists at RouteAction[1].cluster: names the cluster 'apii', which is not there; the clusters are 'api', 'admin' (did you mean 'api'?)",
  ]);
});

test('every other way of naming a cluster that Envoy looks up at its start', () => {
  expect(
    runRule(clusterExists, {
      'envoy.config.cluster.v3.Cluster': [
        {
          name: 'api',
        },
        {
          name: 'admin',
        },
      ],
      'envoy.config.route.v3.WeightedCluster.ClusterWeight': [
        {
          name: 'no',
        },
      ],
      'envoy.config.route.v3.RouteAction.RequestMirrorPolicy': [
        {
          cluster: 'no',
        },
      ],
      'envoy.config.trace.v3.ZipkinConfig': [
        {
          collector_cluster: 'no',
        },
      ],
      'envoy.config.metrics.v3.StatsdSink': [
        {
          tcp_cluster_name: 'no',
        },
      ],
      'envoy.config.bootstrap.v3.ClusterManager': [
        {
          local_cluster_name: 'no',
        },
      ],
      'envoy.extensions.filters.network.thrift_proxy.v3.RouteAction': [
        {
          cluster: 'no',
        },
      ],
    }),
  ).toEqual([
    "error cluster-exists at ClusterWeight[0].name: names the cluster 'no', which is not there; the clusters are 'api', 'admin'",
    "error cluster-exists at RequestMirrorPolicy[0].cluster: names the cluster 'no', which is not there; the clusters are 'api', 'admin'",
    "error cluster-exists at ZipkinConfig[0].collector_cluster: names the cluster 'no', which is not there; the clusters are 'api', 'admin'",
    "error cluster-exists at StatsdSink[0].tcp_cluster_name: names the cluster 'no', which is not there; the clusters are 'api', 'admin'",
    "error cluster-exists at ClusterManager[0].local_cluster_name: names the cluster 'no', which is not there; the clusters are 'api', 'admin'",
    "error cluster-exists at RouteAction[0].cluster: names the cluster 'no', which is not there; the clusters are 'api', 'admin'",
  ]);
});

test('what Envoy looks up with each request is warned of', () => {
  expect(
    runRule(clusterExists, {
      'envoy.config.cluster.v3.Cluster': [
        {
          name: 'api',
        },
        {
          name: 'admin',
        },
      ],
      'envoy.config.core.v3.HttpUri': [
        {
          cluster: 'no',
        },
      ],
      'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy': [
        {
          cluster: 'no',
        },
      ],
      'envoy.extensions.clusters.aggregate.v3.ClusterConfig': [
        {
          clusters: ['api', 'no'],
        },
      ],
      'envoy.config.core.v3.GrpcService': [
        {
          envoy_grpc: {
            cluster_name: 'no',
          },
        },
      ],
    }),
  ).toEqual([
    "warning cluster-exists at HttpUri[0].cluster: names the cluster 'no', which is not there; the clusters are 'api', 'admin'",
    "warning cluster-exists at TcpProxy[0].cluster: names the cluster 'no', which is not there; the clusters are 'api', 'admin'",
    "warning cluster-exists at ClusterConfig[0].clusters[1]: names the cluster 'no', which is not there; the clusters are 'api', 'admin'",
    "warning cluster-exists at GrpcService[0].envoy_grpc.cluster_name: names the cluster 'no', which is not there; the clusters are 'api', 'admin'",
  ]);
});

test('a control plane and a sink are connected to at the start, health discovery is left out then', () => {
  expect(
    runRule(clusterExists, {
      'envoy.config.cluster.v3.Cluster': [
        {
          name: 'api',
        },
        {
          name: 'admin',
        },
      ],
      'envoy.config.core.v3.ApiConfigSource': [
        {
          at: ['dynamic_resources', 'ads_config'],
        },
        {
          at: ['hds_config'],
        },
      ],
      'envoy.config.core.v3.GrpcService': [
        {
          at: ['dynamic_resources', 'ads_config', 'grpc_services', 0],
          envoy_grpc: {
            cluster_name: 'no',
          },
        },
        {
          at: ['hds_config', 'grpc_services', 0],
          envoy_grpc: {
            cluster_name: 'no',
          },
        },
      ],
    }),
  ).toEqual([
    "error cluster-exists at dynamic_resources.ads_config.grpc_services[0].envoy_grpc.cluster_name: names the cluster 'no', which is not there; the clusters are 'api', 'admin'",
    "warning cluster-exists at hds_config.grpc_services[0].envoy_grpc.cluster_name: names the cluster 'no', which is not there; the clusters are 'api', 'admin'",
  ]);
});

test('routes may say that their clusters come later', () => {
  expect(
    runRule(clusterExists, {
      'envoy.config.cluster.v3.Cluster': [
        {
          name: 'api',
        },
        {
          name: 'admin',
        },
      ],
      'envoy.config.route.v3.RouteConfiguration': [
        {
          at: ['routes'],
          validate_clusters: false,
        },
      ],
      'envoy.config.route.v3.RouteAction': [
        {
          at: ['routes', 'virtual_hosts', 0],
          cluster: 'no',
        },
      ],
    }),
  ).toEqual([
    "warning cluster-exists at routes.virtual_hosts[0].cluster: names the cluster 'no', which is not there; the clusters are 'api', 'admin'",
  ]);
});

test('clusters of a control plane come too late for routes, and in time for requests', () => {
  expect(
    runRule(clusterExists, {
      'envoy.config.bootstrap.v3.Bootstrap': [
        {
          dynamic_resources: {
            cds_config: {},
          },
        },
      ],
      'envoy.config.route.v3.RouteAction': [
        {
          cluster: 'no',
        },
      ],
      'envoy.config.core.v3.HttpUri': [
        {
          cluster: 'no',
        },
      ],
    }),
  ).toEqual([
    "error cluster-exists at RouteAction[0].cluster: names the cluster 'no', which is not there; there is no cluster at all",
  ]);
});

test('a reference may be any name', () => {
  expect(
    runRule(clusterExists, {
      'envoy.config.cluster.v3.Cluster': [
        {
          name: '${TfToken[TOKEN.1]}',
        },
      ],
      'envoy.config.route.v3.RouteAction': [
        {
          cluster: 'no',
        },
        {
          cluster: '${TfToken[TOKEN.1]}',
        },
      ],
    }),
  ).toEqual([]);
});
