import { child, descendant, error, has, items, type Node, number, text } from '../message-reader';
import type { Rule } from '../rule';

const GRPC = ['GRPC', 'DELTA_GRPC', 'AGGREGATED_GRPC', 'AGGREGATED_DELTA_GRPC'];

/** A control plane is asked by gRPC or by REST, and each has its own settings. */
export const apiConfigSource: Rule = (messages) =>
  messages('envoy.config.core.v3.ApiConfigSource').flatMap((source) => {
    const type = child(source, 'api_type');
    if (typeof type.value === 'number' || typeof type.value === 'object') {
      return [];
    }
    const say = (node: Node, message: string) => [error('api-config-source', node, message)];
    const services = child(source, 'grpc_services');
    if (items(source, 'grpc_services').length + items(source, 'cluster_names').length === 0) {
      return say(source, 'asks nobody; set grpc_services, or cluster_names for REST');
    }
    if (!GRPC.includes(String(type.value))) {
      if (items(source, 'grpc_services').length > 0) {
        return say(services, "is for gRPC, and api_type is not; set api_type to 'GRPC' or 'DELTA_GRPC'");
      }
      return type.value === 'REST' && !has(source, 'refresh_delay')
        ? say(source, 'asks by REST; set refresh_delay, how often it asks')
        : [];
    }
    if (items(source, 'cluster_names').length > 0) {
      return say(child(source, 'cluster_names'), 'is for REST, and api_type is not; set grpc_services');
    }
    return items(source, 'grpc_services').length === 1
      ? []
      : say(services, `must be one service, got ${items(source, 'grpc_services').length}`);
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
    .filter((service) => !has(service, 'http_service'))
    .map((service) => child(service, 'transport_api_version'))
    .filter(({ value }) => value === 'V2')
    .map((version) =>
      error('transport-version', version, "must not be V2, which Envoy does not speak any more; use 'V3'"),
    );

/** Nothing looks up the address of an endpoint in a STATIC cluster. */
export const endpointAddress: Rule = (messages) =>
  messages('envoy.config.cluster.v3.Cluster').flatMap((cluster) => {
    const type = child(cluster, 'type').value;
    return has(cluster, 'cluster_type') || (type !== undefined && type !== 'STATIC')
      ? []
      : items(child(cluster, 'load_assignment'), 'endpoints')
          .flatMap((locality) => items(locality, 'lb_endpoints'))
          .filter((endpoint) => !has(endpoint, 'endpoint_name') && !has(child(endpoint, 'endpoint'), 'address'))
          .map((endpoint) => error('endpoint-address', endpoint, 'is nowhere; set endpoint.address'));
  });

/** One cache has one configuration, wherever it is used. */
export const dnsCache: Rule = (messages) => {
  const caches = messages('envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig');
  return caches.flatMap((cache, place) => {
    const name = text(child(cache, 'name'));
    const first = caches.findIndex((other) => child(other, 'name').value === name);
    return name !== undefined && first < place && sorted(caches[first]?.value) !== sorted(cache.value)
      ? [error('dns-cache', cache, `is '${name}', which is set up differently before; make them alike, or rename it`)]
      : [];
  });
};

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'number'
      ? String(part)
      : typeof part === 'object' && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
        : part,
  );
}

/** A key comes from somewhere. */
export const apiKeySource: Rule = (messages) =>
  messages('envoy.extensions.filters.http.api_key_auth.v3.KeySource').flatMap((source) =>
    ['header', 'query', 'cookie'].some(
      (name) => text(child(source, name)) !== undefined || isObject(child(source, name)),
    )
      ? []
      : [error('api-key-source', source, 'says nothing; set header, query or cookie')],
  );

/** What counts as success for admission control. */
export const admission: Rule = (messages) => [
  ...messages('envoy.extensions.filters.http.admission_control.v3.AdmissionControl').flatMap((filter) => {
    const rate = descendant(filter, 'sr_threshold', 'default_value', 'value');
    const value = number(rate) ?? (has(filter, 'sr_threshold') && rate.value === undefined ? 0 : undefined);
    return value !== undefined && value < 1 ? [error('admission', rate, `must be at least 1 %, got ${value}`)] : [];
  }),
  ...messages('envoy.extensions.filters.http.admission_control.v3.AdmissionControl.SuccessCriteria.HttpCriteria')
    .flatMap((criteria) => items(criteria, 'http_success_status'))
    .flatMap((range) => {
      const [start, end] = ['start', 'end'].map((name) => number(child(range, name)) ?? 0) as [number, number];
      return start < 100 || end > 600 || start > end
        ? [error('admission', range, `is from ${start} to before ${end}; stay within 100 and 600`)]
        : [];
    }),
  ...messages('envoy.extensions.filters.http.admission_control.v3.AdmissionControl.SuccessCriteria.GrpcCriteria')
    .flatMap((criteria) => items(criteria, 'grpc_success_status'))
    .filter((status) => (number(status) ?? 0) > 16)
    .map((status) => error('admission', status, `is no status of gRPC, got ${number(status)}; they are 0 to 16`)),
];

function isObject({ value }: Node): boolean {
  return typeof value === 'object' && value !== null;
}
