import { check } from '../../../envoy/check/check';
import { pathText } from '../../../envoy/messages/path';
import type { EnvoyVersion } from '../../../envoy/messages/schema/envoy-minors';
import { PLACES, typed } from '../../agreement/extension-places';

// Each row was asked of the real Envoy of all minors.

const GRPC = { envoy_grpc: { cluster_name: 'c' } };
const HTTP = { http_uri: { uri: 'http://x/', cluster: 'c', timeout: '1s' } };
const KEY = { key: 'k' };
const FILTERS = 'envoy.extensions.filters';
const FILTER = 'envoy.filters.http';
const ROUTE = 'envoy.filters.http.per_route';

interface Place {
  readonly in?: string;
  readonly type: string;
  readonly name?: string;
  readonly place?: number;
  readonly version?: EnvoyVersion;
}

/** Our errors of an extension: rule and message. */
function errorsOf({ in: category = FILTER, type, name = 'x', place = 0, version = '1.39' }: Place, fields: object) {
  const config = PLACES[category]?.({ name, typed_config: typed(type, fields) })[place];
  return check(config, { version })
    .filter(({ severity }) => severity === 'error')
    .map(({ rule, message }) => `${rule}: ${message}`);
}

const external = { type: `${FILTERS}.http.ext_proc.v3.ExternalProcessor` };
const log = {
  in: 'envoy.access_loggers',
  type: 'envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig',
};
const stats = { in: 'envoy.access_loggers', type: 'envoy.extensions.access_loggers.stats.v3.Config' };
const tagging = { type: `${FILTERS}.http.ip_tagging.v3.IPTagging` };
const lambda = { type: `${FILTERS}.http.aws_lambda.v3.Config` };
const wasm = { type: `${FILTERS}.http.wasm.v3.Wasm` };
const transcoder = { type: `${FILTERS}.http.grpc_json_reverse_transcoder.v3.GrpcJsonReverseTranscoder` };
const extraction = { type: `${FILTERS}.http.proto_message_extraction.v3.ProtoMessageExtractionConfig` };
const bandwidth = { type: `${FILTERS}.http.bandwidth_limit.v3.BandwidthLimit` };
const json = { type: `${FILTERS}.http.json_to_metadata.v3.JsonToMetadata` };
const thriftMetadata = { type: `${FILTERS}.http.thrift_to_metadata.v3.ThriftToMetadata` };
const redis = { in: 'envoy.filters.network', type: `${FILTERS}.network.redis_proxy.v3.RedisProxy`, place: 1 };
const manager = {
  in: 'envoy.filters.network',
  type: `${FILTERS}.network.http_connection_manager.v3.HttpConnectionManager`,
  place: 1,
};
const thriftCheck = { in: 'envoy.health_checkers', type: 'envoy.extensions.health_checkers.thrift.v3.Thrift' };
const xray = { in: 'envoy.tracers', type: 'envoy.config.trace.v3.XRayConfig' };
const redisCluster = { in: 'envoy.clusters', type: 'envoy.extensions.clusters.redis.v3.RedisClusterConfig', place: 1 };
const rewrite = {
  in: 'envoy.path.rewrite',
  type: 'envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig',
};
const jsonRule = (rule: object) => ({ request_rules: { rules: [{ selectors: [KEY], ...rule }] } });
const endpoint = (protocol: string, address = '127.0.0.1') => ({
  segment_name: 's',
  daemon_endpoint: { address, port_value: 1, protocol },
});

const redisOptions = { stat_prefix: 's', settings: { op_timeout: '1s' } };

