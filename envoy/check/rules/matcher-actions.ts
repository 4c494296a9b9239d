import { shortName } from '../../messages/schema/descriptors';
import type { EnvoyVersion } from '../../messages/schema/envoy-minors';
import { error, getField, getMessageType, hasField, type Node } from '../message-reader';
import type { Messages, Rule } from '../rule';

const FILTERS = 'envoy.extensions.filters';
const CUSTOM_RESPONSE = 'envoy.extensions.http.custom_response';

const HTTP_FILTER = [
  `${FILTERS}.common.matcher.action.v3.SkipFilter`,
  `${FILTERS}.http.composite.v3.ExecuteFilterAction`,
];
const GENERIC_PROXY = [`${FILTERS}.network.generic_proxy.action.v3.RouteAction`];
const RBAC_ACTION = ['envoy.config.rbac.v3.Action'];
const NAMES = [
  'envoy.config.core.v3.SubstitutionFormatString',
  'envoy.extensions.matching.common_inputs.transport_socket.v3.TransportSocketNameAction',
];
const TEXT = ['google.protobuf.StringValue'];
/** We do not know. */
const ANY_ACTION: readonly string[] = [];

type Actions = Readonly<Record<string, readonly string[]>>;

/** What a matcher may do, by the message and the field that it stands in. */
const allowedActions = (version: EnvoyVersion): Readonly<Record<string, Actions>> => {
  const isSplit = version === '1.40';
  return {
    'envoy.config.cluster.v3.Cluster': { transport_socket_matcher: isSplit ? NAMES : [...NAMES, ...TEXT] },
    'envoy.config.listener.v3.Listener': { filter_chain_matcher: isSplit ? TEXT : [...TEXT, ...NAMES] },
    'envoy.config.route.v3.VirtualHost': {
      matcher: ['Route', 'RouteList'].map((one) => `envoy.config.route.v3.${one}`),
    },
    'envoy.extensions.access_loggers.stats.v3.Config.Tag': {
      rules: ['envoy.extensions.matching.actions.transform_stat.v3.TransformStat'],
    },
    'envoy.extensions.common.matching.v3.ExtensionWithMatcher': { matcher: HTTP_FILTER, xds_matcher: HTTP_FILTER },
    'envoy.extensions.common.matching.v3.ExtensionWithMatcherPerRoute': { xds_matcher: HTTP_FILTER },
    [`${FILTERS}.http.bandwidth_share.v3.BandwidthShare`]: { tenant_name_selector: ANY_ACTION },
    [`${FILTERS}.http.composite.v3.Composite`]: { matcher: HTTP_FILTER },
    [`${FILTERS}.http.composite.v3.CompositePerRoute`]: { matcher: HTTP_FILTER },
    [`${FILTERS}.http.custom_response.v3.CustomResponse`]: {
      custom_response_matcher: [
        `${CUSTOM_RESPONSE}.local_response_policy.v3.LocalResponsePolicy`,
        `${CUSTOM_RESPONSE}.redirect_policy.v3.RedirectPolicy`,
      ],
    },
    [`${FILTERS}.http.proto_api_scrubber.v3.RestrictionConfig`]: { matcher: ANY_ACTION },
    [`${FILTERS}.http.rate_limit_quota.v3.RateLimitQuotaFilterConfig`]: {
      bucket_matchers: [`${FILTERS}.http.rate_limit_quota.v3.RateLimitQuotaBucketSettings`],
    },
    [`${FILTERS}.http.rbac.v3.RBAC`]: { matcher: RBAC_ACTION, shadow_matcher: RBAC_ACTION },
    [`${FILTERS}.network.generic_proxy.v3.RouteConfiguration`]: { routes: GENERIC_PROXY },
    [`${FILTERS}.network.generic_proxy.v3.VirtualHost`]: { routes: GENERIC_PROXY },
    [`${FILTERS}.network.http_connection_manager.v3.HttpConnectionManager`]: {
      forward_client_cert_matcher: ANY_ACTION,
    },
    [`${FILTERS}.network.rbac.v3.RBAC`]: { matcher: RBAC_ACTION, shadow_matcher: RBAC_ACTION },
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

const pathKey = (path: Node['protoPath']) => JSON.stringify(path);

/** The matchers, by their places, with what they may do. */
function findMatchers(messages: Messages, version: EnvoyVersion): ReadonlyMap<string, readonly string[]> {
  return new Map(
    Object.entries(allowedActions(version)).flatMap(([type, fields]) =>
      messages(type).flatMap((holder) =>
        Object.entries(fields)
          .filter(([field]) => hasField(holder, field))
          .map(([field, actions]) => [pathKey(getField(holder, field).protoPath), actions] as const),
      ),
    ),
  );
}

/** What a matcher does is for what it stands in: which of all actions that is, the matcher itself does not say. */
export const matcherAction: Rule = (messages, version) => {
  const known = findMatchers(messages, version);
  /** The innermost matcher is the one that counts. */
  const actionsAround = (path: Node['protoPath']): readonly string[] =>
    known.get(pathKey(path)) ?? (path.length === 0 ? ANY_ACTION : actionsAround(path.slice(0, -1)));
  return ['xds.type.matcher.v3.Matcher.OnMatch', 'envoy.config.common.matcher.v3.Matcher.OnMatch']
    .flatMap((type) => messages(type))
    .flatMap((match) => {
      const action = getField(match, 'action', 'typed_config');
      const type = getMessageType(action);
      const actions = type === undefined ? ANY_ACTION : actionsAround(match.protoPath);
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
