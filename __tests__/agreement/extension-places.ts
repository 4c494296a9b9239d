/** An extension as most fields take it. */
export interface Extension {
  readonly name: string;
  readonly typed_config: { readonly '@type': string; readonly [field: string]: unknown };
}

export const typed = (type: string, fields: object = {}) => ({ '@type': `type.googleapis.com/${type}`, ...fields });

const extension = (type: string, fields: object = {}, name = type): Extension => ({
  name,
  typed_config: typed(type, fields),
});
const FILTERS = 'envoy.extensions.filters';
const http = (name: string, fields?: object) => extension(`${FILTERS}.http.${name}`, fields);
const network = (name: string, fields?: object) => extension(`${FILTERS}.network.${name}`, fields);
const ROUTER = http('router.v3.Router');
const CODEC = http('upstream_codec.v3.UpstreamCodec');
const TCP_PROXY = network('tcp_proxy.v3.TcpProxy', { stat_prefix: 't', cluster: 'c' });
const STDOUT = 'envoy.extensions.access_loggers.stream.v3.StdoutAccessLog';

const socket = (port: number, protocol = 'TCP') => ({
  socket_address: { address: '127.0.0.1', port_value: port, protocol },
});
const endpoints = {
  cluster_name: 'c',
  endpoints: [{ lb_endpoints: [{ endpoint: { address: socket(1) } }] }],
};
const CLUSTER = { name: 'c', type: 'STATIC', load_assignment: endpoints };
const grpc = { envoy_grpc: { cluster_name: 'c' } };

/** A bootstrap around these parts, with a cluster `c`. */
const bootstrap = ({
  listener,
  clusters = [],
  ...rest
}: {
  readonly listener?: object;
  readonly clusters?: readonly object[];
  readonly [part: string]: unknown;
}) => ({
  node: { id: 'n', cluster: 'n' },
  static_resources: { listeners: listener ? [listener] : [], clusters: [CLUSTER, ...clusters] },
  ...rest,
});

const listening = (chain: object, listener: object = {}) =>
  bootstrap({ listener: { name: 'l', address: socket(1), filter_chains: [chain], ...listener } });
const filtering = (...filters: readonly object[]) => listening({ filters });

const manager = (fields: object = {}, host: object = {}) =>
  network('http_connection_manager.v3.HttpConnectionManager', {
    stat_prefix: 'h',
    route_config: { virtual_hosts: [{ name: 'v', domains: ['*'], ...host }] },
    http_filters: [ROUTER],
    ...fields,
  });
const managing = (fields: object) => filtering(manager(fields));
const serving = (...filters: readonly object[]) => managing({ http_filters: [...filters, ROUTER] });
const routing = ({ match, ...route }: { readonly match?: object; readonly [field: string]: unknown }) =>
  filtering(manager({}, { routes: [{ match: match ?? { prefix: '/' }, route: { cluster: 'c' }, ...route }] }));
const forwarding = (route: object) => routing({ route: { cluster: 'c', ...route } });
const retrying = (policy: object) => forwarding({ retry_policy: { retry_on: '5xx', ...policy } });

const sending = (cluster: object) => bootstrap({ clusters: [{ ...CLUSTER, name: 'd', ...cluster }] });
const speaking = (options: object) =>
  sending({
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': typed(
        'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
        options,
      ),
    },
  });
const checking = (healthCheck: object) =>
  sending({
    health_checks: [{ timeout: '1s', interval: '1s', healthy_threshold: 1, unhealthy_threshold: 1, ...healthCheck }],
  });

const logging = (log: object) => managing({ access_log: [log] });
const tracing = (tracer: Extension) => managing({ tracing: { provider: tracer } });
const telemetry = (fields: object) =>
  tracing(extension('envoy.config.trace.v3.OpenTelemetryConfig', { grpc_service: grpc, ...fields }));

const CERTIFICATE = { certificate_chain: { filename: 'missing' }, private_key: { filename: 'missing' } };
const TLS = 'envoy.extensions.transport_sockets.tls.v3';
const upstreamTls = (common: object) =>
  sending({ transport_socket: extension(`${TLS}.UpstreamTlsContext`, { common_tls_context: common }) });
const downstreamTls = (common: object) =>
  listening({
    filters: [TCP_PROXY],
    transport_socket: extension(`${TLS}.DownstreamTlsContext`, { common_tls_context: common }),
  });