test.each<[name: string, place: Place, fields: object]>([
  ['a gRPC service for ext_proc', external, { grpc_service: GRPC }],
  ['a gRPC service for an OpenTelemetry log', log, { grpc_service: GRPC }],
  ['a scope of statistics, since 1.39', stats, { stats_scope: {} }],
  ['IP tags', tagging, { ip_tags: [{}] }],
  ['an ARN with an alias', lambda, { arn: 'arn:aws:lambda:us-east-1:123456789012:function:f:alias' }],
  ['a module of WebAssembly', wasm, { config: { vm_config: { code: { local: { inline_string: 'x' } } } } }],
  ['a descriptor of a file', transcoder, { descriptor_path: '/d' }],
  ['a source of descriptors in bytes', extraction, { data_source: { inline_bytes: '' } }],
  ['bandwidth without a limit for all routes', bandwidth, { stat_prefix: 's' }],
  ['a rule that writes JSON to metadata', json, jsonRule({ on_present: KEY })],
  ['metadata of Thrift', thriftMetadata, { request_rules: [{ on_present: KEY }] }],
  ['a cluster of Redis', redis, { ...redisOptions, prefix_routes: { catch_all_route: { cluster: 'c' } } }],
  ['routes from a control plane', manager, { stat_prefix: 's', rds: { config_source: { ads: {} } } }],
  ['routes from a source of the bootstrap', manager, { stat_prefix: 's', rds: { route_config_name: 'xdstp://a/b' } }],
  ['a Thrift check of a known protocol', thriftCheck, { method_name: 'm', transport: 'FRAMED', protocol: 'BINARY' }],
  ['the daemon of X-Ray by UDP', xray, endpoint('UDP')],
  ['a cluster of Redis by its name', { ...redisCluster, name: 'envoy.clusters.redis' }, {}],
])('accepts %s', (_, place, fields) => {
  const errors = errorsOf(place, fields).filter((error) => !/terminal-filter|node-named/.test(error));
  expect(errors).toEqual([]);
});

