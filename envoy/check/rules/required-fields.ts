import { ENVOY_VERSIONS, type EnvoyVersion } from '../../messages/schema/envoy-minors';
import { error, getField, getItems, isFilled, type Node, readText } from '../message-reader';
import type { Rule } from '../rule';

/** Fields of a message of which Envoy needs one, although each of them is optional in its schema. */
interface Requirement {
  readonly type: string;
  /** Field names, with dots where a field is in another one. */
  readonly fields: readonly string[];
  /** Envoy refuses several of them, too. */
  readonly exclusive?: true;
  /** Envoy needs it only in `typed_per_filter_config`. */
  readonly perRoute?: true;
  readonly unless?: (message: Node) => boolean;
  readonly since?: EnvoyVersion;
  readonly until?: EnvoyVersion;
}

const HTTP = 'envoy.extensions.filters.http';
const NETWORK = 'envoy.extensions.filters.network';
const SAMPLERS = 'envoy.extensions.tracers.opentelemetry.samplers.v3';
const MODULE = 'envoy.extensions.dynamic_modules.v3.DynamicModuleConfig';

/** Extensions with a `dynamic_module_config` that their schema does not require. */
const DYNAMIC_MODULES = [
  `${HTTP}.dynamic_modules.v3.DynamicModuleFilter`,
  `${HTTP}.dynamic_modules.v3.DynamicModuleFilterPerRoute`,
  'envoy.extensions.filters.listener.dynamic_modules.v3.DynamicModuleListenerFilter',
  `${NETWORK}.dynamic_modules.v3.DynamicModuleNetworkFilter`,
  'envoy.extensions.filters.udp.dynamic_modules.v3.DynamicModuleUdpListenerFilter',
];