const quic = (options: object) =>
  listening(
    {
      filters: [manager({ codec_type: 'HTTP3' })],
      transport_socket: extension('envoy.extensions.transport_sockets.quic.v3.QuicDownstreamTransport', {
        downstream_tls_context: { common_tls_context: { tls_certificates: [CERTIFICATE] } },
      }),
    },
    { address: socket(1, 'UDP'), udp_listener_config: { quic_options: options } },
  );

const udp = (filter: Extension, options: object = {}) =>
  bootstrap({
    listener: {
      name: 'l',
      address: socket(1, 'UDP'),
      udp_listener_config: options,
      listener_filters: [filter],
    },
  });
const route = {
  matcher: { on_no_match: { action: extension(`${FILTERS}.udp.udp_proxy.v3.Route`, { cluster: 'c' }) } },
};
const udpProxy = (fields: object = {}) =>
  extension(`${FILTERS}.udp.udp_proxy.v3.UdpProxyConfig`, { stat_prefix: 'u', ...route, ...fields });

const ALLOW = extension('envoy.config.rbac.v3.Action', { name: 'a', action: 'ALLOW' });
const matching = (predicate: object, action: Extension) => ({
  matcher_list: { matchers: [{ predicate: { single_predicate: predicate }, on_match: { action } }] },
});
const by = (input: Extension, action: Extension) => matching({ input, value_match: { exact: 'x' } }, action);
const METHOD = extension('envoy.type.matcher.v3.HttpRequestHeaderMatchInput', { header_name: 'x' });
const rbac = (matcher: object) => serving(http('rbac.v3.RBAC', { matcher }));
const doing = (action: Extension) => ({ on_no_match: { action } });

const SOCKET_NAME = extension('envoy.extensions.matching.common_inputs.transport_socket.v3.TransportSocketNameAction', {
  name: 's',
});
const socketMatching = (matcher: object) =>
  sending({
    transport_socket_matches: [
      { name: 's', transport_socket: extension('envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer') },
    ],
    transport_socket_matcher: matcher,
  });

const generic = (
  fields: object,
  matcher: object = doing(extension(`${FILTERS}.network.generic_proxy.action.v3.RouteAction`, { cluster: 'c' })),
) =>
  filtering(
    network('generic_proxy.v3.GenericProxy', {
      stat_prefix: 'g',
      codec_config: extension(`${FILTERS}.network.generic_proxy.codecs.http1.v3.Http1CodecConfig`),
      filters: [extension(`${FILTERS}.network.generic_proxy.router.v3.Router`)],
      route_config: { name: 'r', routes: matcher },
      ...fields,
    }),
  );
const thrift = (...filters: readonly object[]) =>
  filtering(
    network('thrift_proxy.v3.ThriftProxy', {
      stat_prefix: 't',
      route_config: { name: 'r' },
      thrift_filters: [...filters],
    }),
  );
const dubbo = (...filters: readonly object[]) =>
  filtering(network('dubbo_proxy.v3.DubboProxy', { stat_prefix: 'd', dubbo_filters: filters }));

const rbacRules = (rule: object) =>
  serving(
    http('rbac.v3.RBAC', {
      rules: { policies: { p: { permissions: [{ any: true }], principals: [{ any: true }], ...rule } } },
    }),
  );
const onDemand = (certificate_mapper: Extension) =>
  extension('envoy.extensions.transport_sockets.tls.cert_selectors.on_demand_secret.v3.Config', {
    config_source: { path_config_source: { path: '/dev/null' } },
    certificate_mapper,
  });
const statTags = (matcher: object) =>
  logging(
    extension('envoy.extensions.access_loggers.stats.v3.Config', {
      stat_prefix: 's',
      counters: [{ stat: { name: 'a', tags: [{ name: 't', value_format: 'x', rules: matcher }] }, value_fixed: 1 }],
    }),
  );
const conversions = (matcher: object) =>
  bootstrap({
    stats_sinks: [
      extension('envoy.extensions.stat_sinks.open_telemetry.v3.SinkConfig', {
        grpc_service: grpc,
        custom_metric_conversions: matcher,
      }),
    ],
  });

