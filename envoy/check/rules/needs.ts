import { pathText } from '../../messages/path';
import { child, descendant, error, has, items, type Node, text } from '../message-reader';
import type { Rule } from '../rule';

const ADAPTIVE = 'envoy.extensions.filters.http.adaptive_concurrency.v3.GradientControllerConfig';

/** Zipkin's spans go somewhere. */
export const zipkinCollector: Rule = (messages) =>
  messages('envoy.config.trace.v3.ZipkinConfig').flatMap((zipkin) =>
    has(zipkin, 'collector_service')
      ? []
      : ['collector_cluster', 'collector_endpoint']
          .filter((name) => text(child(zipkin, name)) === undefined && typeof child(zipkin, name).value !== 'object')
          .map((name) => error('zipkin-collector', zipkin, `sends its spans nowhere; set ${name}`)),
  );

/** Metadata is taken from a header or a cookie. */
export const metadataSource: Rule = (messages) =>
  messages('envoy.extensions.filters.http.header_to_metadata.v3.Config.Rule').flatMap((rule) => {
    const set = ['header', 'cookie'].filter((field) => has(rule, field) && child(rule, field).value !== '');
    return set.length === 1
      ? []
      : [error('metadata-source', rule, `must be taken from a header or a cookie; set one of the two`)];
  });

/** What a filter does on a route, or a cache where it keeps things, is said, unless it does nothing. */
export const filterConfigSet: Rule = (messages) =>
  (
    [
      ['envoy.config.route.v3.FilterConfig', 'config'],
      ['envoy.extensions.filters.http.cache.v3.CacheConfig', 'typed_config'],
      ['envoy.extensions.filters.http.cache_v2.v3.CacheV2Config', 'typed_config'],
    ] as const
  ).flatMap(([type, field]) =>
    messages(type).flatMap((config) =>
      has(config, field) || child(config, 'disabled').value === true
        ? []
        : [error('filter-config', config, `says nothing; set ${field}, or disabled: true`)],
    ),
  );

/** A socket for some endpoints alone is said; without, they would have none at all, not that of the cluster. */
export const matchedSocket: Rule = (messages) =>
  messages('envoy.config.cluster.v3.Cluster.TransportSocketMatch').flatMap((match) =>
    has(match, 'transport_socket')
      ? []
      : [error('matched-socket', match, 'names no socket; set transport_socket, for example that of raw_buffer')],
  );

/** What an expression finds in a request is counted, so there has to be one. */
export const descriptorExpression: Rule = (messages) =>
  messages('envoy.extensions.rate_limit_descriptors.expr.v3.Descriptor').flatMap((descriptor) =>
    has(descriptor, 'text') || has(descriptor, 'parsed')
      ? []
      : [error('descriptor-expression', descriptor, 'counts by no expression; set text')],
  );

/** Who shows a certificate is told by something about it. */
export const mtlsAuthenticated: Rule = (messages) =>
  messages('envoy.extensions.rbac.principals.mtls_authenticated.v3.Config').flatMap((principal) =>
    has(principal, 'san_matcher') || child(principal, 'any_validated_client_certificate').value === true
      ? []
      : [
          error(
            'mtls-authenticated',
            principal,
            'asks nothing of a certificate; set san_matcher, or any_validated_client_certificate: true',
          ),
        ],
  );

/** A minimum of round-trip times is measured now and then, or given. */
export const adaptiveInterval: Rule = (messages) =>
  messages(`${ADAPTIVE}.MinimumRTTCalculationParams`).flatMap((params) =>
    has(params, 'interval') || has(params, 'fixed_value')
      ? []
      : [error('adaptive-interval', params, 'says neither how often it measures nor what it takes; set interval')],
  );

/** The versions of Zipkin's API that Envoy speaks. With another one it crashes, and the first is gone. */
export const zipkinVersion: Rule = (messages) =>
  messages('envoy.config.trace.v3.ZipkinConfig').flatMap((zipkin) => {
    const version = child(zipkin, 'collector_endpoint_version');
    return has(zipkin, 'collector_service') || ['HTTP_JSON', 'HTTP_PROTO'].includes(String(version.value))
      ? []
      : [
          error(
            'zipkin-version',
            has(zipkin, 'collector_endpoint_version') ? version : zipkin,
            "speaks a version that Envoy does not; set collector_endpoint_version to 'HTTP_JSON' or 'HTTP_PROTO'",
          ),
        ];
  });

/** Where Envoy asks for more of its configuration, it says who it is. */
export const nodeNamed: Rule = (messages) => {
  const sources = messages('envoy.config.core.v3.ConfigSource').filter((source) =>
    ['path', 'path_config_source', 'api_config_source', 'ads'].some((field) => has(source, field)),
  );
  return messages('envoy.config.bootstrap.v3.Bootstrap').flatMap((bootstrap) => {
    const ads = descendant(bootstrap, 'dynamic_resources', 'ads_config');
    const [first] = ads.value === undefined ? sources : [ads, ...sources];
    const node = child(bootstrap, 'node');
    return first !== undefined && ['id', 'cluster'].some((name) => text(child(node, name)) === undefined)
      ? [error('node-named', node, `needs an id and a cluster, by which Envoy asks ${pathText(first.path)}`)]
      : [];
  });
};

