import { shortName } from '../../messages/schema/descriptors';
import type { EnvoyVersion } from '../../messages/schema/envoy-minors';
import { child, error, has, type Node, typeName } from '../message-reader';
import type { Messages, Rule } from '../rule';

const FILTERS = 'envoy.extensions.filters';
const CUSTOM_RESPONSE = 'envoy.extensions.http.custom_response';

const httpFilter = [
  `${FILTERS}.common.matcher.action.v3.SkipFilter`,
  `${FILTERS}.http.composite.v3.ExecuteFilterAction`,
];
const generic = [`${FILTERS}.network.generic_proxy.action.v3.RouteAction`];
const rbac = ['envoy.config.rbac.v3.Action'];
const named = [
  'envoy.config.core.v3.SubstitutionFormatString',
  'envoy.extensions.matching.common_inputs.transport_socket.v3.TransportSocketNameAction',
];
const text = ['google.protobuf.StringValue'];
/** We do not know. */
const any: readonly string[] = [];

type Actions = Readonly<Record<string, readonly string[]>>;

/** What a matcher may do, by the message and the field that it stands in. */
const actionsOf = (version: EnvoyVersion): Readonly<Record<string, Actions>> => {
  const apart = version === '1.40';
  return {
    'envoy.config.cluster.v3.Cluster': { transport_socket_matcher: apart ? named : [...named, ...text] },
    'envoy.config.listener.v3.Listener': { filter_chain_matcher: apart ? text : [...text, ...named] },
    'envoy.config.route.v3.VirtualHost': {
      matcher: ['Route', 'RouteList'].map((one) => `envoy.config.route.v3.${one}`),
    },
    'envoy.extensions.access_loggers.stats.v3.Config.Tag': {
      rules: ['envoy.extensions.matching.actions.transform_stat.v3.TransformStat'],
    },
    'envoy.extensions.common.matching.v3.ExtensionWithMatcher': { matcher: httpFilter, xds_matcher: httpFilter },
    'envoy.extensions.common.matching.v3.ExtensionWithMatcherPerRoute': { xds_matcher: httpFilter },
    [`${FILTERS}.http.bandwidth_share.v3.BandwidthShare`]: { tenant_name_selector: any },
    [`${FILTERS}.http.composite.v3.Composite`]: { matcher: httpFilter },
    [`${FILTERS}.http.composite.v3.CompositePerRoute`]: { matcher: httpFilter },
    [`${FILTERS}.http.custom_response.v3.CustomResponse`]: {
      custom_response_matcher: [
        `${CUSTOM_RESPONSE}.local_response_policy.v3.LocalResponsePolicy`,
        `${CUSTOM_RESPONSE}.redirect_policy.v3.RedirectPolicy`,
      ],
    },
    [`${FILTERS}.http.proto_api_scrubber.v3.RestrictionConfig`]: { matcher: any },
    [`${FILTERS}.http.rate_limit_quota.v3.RateLimitQuotaFilterConfig`]: {
      bucket_matchers: [`${FILTERS}.http.rate_limit_quota.v3.RateLimitQuotaBucketSettings`],
    },
    [`${FILTERS}.http.rbac.v3.RBAC`]: { matcher: rbac, shadow_matcher: rbac },
    [`${FILTERS}.network.generic_proxy.v3.RouteConfiguration`]: { routes: generic },
    [`${FILTERS}.network.generic_proxy.v3.VirtualHost`]: { routes: generic },
    [`${FILTERS}.network.http_connection_manager.v3.HttpConnectionManager`]: { forward_client_cert_matcher: any },
    [`${FILTERS}.network.rbac.v3.RBAC`]: { matcher: rbac, shadow_matcher: rbac },
    [`${FILTERS}.udp.udp_proxy.v3.UdpProxyConfig`]: { matcher: [`${FILTERS}.udp.udp_proxy.v3.Route`] },
    'envoy.extensions.router.cluster_specifiers.matcher.v3.MatcherClusterSpecifier': {
      cluster_matcher: ['envoy.extensions.router.cluster_specifiers.matcher.v3.ClusterAction'],
    },
    'envoy.extensions.stat_sinks.open_telemetry.v3.SinkConfig': {
      custom_metric_conversions: ['ConversionAction', 'DropAction'].map(
        (action) => `envoy.extensions.stat_sinks.open_telemetry.v3.SinkConfig.${action}`,
      ),
    },
  };
};

const key = (path: Node['protoPath']) => JSON.stringify(path);

/** The matchers, by their places, with what they may do. */
function matchers(messages: Messages, version: EnvoyVersion): ReadonlyMap<string, readonly string[]> {
  return new Map(
    Object.entries(actionsOf(version)).flatMap(([type, fields]) =>
      messages(type).flatMap((holder) =>
        Object.entries(fields)
          .filter(([field]) => has(holder, field))
          .map(([field, actions]) => [key(child(holder, field).protoPath), actions] as const),
      ),
    ),
  );
}

/** What a matcher does is for what it stands in: which of all actions that is, the matcher itself does not say. */
export const matcherAction: Rule = (messages, version) => {
  const known = matchers(messages, version);
  /** The innermost matcher is the one that counts. */
  const actionsAround = (path: Node['protoPath']): readonly string[] =>
    known.get(key(path)) ?? (path.length === 0 ? any : actionsAround(path.slice(0, -1)));
  return ['xds.type.matcher.v3.Matcher.OnMatch', 'envoy.config.common.matcher.v3.Matcher.OnMatch']
    .flatMap((type) => messages(type))
    .flatMap((match) => {
      const action = child(match, 'action', 'typed_config');
      const type = typeName(action);
      const actions = type === undefined ? any : actionsAround(match.protoPath);
      return type === undefined || actions.length === 0 || actions.includes(type)
        ? []
        : [
            error(
              'matcher-action',
              action,
              `is ${shortName(type)}, which is nothing that this matcher can do; use ${actions.join(' or ')}`,
            ),
          ];
    });
};