test.each<[name: string, place: Place, fields: object, error: string]>([
  ['no service', external, {}, 'required-field: needs one of grpc_service, http_service'],
  [
    'two services',
    external,
    { grpc_service: GRPC, http_service: { http_service: HTTP } },
    'required-field: may have only one of grpc_service, http_service, and has grpc_service and http_service',
  ],
  [
    'no service of a log',
    log,
    {},
    'required-field: needs one of grpc_service, http_service, common_config.grpc_service',
  ],
  ['no scope of statistics', stats, {}, 'required-field: needs one of stat_prefix, stats_scope'],
  ['no scope, before 1.39', { ...stats, version: '1.38' }, {}, 'string.min_len: needs at least 1 character'],
  ['an empty list', tagging, { ip_tags: [] }, 'required-field: needs one of ip_tags, ip_tags_datasource'],
  [
    'half of an ARN',
    lambda,
    { arn: 'arn:aws:lambda:us-east-1:123456789012:function' },
    'lambda-arn: must be a whole ARN, got "arn:aws:lambda:us-east-1:123456789012:function"; write for example \'arn:aws:lambda:us-east-1:123456789012:function:name\'',
  ],
  [
    'no ARN on a route',
    { in: ROUTE, type: `${FILTERS}.http.aws_lambda.v3.PerRouteConfig` },
    {},
    'required-field: needs invoke_config',
  ],
  ['no module', wasm, { config: { fail_open: true } }, 'required-field: needs config.vm_config.code'],
  [
    'an empty path',
    transcoder,
    { descriptor_path: '' },
    'required-field: needs one of descriptor_path, descriptor_binary',
  ],
  [
    'descriptors as text',
    extraction,
    { data_source: { inline_string: 'x' } },
    'descriptor-source: holds no bytes; use filename or inline_bytes',
  ],
  ['no limit on a route', { ...bandwidth, in: ROUTE }, { stat_prefix: 's' }, 'required-field: needs limit_kbps'],
  ['no rules on a route', { ...json, in: ROUTE }, {}, 'required-field: needs one of request_rules, response_rules'],
  ['a rule that writes nothing', json, jsonRule({}), 'metadata-rule: needs on_present or on_missing'],
  ['nothing for what is missing', json, jsonRule({ on_missing: KEY }), 'metadata-rule: needs value'],
  [
    'no cluster of Redis',
    redis,
    { ...redisOptions, prefix_routes: { routes: [] } },
    'required-field: needs one of prefix_routes.routes, prefix_routes.catch_all_route',
  ],
  ['routes from nowhere', manager, { stat_prefix: 's', rds: {} }, 'required-field: needs config_source'],
  [
    'a transport that is not chosen',
    thriftCheck,
    { method_name: 'm', protocol: 'BINARY' },
    "thrift-health-check: can't be AUTO_TRANSPORT; set it, for example to 'FRAMED'",
  ],
  [
    'a protocol of Twitter',
    thriftCheck,
    { method_name: 'm', transport: 'FRAMED', protocol: 'TWITTER' },
    "thrift-health-check: can't be TWITTER; set it, for example to 'BINARY'",
  ],
  ['X-Ray by TCP', xray, endpoint('TCP'), "xray-endpoint: must be reached by UDP; set protocol to 'UDP'"],
  [
    'X-Ray by a name',
    xray,
    endpoint('UDP', 'xray'),
    "ip-address: is 'xray', which is no IP address; write it as a number, for example '0.0.0.0' or '127.0.0.1'",
  ],
  [
    'a cluster of Redis by another name',
    redisCluster,
    {},
    "extension-name: is 'x', and Envoy finds this extension by its name alone; write 'envoy.clusters.redis'",
  ],
  [
    'a rewrite that is no path',
    rewrite,
    { path_template_rewrite: 'x' },
    "path-template: is 'x', which is no path; write for example '/{name}/more'",
  ],
  [
    'a rewrite without a template that matched',
    rewrite,
    { path_template_rewrite: '/{a}' },
    'path-template: needs the path_match_policy whose variables it writes',
  ],
  [
    'a validator of headers',
    {
      in: 'envoy.http.header_validators',
      type: 'envoy.extensions.http.header_validators.envoy_default.v3.HeaderValidatorConfig',
    },
    {},
    'header-validator: is not built into Envoy; remove it',
  ],
  [
    'a range of a trie that is no address',
    { in: 'envoy.matching.network.custom_matchers', type: 'xds.type.matcher.v3.IPMatcher' },
    { range_matchers: [{ ranges: [{ address_prefix: '10.0.0.0/8' }], on_match: {} }] },
    "cidr-range: is '10.0.0.0/8', which is no IP address; write the bits as prefix_len",
  ],
  [
    'attributes of CEL compared with a text',
    { in: 'envoy.matching.http.input', type: 'xds.type.matcher.v3.HttpAttributesCelMatchInput' },
    {},
    'matcher-input: is read by CelMatcher alone; set custom_match to it',
  ],
  [
    'a matcher of requests that reads a header',
    {
      in: 'envoy.matching.input_matchers',
      type: `${FILTERS}.network.generic_proxy.matcher.v3.RequestMatcher`,
    },
    {},
    'matcher-input: is nothing that RequestMatcher reads; use RequestMatchInput',
  ],
  [
    'RBAC by a header of the response',
    { in: 'envoy.matching.http.input', type: 'envoy.type.matcher.v3.HttpResponseHeaderMatchInput' },
    { header_name: 'x' },
    "rbac-input: is HttpResponseHeaderMatchInput, which RBAC can't match on",
  ],
  [
    'sessions that a certificate on demand would resume',
    {
      in: 'envoy.tls.certificate_mappers',
      type: 'envoy.extensions.transport_sockets.tls.cert_mappers.static_name.v3.StaticName',
    },
    { name: 'a' },
    'on-demand-certificate: has certificates on demand, which no session resumes; set disable_stateless_session_resumption: true',
  ],
])('refuses %s', (_, place, fields, error) => {
  expect(errorsOf(place, fields)).toContain(error);
});

