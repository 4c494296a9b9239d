import { pathText } from '../../messages/path';
import { error, getField, getItems, hasField, isFilled, type Node } from '../message-reader';
import type { Rule } from '../rule';

/** Where Envoy asks for more of its configuration, it says who it is. */
export const nodeNamed: Rule = (messages) => {
  const sources = messages('envoy.config.core.v3.ConfigSource').filter((source) =>
    ['path', 'path_config_source', 'api_config_source', 'ads'].some((field) => hasField(source, field)),
  );
  return messages('envoy.config.bootstrap.v3.Bootstrap').flatMap((bootstrap) => {
    const ads = getField(bootstrap, 'dynamic_resources', 'ads_config');
    const [first] = ads.value === undefined ? sources : [ads, ...sources];
    const node = getField(bootstrap, 'node');
    return first !== undefined && ['id', 'cluster'].some((name) => !isFilled(getField(node, name)))
      ? [error('node-named', node, `needs an id and a cluster, by which Envoy asks ${pathText(first.protoPath)}`)]
      : [];
  });
};

const GRPC = ['GRPC', 'DELTA_GRPC', 'AGGREGATED_GRPC', 'AGGREGATED_DELTA_GRPC'];

/** A control plane is asked by gRPC or by REST, and each has its own settings. */
export const apiConfigSource: Rule = (messages) =>
  messages('envoy.config.core.v3.ApiConfigSource').flatMap((source) => {
    const type = getField(source, 'api_type');
    if (typeof type.value === 'number' || typeof type.value === 'object') {
      return [];
    }
    const say = (node: Node, message: string) => [error('api-config-source', node, message)];
    const services = getField(source, 'grpc_services');
    if (getItems(source, 'grpc_services').length + getItems(source, 'cluster_names').length === 0) {
      return say(source, 'asks nobody; set grpc_services, or cluster_names for REST');
    }
    if (!GRPC.includes(String(type.value))) {
      if (getItems(source, 'grpc_services').length > 0) {
        return say(services, "is for gRPC, and api_type is not; set api_type to 'GRPC' or 'DELTA_GRPC'");
      }
      return type.value === 'REST' && !hasField(source, 'refresh_delay')
        ? say(source, 'asks by REST; set refresh_delay, how often it asks')
        : [];
    }
    if (getItems(source, 'cluster_names').length > 0) {
      return say(getField(source, 'cluster_names'), 'is for REST, and api_type is not; set grpc_services');
    }
    return getItems(source, 'grpc_services').length === 1
      ? []
      : say(services, `must be one service, got ${getItems(source, 'grpc_services').length}`);
  });

const SPEAKING = [
  'envoy.config.core.v3.ApiConfigSource',
  'envoy.config.metrics.v3.MetricsServiceConfig',
  'envoy.config.ratelimit.v3.RateLimitServiceConfig',
  'envoy.extensions.access_loggers.grpc.v3.CommonGrpcAccessLogConfig',
  'envoy.extensions.filters.http.ext_authz.v3.ExtAuthz',
  'envoy.extensions.filters.network.ext_authz.v3.ExtAuthz',
];

/** Envoy has forgotten the second version of its API. */
export const transportVersion: Rule = (messages) =>
  SPEAKING.flatMap((type) => messages(type))
    // By HTTP, no API is spoken.
    .filter((service) => !hasField(service, 'http_service'))
    .map((service) => getField(service, 'transport_api_version'))
    .filter(({ value }) => value === 'V2')
    .map((version) =>
      error('transport-version', version, "must not be V2, which Envoy does not speak any more; use 'V3'"),
    );
