import { didYouMean } from '../../options/suggest';
import {
  error,
  getField,
  getItems,
  hasField,
  isWithin,
  type Node,
  quoteNames,
  readText,
  warning,
} from '../message-reader';
import type { Messages, Rule } from '../rule';

const ROUTE_ACTION = 'envoy.config.route.v3.RouteAction';
const API_CONFIG_SOURCE = 'envoy.config.core.v3.ApiConfigSource';

/** What Envoy looks up as it starts: without the cluster it refuses the configuration. */
const LOOKED_UP_AT_START: Readonly<Record<string, string>> = {
  [ROUTE_ACTION]: 'cluster',
  'envoy.config.route.v3.WeightedCluster.ClusterWeight': 'name',
  'envoy.config.route.v3.RouteAction.RequestMirrorPolicy': 'cluster',
  'envoy.config.trace.v3.ZipkinConfig': 'collector_cluster',
  'envoy.config.trace.v3.DatadogConfig': 'collector_cluster',
  'envoy.config.metrics.v3.StatsdSink': 'tcp_cluster_name',
  'envoy.config.bootstrap.v3.ClusterManager': 'local_cluster_name',
  'envoy.extensions.access_loggers.fluentd.v3.FluentdAccessLogConfig': 'cluster',
  'envoy.extensions.filters.network.thrift_proxy.v3.RouteAction': 'cluster',
  'envoy.extensions.filters.network.thrift_proxy.v3.RouteAction.RequestMirrorPolicy': 'cluster',
};

/** What Envoy looks up with each request, and then answers with an error. */
const USED_LATER: Readonly<Record<string, string>> = {
  'envoy.config.core.v3.HttpUri': 'cluster',
  'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy': 'cluster',
  'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster.ClusterWeight': 'name',
  'envoy.extensions.filters.network.redis_proxy.v3.RedisProxy.PrefixRoutes.Route': 'cluster',
  'envoy.extensions.filters.network.redis_proxy.v3.RedisProxy.PrefixRoutes.Route.ReadCommandPolicy': 'cluster',
  'envoy.extensions.filters.network.redis_proxy.v3.RedisProxy.PrefixRoutes.Route.RequestMirrorPolicy': 'cluster',
  'envoy.extensions.filters.network.dubbo_proxy.v3.RouteAction': 'cluster',
  'envoy.extensions.filters.udp.udp_proxy.v3.Route': 'cluster',
  'envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig': 'cluster',
  'envoy.extensions.filters.http.gcp_authn.v3.GcpAuthnFilterConfig': 'cluster',
  'envoy.extensions.filters.http.cache_v2.v3.CacheV2Config': 'override_upstream_cluster',
  'envoy.extensions.filters.http.mcp_router.v3.McpRouter.McpCluster': 'cluster',
  'envoy.extensions.clusters.mcp_multicluster.v3.ClusterConfig.McpCluster': 'cluster',
  'envoy.extensions.router.cluster_specifiers.lua.v3.LuaConfig': 'default_cluster',
  'envoy.extensions.router.cluster_specifiers.priority_group.v3.ClusterWeight': 'cluster_name',
  'envoy.extensions.tracers.fluentd.v3.FluentdConfig': 'cluster',
  'envoy.data.dns.v3.DnsTable.DnsEndpoint': 'cluster_name',
  'envoy.data.dns.v3.DnsTable.DnsServiceTarget': 'cluster_name',
};

/**
 * Every cluster that is named is there. What Envoy looks up as it starts is an error even where more clusters come from
 * a control plane, since they come too late for that; anything else is a warning, and only where none can come.
 */
export const clusterExists: Rule = (messages) => {
  const clusters = new Set<string>();
  for (const cluster of messages('envoy.config.cluster.v3.Cluster')) {
    const name = getField(cluster, 'name');
    if (typeof name.value === 'string') {
      clusters.add(name.value);
    }
  }
  // A reference among the names may be any name.
  const opaque = [...clusters].some((name) => readText({ value: name, protoPath: [] }) === undefined);
  const dynamic = messages('envoy.config.bootstrap.v3.Bootstrap').some((bootstrap) =>
    hasField(getField(bootstrap, 'dynamic_resources'), 'cds_config'),
  );
  return [...namesLookedUpAtStart(messages), ...namesUsedLater(messages)].flatMap(({ name, isRejected }) => {
    const named = readText(name);
    if (named === undefined || clusters.has(named) || opaque || (dynamic && !isRejected)) {
      return [];
    }
    const there = clusters.size === 0 ? 'there is no cluster at all' : `the clusters are ${quoteNames(clusters)}`;
    const message = `names the cluster '${named}', which is not there; ${there}${didYouMean(named, clusters)}`;
    return [(isRejected ? error : warning)('cluster-exists', name, message)];
  });
};

interface ClusterName {
  readonly name: Node;
  readonly isRejected: boolean;
}

function namesLookedUpAtStart(messages: Messages): readonly ClusterName[] {
  const unchecked = messages('envoy.config.route.v3.RouteConfiguration').filter(
    (routes) => getField(routes, 'validate_clusters').value === false,
  );
  const matchers = messages('xds.type.matcher.v3.Matcher');
  return Object.entries(LOOKED_UP_AT_START).flatMap(([type, field]) =>
    messages(type).map((met) => ({
      name: getField(met, field),
      // Envoy looks up nothing that a matcher leads to.
      isRejected: ![...unchecked, ...matchers].some((holder) => isWithin(met, holder)),
    })),
  );
}

function namesUsedLater(messages: Messages): readonly ClusterName[] {
  const plain = Object.entries(USED_LATER).flatMap(([type, field]) =>
    messages(type).map((met) => ({ name: getField(met, field), isRejected: false })),
  );
  const aggregates = messages('envoy.extensions.clusters.aggregate.v3.ClusterConfig').flatMap((aggregate) =>
    getItems(aggregate, 'clusters').map((name) => ({ name, isRejected: false })),
  );
  // Control planes and sinks are connected to as Envoy starts; the health discovery and secrets are left out then.
  const sources = messages(API_CONFIG_SOURCE).filter(
    ({ protoPath }) => !protoPath.includes('hds_config') && !protoPath.includes('sds_config'),
  );
  const early = [...sources, ...messages('envoy.config.metrics.v3.StatsSink')];
  const rest = sources.flatMap((source) =>
    getItems(source, 'cluster_names').map((name) => ({ name, isRejected: true })),
  );
  const grpc = messages('envoy.config.core.v3.GrpcService').map((service) => ({
    name: getField(service, 'envoy_grpc', 'cluster_name'),
    isRejected: early.some((user) => isWithin(service, user)),
  }));
  return [...plain, ...aggregates, ...rest, ...grpc];
}