describe('what Envoy passes on', () => {
  const inMetadata = (any: unknown, version: EnvoyVersion = '1.39') =>
    check(
      { static_resources: { clusters: [{ name: 'c', metadata: { typed_filter_metadata: { a: any } } }] } },
      { version },
    ).map(({ path, rule }) => `${pathText(path.slice(6))} ${rule}`);

  test('is not held to the rules of its schema', () => {
    expect(inMetadata({})).toEqual([]);
    expect(inMetadata(typed('envoy.config.core.v3.HeaderValue'))).toEqual([]);
    expect(inMetadata(typed('envoy.config.cluster.v3.Cluster', { type: 'LOGICAL_DNS' }))).toEqual([]);
  });

  test('is of a type that this Envoy knows, also where the check knows nothing else of it', () => {
    expect(inMetadata(typed('envoy.service.auth.v3.CheckRequest'))).toEqual([]);
    expect(inMetadata(typed(`${FILTERS}.http.gcp_authn.v3.Audience`, { url: 'x' }), '1.37')).toEqual([]);
    expect(inMetadata(typed('envoy.service.auth.v3.Nothing'))).toEqual(['["@type"] any.unknown']);
  });

  test('has the fields of its type', () => {
    expect(inMetadata(typed('envoy.config.core.v3.HeaderValue', { nonsense: 1 }))).toEqual(['nonsense unknown-field']);
    expect(inMetadata({ nonsense: 1 })).toEqual([' any.missing']);
  });
});

describe('protocol options', () => {
  const under = (key: string, options: object) =>
    check({
      static_resources: { clusters: [{ name: 'c', typed_extension_protocol_options: { [key]: options } }] },
    }).map(({ rule, message }) => `${rule}: ${message}`);
  const REDIS = 'envoy.filters.network.redis_proxy';
  const STRUCT = 'google.protobuf.Struct';

  test('are what their key says, also as a Struct', () => {
    const password = { auth_password: { inline_string: 'x' } };
    expect(under(REDIS, typed(STRUCT, { value: password }))).toEqual([]);
    expect(under(REDIS, typed(STRUCT, { value: { nonsense: 1 } }))).toEqual([
      'unknown-field: is not a field of RedisProtocolOptions',
    ]);
    expect(under(REDIS, {})).toEqual([]);
    expect(under('envoy.extensions.upstreams.http.v3.HttpProtocolOptions', {})).toEqual([
      'oneof.required: needs one of explicit_http_config, use_downstream_protocol_config, auto_config',
    ]);
  });

  test('of another type are refused, unless they are empty', () => {
    const type = 'envoy.extensions.upstreams.tcp.v3.TcpProtocolOptions';
    expect(under(REDIS, typed(type))).toEqual([]);
    expect(under(REDIS, typed(type, { idle_timeout: '1s' }))).toEqual([
      `any.category: must be envoy.extensions.filters.network.redis_proxy.v3.RedisProtocolOptions under this key, got "${type}"`,
    ]);
  });
});

test.each([
  ['the package of an extension', 'envoy.filters.http.cors.v2.Cors', 'envoy.extensions.filters.http.cors.v3.Cors'],
  ['the name of its message', `${FILTERS}.http.lua.v3.LuaConfig`, `${FILTERS}.http.lua.v3.Lua`],
  ['a misspelt message', `${FILTERS}.http.router.v3.Ruoter`, `${FILTERS}.http.router.v3.Router`],
  [
    'a misspelt package',
    `${FILTERS}.http.jwt_auhtn.v3.JwtAuthentication`,
    `${FILTERS}.http.jwt_authn.v3.JwtAuthentication`,
  ],
])('suggests a type by %s', (_, type, meant) => {
  expect(errorsOf({ type }, {}).join()).toContain(`'${meant}'`);
});

test.each(['example.api.http.sanitizer.FilterConfig', 'envoy.extensions.filters.http.nothing.v3.Config', 'x', ''])(
  'suggests nothing for the type %j',
  (type) => {
    expect(errorsOf({ type }, {})).toEqual([expect.not.stringContaining('did you mean')]);
  },
);