/** What a route says to the filter that makes metadata of headers is not nothing, nor what stands for a missing header. */
export const headerToMetadata: Rule = (messages) => [
  ...messages('envoy.extensions.filters.http.header_to_metadata.v3.Config')
    .filter(({ path }) => path.includes('typed_per_filter_config'))
    .filter((config) => ['request_rules', 'response_rules'].every((rules) => items(config, rules).length === 0))
    .map((config) => error('header-to-metadata', config, 'says nothing; set request_rules or response_rules')),
  ...messages('envoy.extensions.filters.http.header_to_metadata.v3.Config.Rule')
    .flatMap(emptyOnMissing)
    .map((missing) => error('header-to-metadata', missing, 'stands for a header with nothing; set value')),
];

function emptyOnMissing(rule: Node): readonly Node[] {
  const missing =
    child(rule, 'on_missing').value === undefined ? child(rule, 'on_header_missing') : child(rule, 'on_missing');
  return missing.value !== undefined && missing.value !== null && (child(missing, 'value').value ?? '') === ''
    ? [missing]
    : [];
}

const THRIFT_FILTERS = 'envoy.extensions.filters.network.thrift_proxy.filters';

/** A rule that writes metadata says what it writes, and a value for what is missing. */
export const metadataRule: Rule = (messages) => [
  ...[
    ...messages('envoy.extensions.filters.http.json_to_metadata.v3.JsonToMetadata.MatchRules').flatMap((all) =>
      items(all, 'rules'),
    ),
    ...messages('envoy.extensions.filters.http.thrift_to_metadata.v3.Rule'),
    ...messages(`${THRIFT_FILTERS}.header_to_metadata.v3.HeaderToMetadata.Rule`),
    ...messages(`${THRIFT_FILTERS}.payload_to_metadata.v3.PayloadToMetadata.Rule`),
  ].flatMap((rule) =>
    has(rule, 'on_present') || has(rule, 'on_missing')
      ? emptyOnMissing(rule).map((missing) => error('metadata-rule', missing, 'needs value'))
      : [error('metadata-rule', rule, 'needs on_present or on_missing')],
  ),
  ...messages('envoy.extensions.content_parsers.json.v3.JsonContentParser')
    .flatMap((parser) => items(parser, 'rules'))
    .map((rule) => child(rule, 'rule'))
    .filter((rule) => !['on_present', 'on_missing', 'on_error'].some((name) => has(rule, name)))
    .map((rule) => error('metadata-rule', rule, 'needs on_present, on_missing or on_error')),
];

/** The release binaries have no validator of headers built in, though they know the type of its settings. */
export const headerValidator: Rule = (messages) =>
  (
    [
      [
        'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
        'typed_header_validation_config',
      ],
      ['envoy.extensions.upstreams.http.v3.HttpProtocolOptions', 'header_validation_config'],
    ] as const
  ).flatMap(([type, field]) =>
    messages(type)
      .filter((holder) => has(holder, field))
      .map((holder) => error('header-validator', child(holder, field), 'is not built into Envoy; remove it')),
  );

/** Descriptors of Protocol Buffers are bytes, or a file of them. */
export const descriptorSource: Rule = (messages) =>
  (
    [
      ['envoy.extensions.filters.http.grpc_field_extraction.v3.GrpcFieldExtractionConfig', 'descriptor_set'],
      ['envoy.extensions.filters.http.proto_api_scrubber.v3.DescriptorSet', 'data_source'],
      ['envoy.extensions.filters.http.proto_message_extraction.v3.ProtoMessageExtractionConfig', 'data_source'],
    ] as const
  ).flatMap(([type, field]) =>
    messages(type)
      .map((holder) => child(holder, field))
      .flatMap((source) => ['inline_string', 'environment_variable'].map((name) => child(source, name)))
      .filter(({ value }) => value !== undefined && value !== null)
      .map((source) => error('descriptor-source', source, 'holds no bytes; use filename or inline_bytes')),
  );

/** The daemon of X-Ray is sent datagrams. */
export const xrayEndpoint: Rule = (messages) =>
  messages('envoy.config.trace.v3.XRayConfig')
    .map((xray) => child(xray, 'daemon_endpoint'))
    .filter(({ value }) => value !== undefined && value !== null)
    .filter((endpoint) => child(endpoint, 'protocol').value !== 'UDP')
    .map((endpoint) => error('xray-endpoint', endpoint, "must be reached by UDP; set protocol to 'UDP'"));

const REVERSE_SOCKETS =
  'envoy.extensions.bootstrap.reverse_tunnel.upstream_socket_interface.v3.UpstreamReverseConnectionSocketInterface';

/** Since 1.40, Envoy looks for the sockets of a reverse tunnel when it starts. */
export const reverseTunnel: Rule = (messages, version) =>
  version === '1.40' && messages(REVERSE_SOCKETS).length === 0
    ? messages('envoy.extensions.filters.network.reverse_tunnel.v3.ReverseTunnel').map((tunnel) =>
        error('reverse-tunnel', tunnel, `needs ${REVERSE_SOCKETS} in bootstrap_extensions`),
      )
    : [];
