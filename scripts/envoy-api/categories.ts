import type { DescField, DescMessage } from '@bufbuild/protobuf';
import type { Comments } from './comments';

const any = 'google.protobuf.Any';

/** What a match looks at: which of them depends on what is matched, which the matcher itself does not know. */
const inputs = [
  'envoy.matching.common_inputs',
  'envoy.matching.generic_proxy_request_input.input',
  'envoy.matching.http.input',
  'envoy.matching.network.input',
  'envoy.matching.stat_matching_data.input',
  'envoy.matching.stat_tag_matching_data.input',
  'envoy.matching.transport_socket.input',
].join();
/** Not of Envoy: what `typed_per_filter_config` takes, which its comments and its list of extensions leave open. */
export const perRoute = 'envoy.filters.http.per_route';
/** Not of Envoy either: an action of the overload manager is known by its name, and some have a configuration. */
export const overloadActions = 'envoy.overload_actions';
const customMatchers = 'envoy.matching.http.custom_matchers,envoy.matching.network.custom_matchers';
const transportSockets = 'envoy.transport_sockets.downstream,envoy.transport_sockets.upstream';

/** Where Envoy's comments say nothing, or less than what it takes. */
const byHand: Readonly<Record<string, string>> = {
  'envoy.config.bootstrap.v3.Bootstrap.listener_manager': 'envoy.listener_manager_impl',
  'envoy.config.bootstrap.v3.Watchdog.WatchdogAction.config': 'envoy.guarddog_actions',
  'envoy.config.cluster.v3.Cluster.transport_socket': 'envoy.transport_sockets.upstream',
  'envoy.config.cluster.v3.Filter.typed_config': 'envoy.filters.upstream_network',
  'envoy.config.common.matcher.v3.Matcher.MatcherList.Predicate.SinglePredicate.input': inputs,
  'envoy.config.common.matcher.v3.Matcher.MatcherTree.custom_match': customMatchers,
  'envoy.config.common.matcher.v3.Matcher.MatcherTree.input': inputs,
  'envoy.config.core.v3.RetryPolicy.RetryHostPredicate.typed_config': 'envoy.retry_host_predicates',
  'envoy.config.core.v3.RetryPolicy.RetryPriority.typed_config': 'envoy.retry_priorities',
  'envoy.config.core.v3.TransportSocket.typed_config': transportSockets,
  'envoy.config.overload.v3.OverloadAction.typed_config': overloadActions,
  'envoy.config.route.v3.FilterConfig.config': perRoute,
  'envoy.config.route.v3.Route.route_specifiers': 'envoy.router.route_specifiers',
  'envoy.config.route.v3.Route.typed_per_filter_config': perRoute,
  'envoy.config.route.v3.RouteConfiguration.route_specifiers': 'envoy.router.route_specifiers',
  'envoy.config.route.v3.RouteConfiguration.typed_per_filter_config': perRoute,
  'envoy.config.route.v3.VirtualHost.route_specifiers': 'envoy.router.route_specifiers',
  'envoy.config.route.v3.VirtualHost.typed_per_filter_config': perRoute,
  'envoy.config.route.v3.WeightedCluster.ClusterWeight.typed_per_filter_config': perRoute,
  'envoy.extensions.common.matching.v3.ExtensionWithMatcher.extension_config': 'envoy.filters.http',
  'envoy.extensions.filters.http.composite.v3.FilterChainConfiguration.typed_config': 'envoy.filters.http',
  'envoy.extensions.filters.http.compressor.v3.CompressorOverrides.compressor_library': 'envoy.compression.compressor',
  'envoy.extensions.filters.http.ext_proc.v3.ExtProcOverrides.processing_request_modifier':
    'envoy.http.ext_proc.processing_request_modifiers',
  'envoy.extensions.filters.http.header_mutation.v3.Mutations.formatters': 'envoy.formatter',
  'envoy.extensions.filters.network.dubbo_proxy.v3.DubboFilter.config': 'envoy.dubbo_proxy.filters',
  'envoy.extensions.filters.network.http_connection_manager.v3.RequestIDExtension.typed_config': 'envoy.request_id',
  'envoy.extensions.filters.network.thrift_proxy.v3.ThriftFilter.typed_config': 'envoy.thrift_proxy.filters',
  'envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig.SessionFilter.typed_config': 'envoy.filters.udp.session',
  'envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig.UdpTunnelingConfig.formatters': 'envoy.formatter',
  'envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.custom_handshaker': 'envoy.tls_handshakers',
  'xds.type.matcher.v3.Matcher.MatcherList.Predicate.SinglePredicate.input': inputs,
  'xds.type.matcher.v3.Matcher.MatcherTree.custom_match': customMatchers,
  'xds.type.matcher.v3.Matcher.MatcherTree.input': inputs,
};

/** The category of extensions that may stand in a field; several ones, joined by commas, where Envoy takes each. */
export function categoryOf(field: DescField, comments: Comments): string | undefined {
  const fixed = byHand[`${field.parent.typeName}.${field.name}`];
  if (fixed !== undefined || !holdsExtension(field)) {
    return fixed;
  }
  const oneof = field.oneof && comments.get(`${field.parent.typeName}.${field.oneof.name}`);
  const text = comments.get(`${field.parent.typeName}.${field.name}`) ?? '';
  const found = /\[#extension-category:([^\]]*)\]/.exec(`${text}\n${oneof ?? ''}`)?.[1];
  return found
    ?.split(',')
    .map((each) => each.trim())
    .join();
}

/** An `Any`, or a message that has one in it, as HttpFilter and TypedExtensionConfig. */
function holdsExtension(field: DescField): boolean {
  return (
    field.message !== undefined &&
    [field.message, ...field.message.fields.map(singular)].some((message) => message?.typeName === any)
  );
}

function singular(field: DescField): DescMessage | undefined {
  return field.fieldKind === 'message' ? field.message : undefined;
}