/** The places where an extension of a category can stand. With a terminal filter and without, and the like. */
export const PLACES: Readonly<Record<string, (extension: Extension) => readonly object[]>> = {
  'envoy.access_loggers': (one) => [logging(one)],
  'envoy.access_loggers.extension_filters': (one) => [
    logging({ ...extension(STDOUT), filter: { extension_filter: one } }),
  ],
  'envoy.bootstrap': (one) => [bootstrap({ bootstrap_extensions: [one] })],
  'envoy.clusters': (one) => [
    bootstrap({ clusters: [{ name: 'd', cluster_type: one }] }),
    bootstrap({ clusters: [{ name: 'd', cluster_type: one, lb_policy: 'CLUSTER_PROVIDED' }] }),
  ],
  'envoy.common.key_value': (one) => [
    serving(
      http('dynamic_forward_proxy.v3.FilterConfig', {
        dns_cache_config: { name: 'k', key_value_config: { config: one } },
      }),
    ),
  ],
  'envoy.compression.compressor': (one) => [serving(http('compressor.v3.Compressor', { compressor_library: one }))],
  'envoy.compression.decompressor': (one) => [
    serving(http('decompressor.v3.Decompressor', { decompressor_library: one })),
  ],
  'envoy.config.validators': (one) => [
    bootstrap({
      dynamic_resources: {
        cds_config: {
          resource_api_version: 'V3',
          api_config_source: {
            api_type: 'GRPC',
            transport_api_version: 'V3',
            grpc_services: [grpc],
            config_validators: [one],
          },
        },
      },
    }),
  ],
  'envoy.content_parsers': (one) => [
    serving(http('sse_to_metadata.v3.SseToMetadata', { response_rules: { content_parser: one } })),
  ],
  'envoy.dubbo_proxy.filters': ({ name, typed_config }) => [dubbo({ name, config: typed_config })],
  'envoy.filters.http': (one) => [serving(one), managing({ http_filters: [one] })],
  'envoy.filters.http.per_route': ({ typed_config }) => [routing({ typed_per_filter_config: { f: typed_config } })],
  'envoy.filters.http.upstream': (one) => [
    speaking({ explicit_http_config: { http_protocol_options: {} }, http_filters: [one, CODEC] }),
    speaking({ explicit_http_config: { http_protocol_options: {} }, http_filters: [one] }),
  ],
  'envoy.filters.listener': (one) => [listening({ filters: [TCP_PROXY] }, { listener_filters: [one] })],
  'envoy.filters.network': (one) => [filtering(one, TCP_PROXY), filtering(one)],
  'envoy.filters.udp.session': (one) => [udp(udpProxy({ session_filters: [one] }))],
  'envoy.filters.udp_listener': (one) => [udp(one)],
  'envoy.filters.upstream_network': (one) => [sending({ filters: [one] })],
  'envoy.formatter': (one) => [
    logging(
      extension(STDOUT, {
        log_format: { text_format_source: { inline_string: 'x' }, formatters: [one] },
      }),
    ),
  ],
  'envoy.generic_proxy.codecs': (one) => [generic({ codec_config: one })],
  'envoy.generic_proxy.filters': (one) => [generic({ filters: [one] })],
  'envoy.geoip_providers': (one) => [serving(http('geoip.v3.Geoip', { provider: one }))],
  'envoy.grpc_credentials': ({ name, typed_config }) => [
    serving(
      http('ext_authz.v3.ExtAuthz', {
        transport_api_version: 'V3',
        grpc_service: {
          google_grpc: {
            target_uri: 'x',
            stat_prefix: 'x',
            call_credentials: [{ from_plugin: { name, typed_config } }],
          },
        },
      }),
    ),
  ],
  'envoy.guarddog_actions': (one) => [
    bootstrap({ watchdogs: { main_thread_watchdog: { actions: [{ config: one, event: 'MISS' }] } } }),
  ],
  'envoy.health_check.event_sinks': (one) => [checking({ http_health_check: { path: '/' }, event_logger: [one] })],
  'envoy.health_checkers': (one) => [checking({ custom_health_check: one })],
  'envoy.http.ai_filters': (one) => [serving(http('ai_protocol_manager.v3.AiProtocolManager', { filters: [one] }))],
  'envoy.http.cache': ({ typed_config }) => [serving(http('cache.v3.CacheConfig', { typed_config }))],
  'envoy.http.cache_v2': ({ typed_config }) => [serving(http('cache_v2.v3.CacheV2Config', { typed_config }))],
  'envoy.http.custom_response': (one) => [
    serving(http('custom_response.v3.CustomResponse', { custom_response_matcher: doing(one) })),
  ],
  'envoy.http.early_header_mutation': (one) => [managing({ early_header_mutation_extensions: [one] })],
  'envoy.http.ext_proc.processing_request_modifiers': (one) => [
    serving(http('ext_proc.v3.ExternalProcessor', { grpc_service: grpc, processing_request_modifier: one })),
  ],
  'envoy.http.ext_proc.response_processors': (one) => [
    serving(http('ext_proc.v3.ExternalProcessor', { grpc_service: grpc, on_processing_response: one })),
  ],
  'envoy.http.forward_client_cert_details': (one) => [managing({ forward_client_cert_matcher: doing(one) })],
  'envoy.http.header_validators': (one) => [managing({ typed_header_validation_config: one })],
  'envoy.http.injected_credentials': (one) => [
    serving(http('credential_injector.v3.CredentialInjector', { credential: one })),
  ],
  'envoy.http.original_ip_detection': (one) => [managing({ original_ip_detection_extensions: [one] })],
  'envoy.http.stateful_header_formatters': (one) => [
    managing({ http_protocol_options: { header_key_format: { stateful_formatter: one } } }),
  ],
  'envoy.http.stateful_session': (one) => [
    serving(http('stateful_session.v3.StatefulSession', { session_state: one })),
  ],
  'envoy.internal_redirect_predicates': (one) => [forwarding({ internal_redirect_policy: { predicates: [one] } })],
  'envoy.listener_manager_impl': (one) => [bootstrap({ listener_manager: one })],
  'envoy.load_balancing_policies': (one) => [
    sending({ load_balancing_policy: { policies: [{ typed_extension_config: one }] } }),
  ],
  'envoy.matching.action': (one) => [
    rbac(doing(one)),
    socketMatching(doing(one)),
    filtering(manager({}, { matcher: doing(one) })),
    serving(
      http('composite.v3.Composite'),
      extension('envoy.extensions.common.matching.v3.ExtensionWithMatcher', {
        extension_config: http('composite.v3.Composite'),
        xds_matcher: doing(one),
      }),
    ),
    serving(
      http('rate_limit_quota.v3.RateLimitQuotaFilterConfig', {
        rlqs_server: grpc,
        domain: 'd',
        bucket_matchers: doing(one),
      }),
    ),
    generic({}, doing(one)),
    udp(udpProxy({ matcher: doing(one) })),
    statTags(doing(one)),
    conversions(doing(one)),
  ],
  'envoy.matching.common_inputs': (one) => [rbac(by(one, ALLOW))],
  'envoy.matching.generic_proxy_request_input.input': (one) => [
    generic({}, by(one, extension(`${FILTERS}.network.generic_proxy.action.v3.RouteAction`, { cluster: 'c' }))),
  ],
  'envoy.matching.http.custom_matchers': (one) => [rbac({ matcher_tree: { input: METHOD, custom_match: one } })],
  'envoy.matching.http.input': (one) => [rbac(by(one, ALLOW))],
  'envoy.matching.input_matchers': (one) => [rbac(matching({ input: METHOD, custom_match: one }, ALLOW))],
  'envoy.matching.network.custom_matchers': (one) => [
    filtering(
      network('rbac.v3.RBAC', {
        stat_prefix: 'r',
        matcher: {
          matcher_tree: {
            input: extension('envoy.extensions.matching.common_inputs.network.v3.SourceIPInput'),
            custom_match: one,
          },
        },
      }),
      TCP_PROXY,
    ),
  ],
  'envoy.matching.network.input': (one) => [
    filtering(network('rbac.v3.RBAC', { stat_prefix: 'r', matcher: by(one, ALLOW) }), TCP_PROXY),
  ],
  'envoy.matching.stat_matching_data.input': (one) => [
    conversions(by(one, extension('envoy.extensions.stat_sinks.open_telemetry.v3.SinkConfig.DropAction'))),
  ],
  'envoy.matching.stat_tag_matching_data.input': (one) => [
    statTags(by(one, extension('envoy.extensions.matching.actions.transform_stat.v3.TransformStat', { drop_tag: {} }))),
  ],
  'envoy.matching.transport_socket.input': (one) => [socketMatching(by(one, SOCKET_NAME))],
  'envoy.network.dns_resolver': (one) => [
    bootstrap({ typed_dns_resolver_config: one }),
    sending({ type: 'STRICT_DNS', typed_dns_resolver_config: one }),
  ],
  'envoy.overload_actions': ({ typed_config }) => [
    bootstrap({
      overload_manager: {
        resource_monitors: [
          extension(
            'envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig',
            { max_heap_size_bytes: 9 },
            'm',
          ),
        ],
        actions: ['envoy.overload_actions.shrink_heap', 'envoy.overload_actions.reduce_timeouts'].map((name) => ({
          name,
          triggers: [{ name: 'm', threshold: { value: 1 } }],
          typed_config,
        })),
      },
    }),
  ],
  'envoy.path.match': (one) => [routing({ match: { path_match_policy: one } })],
  'envoy.path.rewrite': (one) => [forwarding({ path_rewrite_policy: one })],
  'envoy.queue_policy': (one) => [sending({ queuing_policies: { pending_rq_policy: one } })],
  'envoy.quic.client_packet_writer': (one) => [
    speaking({
      explicit_http_config: { http3_protocol_options: { quic_protocol_options: { client_packet_writer: one } } },
    }),
  ],
  'envoy.quic.connection_debug_visitor': (one) => [quic({ connection_debug_visitor_config: one })],
  'envoy.quic.connection_id_generator': (one) => [quic({ connection_id_generator_config: one })],
  'envoy.quic.proof_source': (one) => [quic({ proof_source_config: one })],
  'envoy.quic.server.crypto_stream': (one) => [quic({ crypto_stream_config: one })],
  'envoy.quic.server_preferred_address': (one) => [quic({ server_preferred_address_config: one })],
  'envoy.rate_limit_descriptors': (one) => [forwarding({ rate_limits: [{ actions: [{ extension: one }] }] })],
  'envoy.rbac.matchers': (one) => [rbacRules({ permissions: [{ matcher: one }] })],
  'envoy.rbac.principals': (one) => [rbacRules({ principals: [{ custom: one }] })],
  'envoy.regex_engines': (one) => [bootstrap({ default_regex_engine: one })],
  'envoy.request_id': ({ typed_config }) => [managing({ request_id_extension: { typed_config } })],
  'envoy.resource_monitors': (one) => [bootstrap({ overload_manager: { resource_monitors: [one] } })],
  'envoy.retry_host_predicates': (one) => [retrying({ retry_host_predicate: [one] })],
  'envoy.retry_priorities': (one) => [retrying({ retry_priority: one })],
  'envoy.route.early_data_policy': (one) => [forwarding({ early_data_policy: one })],
  'envoy.router.cluster_specifier_plugin': (one) => [
    routing({ route: { inline_cluster_specifier_plugin: { extension: one } } }),
  ],
  'envoy.router.route_specifiers': (one) => [routing({ route_specifiers: [one] })],
  'envoy.stats_sinks': (one) => [bootstrap({ stats_sinks: [one] })],
  'envoy.string_matcher': (one) => [
    routing({ match: { prefix: '/', headers: [{ name: 'x', string_match: { custom: one } }] } }),
  ],
  'envoy.thrift_proxy.filters': (one) => [
    thrift(one, extension(`${FILTERS}.network.thrift_proxy.router.v3.Router`)),
    thrift(one),
  ],
  'envoy.tls.cert_validator': (one) => [upstreamTls({ validation_context: { custom_validator_config: one } })],
  'envoy.tls.certificate_mappers': (one) => [downstreamTls({ custom_tls_certificate_selector: onDemand(one) })],
  'envoy.tls.certificate_selectors': (one) => [downstreamTls({ custom_tls_certificate_selector: one })],
  'envoy.tls.upstream_certificate_mappers': (one) => [upstreamTls({ custom_tls_certificate_selector: onDemand(one) })],
  'envoy.tls.upstream_certificate_selectors': (one) => [upstreamTls({ custom_tls_certificate_selector: one })],
  'envoy.tls_handshakers': (one) => [upstreamTls({ custom_handshaker: one })],
  'envoy.tracers': (one) => [tracing(one)],
  'envoy.tracers.opentelemetry.resource_detectors': (one) => [telemetry({ resource_detectors: [one] })],
  'envoy.tracers.opentelemetry.samplers': (one) => [telemetry({ sampler: one })],
  'envoy.transport_sockets.downstream': (one) => [listening({ filters: [TCP_PROXY], transport_socket: one })],
  'envoy.transport_sockets.upstream': (one) => [sending({ transport_socket: one })],
  'envoy.udp_packet_writer': (one) => [udp(udpProxy(), { udp_packet_packet_writer_config: one })],
  'envoy.upstream.local_address_selector': (one) => [
    sending({ upstream_bind_config: { source_address: socket(0).socket_address, local_address_selector: one } }),
  ],
  'envoy.upstream_options': ({ typed_config }) => [
    sending({ typed_extension_protocol_options: { [typed_config['@type'].replace(/^.*\//, '')]: typed_config } }),
    sending({ typed_extension_protocol_options: { 'envoy.filters.network.redis_proxy': typed_config } }),
    sending({ typed_extension_protocol_options: { 'envoy.filters.network.thrift_proxy': typed_config } }),
  ],
  'envoy.upstreams': (one) => [sending({ upstream_config: one })],
};
