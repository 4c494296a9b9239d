const FILTERS = 'envoy.extensions.filters';

/** The packages of Envoy's contrib extensions: the API knows them, and only the contrib image has them built in. */
const PACKAGES = [
  'envoy.extensions.compression.qatzip',
  'envoy.extensions.compression.qatzstd',
  'envoy.extensions.config.v3alpha',
  `${FILTERS}.http.checksum`,
  `${FILTERS}.http.dynamo`,
  `${FILTERS}.http.golang`,
  `${FILTERS}.http.language`,
  `${FILTERS}.http.mcp_sse_stateful_session`,
  `${FILTERS}.http.peer_metadata`,
  `${FILTERS}.http.squash`,
  `${FILTERS}.http.sxg`,
  `${FILTERS}.listener.postgres_inspector`,
  `${FILTERS}.network.client_ssl_auth`,
  `${FILTERS}.network.generic_proxy.codecs.kafka`,
  `${FILTERS}.network.golang`,
  `${FILTERS}.network.kafka_broker`,
  `${FILTERS}.network.kafka_mesh`,
  `${FILTERS}.network.mysql_proxy`,
  `${FILTERS}.network.peer_metadata`,
  `${FILTERS}.network.postgres_proxy`,
  `${FILTERS}.network.rocketmq_proxy`,
  `${FILTERS}.network.sip_proxy`,
  'envoy.extensions.http.mcp_sse_stateful_session',
  'envoy.extensions.load_balancing_policies.peak_ewma',
  'envoy.extensions.matching.input_matchers.hyperscan',
  'envoy.extensions.network.connection_balance.dlb',
  'envoy.extensions.private_key_providers',
  'envoy.extensions.regex_engines.hyperscan',
  'envoy.extensions.router.cluster_specifier.golang',
  'envoy.extensions.stat_sinks.kafka',
  'envoy.extensions.tap_sinks.udp_sink',
  'envoy.extensions.upstreams.http.tcp.golang',
  'envoy.extensions.vcl',
];

/** Whether this is the name of a message of a contrib extension. */
export function isContrib(type: string): boolean {
  return PACKAGES.some((name) => type.startsWith(`${name}.`));
}