const REQUIREMENTS: readonly Requirement[] = [
  {
    type: 'envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig',
    fields: ['grpc_service', 'http_service', 'common_config.grpc_service'],
    exclusive: true,
  },
  {
    type: 'envoy.extensions.access_loggers.stats.v3.Config',
    fields: ['stat_prefix', 'stats_scope'],
    exclusive: true,
    since: '1.39',
  },
  {
    type: 'envoy.extensions.access_loggers.filters.process_ratelimit.v3.ProcessRateLimitFilter',
    fields: ['dynamic_config'],
  },
  ...DYNAMIC_MODULES.map((type) => ({ type, fields: ['dynamic_module_config'] })),
  {
    type: MODULE,
    fields: ['name', 'module'],
    // Envoy does not load this one when it starts.
    unless: ({ protoPath }) => protoPath.includes('custom_handshaker'),
    since: '1.38',
  },
  {
    type: `${HTTP}.ai_protocol_manager.v3.AiProtocolManager`,
    fields: ['request_handling'],
    unless: (manager) => getItems(manager, 'filters').length === 0,
  },
  {
    type: 'envoy.extensions.bootstrap.dynamic_modules.v3.DynamicModuleBootstrapExtension',
    fields: ['dynamic_module_config'],
    since: '1.38',
  },
  { type: `${HTTP}.aws_lambda.v3.PerRouteConfig`, fields: ['invoke_config'] },
  { type: `${HTTP}.bandwidth_limit.v3.BandwidthLimit`, fields: ['limit_kbps'], perRoute: true },
  { type: `${HTTP}.basic_auth.v3.BasicAuth`, fields: ['users'] },
  {
    type: `${HTTP}.composite.v3.ExecuteFilterAction`,
    fields: ['typed_config', 'dynamic_config', 'filter_chain', 'filter_chain_name'],
  },
  { type: `${HTTP}.composite.v3.FilterChainConfiguration`, fields: ['typed_config'] },
  { type: `${HTTP}.ext_proc.v3.ExternalProcessor`, fields: ['grpc_service', 'http_service'], exclusive: true },
  {
    type: `${HTTP}.grpc_json_reverse_transcoder.v3.GrpcJsonReverseTranscoder`,
    fields: ['descriptor_path', 'descriptor_binary'],
  },
  {
    type: `${HTTP}.ip_tagging.v3.IPTagging`,
    fields: ['ip_tags', 'ip_tags_datasource'],
    exclusive: true,
    since: '1.39',
  },
  { type: `${HTTP}.json_to_metadata.v3.JsonToMetadata`, fields: ['request_rules', 'response_rules'], perRoute: true },
  { type: `${HTTP}.local_ratelimit.v3.LocalRateLimit`, fields: ['token_bucket'], perRoute: true },
  { type: `${HTTP}.oauth2.v3.OAuth2`, fields: ['config'], until: '1.37' },
  { type: `${HTTP}.proto_api_scrubber.v3.ProtoApiScrubberConfig`, fields: ['descriptor_set'] },
  { type: `${HTTP}.proto_api_scrubber.v3.DescriptorSet`, fields: ['data_source'] },
  { type: `${HTTP}.proto_message_extraction.v3.ProtoMessageExtractionConfig`, fields: ['data_source'] },
  { type: `${HTTP}.thrift_to_metadata.v3.ThriftToMetadata`, fields: ['request_rules', 'response_rules'] },
  ...['http', 'network'].map((kind) => ({
    type: `envoy.extensions.filters.${kind}.wasm.v3.Wasm`,
    fields: ['config.vm_config.code'],
  })),
  { type: 'envoy.extensions.access_loggers.wasm.v3.WasmAccessLog', fields: ['config.vm_config.code'] },
  { type: 'envoy.extensions.stat_sinks.wasm.v3.Wasm', fields: ['config.vm_config.code'] },
  { type: `${NETWORK}.connection_limit.v3.ConnectionLimit`, fields: ['max_connections'] },
  { type: `${NETWORK}.ext_proc.v3.NetworkExternalProcessor`, fields: ['grpc_service'] },
  {
    type: `${NETWORK}.http_connection_manager.v3.Rds`,
    fields: ['config_source'],
    // Its source may be one of the bootstrap's.
    unless: (rds) => readText(getField(rds, 'route_config_name'))?.startsWith('xdstp://') === true,
  },
  {
    type: `${NETWORK}.redis_proxy.v3.RedisProxy`,
    fields: ['prefix_routes.routes', 'prefix_routes.catch_all_route'],
  },
  { type: `${NETWORK}.reverse_tunnel.v3.DrainAwareHttpConnectionManager`, fields: ['hcm_config'] },
  {
    type: 'envoy.extensions.rbac.matchers.upstream_ip_port.v3.UpstreamIpPortMatcher',
    fields: ['upstream_ip', 'upstream_port_range'],
  },
  {
    type: 'envoy.extensions.transport_sockets.http_11_proxy.v3.Http11ProxyUpstreamTransport',
    fields: ['transport_socket'],
    until: '1.37',
  },
  {
    type: 'envoy.extensions.http.injected_credentials.oauth2.v3.OAuth2.ClientCredentials',
    fields: ['client_secret'],
    since: '1.40',
  },
  {
    type: 'envoy.extensions.rate_limit_descriptors.jwt_claim.v3.Descriptor',
    fields: ['header_name', 'cookie'],
    exclusive: true,
  },
  {
    type: 'envoy.config.trace.v3.OpenTelemetryConfig',
    fields: ['grpc_service', 'http_service', 'exporter'],
    exclusive: true,
    since: '1.40',
  },
  { type: 'envoy.config.trace.v3.XRayConfig', fields: ['daemon_endpoint'] },
  { type: `${SAMPLERS}.CELSamplerConfig`, fields: ['expression'] },
  { type: `${SAMPLERS}.ParentBasedSamplerConfig`, fields: ['wrapped_sampler'] },
];

/** Envoy needs one of several optional fields, and says so only when it builds the extension. */
export const requiredField: Rule = (messages, version) => {
  const place = (minor: EnvoyVersion) => ENVOY_VERSIONS.indexOf(minor);
  return REQUIREMENTS.filter(
    ({ since = version, until = version }) => place(since) <= place(version) && place(version) <= place(until),
  ).flatMap(({ type, fields, exclusive, perRoute, unless }) =>
    messages(type)
      .filter((message) => !perRoute || message.protoPath.includes('typed_per_filter_config'))
      .filter((message) => !unless?.(message))
      .flatMap((message) => {
        const set = fields.filter((field) => isFilled(getField(message, ...field.split('.'))));
        if (set.length === 0) {
          const one = fields.length === 1 ? '' : 'one of ';
          return [error('required-field', message, `needs ${one}${fields.join(', ')}`)];
        }
        return exclusive && set.length > 1
          ? [
              error(
                'required-field',
                message,
                `may have only one of ${fields.join(', ')}, and has ${set.join(' and ')}`,
              ),
            ]
          : [];
      }),
  );
};
