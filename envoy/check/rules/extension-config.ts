import { loadModel } from '../../messages/schema/load';
import { isReference } from '../../options/terraform-tokens';
import { error, getField, getItems, getMessageType, hasField, readText } from '../message-reader';
import type { Rule } from '../rule';

const CLUSTER_TYPE = 'envoy.config.cluster.v3.Cluster.CustomClusterType';

/** What Envoy looks up by the type of its configuration: the name alone finds nothing. */
const NEEDED = [
  'envoy.config.accesslog.v3.AccessLog',
  'envoy.config.accesslog.v3.ExtensionFilter',
  CLUSTER_TYPE,
  'envoy.config.cluster.v3.Filter',
  'envoy.config.core.v3.HealthCheck.CustomHealthCheck',
  'envoy.config.core.v3.RetryPolicy.RetryHostPredicate',
  'envoy.config.core.v3.RetryPolicy.RetryPriority',
  'envoy.config.core.v3.TransportSocket',
  'envoy.config.core.v3.TypedExtensionConfig',
  'envoy.config.listener.v3.Filter',
  'envoy.config.listener.v3.ListenerFilter',
  'envoy.config.metrics.v3.StatsSink',
  'envoy.config.overload.v3.ResourceMonitor',
  'envoy.config.route.v3.RetryPolicy.RetryHostPredicate',
  'envoy.config.route.v3.RetryPolicy.RetryPriority',
  'envoy.config.trace.v3.Tracing.Http',
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter',
  'envoy.extensions.filters.network.thrift_proxy.v3.ThriftFilter',
  'xds.core.v3.TypedExtensionConfig',
];

/** The types of clusters that are complete without a configuration, by their names. */
const COMPLETE: ReadonlySet<unknown> = new Set([
  'envoy.cluster.dns',
  'envoy.cluster.eds',
  'envoy.cluster.logical_dns',
  'envoy.cluster.original_dst',
  'envoy.cluster.static',
  'envoy.cluster.strict_dns',
  'envoy.clusters.dynamic_forward_proxy',
  'envoy.clusters.redis',
]);

/** Every extension has its `typed_config`, if only with an `@type`. */
export const extensionConfig: Rule = (messages) =>
  NEEDED.flatMap((type) =>
    messages(type).flatMap((extension) => {
      const elsewhere = hasField(extension, 'config_discovery') || getField(extension, 'is_optional').value === true;
      const complete = type === CLUSTER_TYPE && COMPLETE.has(getField(extension, 'name').value);
      // What is wrong with a `typed_config` that is there, the schema tells.
      if (elsewhere || hasField(extension, 'typed_config') || complete) {
        return [];
      }
      const name = readText(getField(extension, 'name'));
      const named = name === undefined ? 'names no type' : `'${name}' names no type`;
      return [
        error(
          'extension-config',
          extension,
          `${named}, and Envoy knows extensions by nothing else; add a typed_config with its "@type"`,
        ),
      ];
    }),
  );

/** Whether a type URL ends with the type of an extension that some minor of Envoy has. */
function isExtensionType(url: string): boolean {
  const type = url.slice(url.lastIndexOf('/') + 1);
  return isReference(url) || Object.values(loadModel().extensions).some((types) => Object.hasOwn(types, type));
}

/** What comes from elsewhere is of one of the types that are named beforehand. */
export const discoveredTypes: Rule = (messages) =>
  messages('envoy.config.core.v3.ExtensionConfigSource').flatMap((source) =>
    getItems(source, 'type_urls')
      .filter(({ value }) => value === null || (typeof value === 'string' && !isExtensionType(value)))
      .map((node) =>
        error(
          'extension-config',
          node,
          'names no type of an extension; write that of the configuration, or leave it out',
        ),
      ),
  );

const SESSION = 'envoy.extensions.http.stateful_session';
const VALIDATORS = 'envoy.extensions.transport_sockets.tls';

/** The few extensions that Envoy finds by their names, by the type of their configuration. */
const NAMES: Readonly<Record<string, string>> = {
  'envoy.extensions.clusters.redis.v3.RedisClusterConfig': 'envoy.clusters.redis',
  'envoy.extensions.filters.network.dubbo_proxy.router.v3.Router': 'envoy.filters.dubbo.router',
  'envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig':
    'envoy.resource_monitors.global_downstream_max_connections',
  [`${SESSION}.cookie.v3.CookieBasedSessionState`]: 'envoy.http.stateful_session.cookie',
  [`${SESSION}.envelope.v3.EnvelopeSessionState`]: 'envoy.http.stateful_session.envelope',
  [`${SESSION}.header.v3.HeaderBasedSessionState`]: 'envoy.http.stateful_session.header',
  [`${VALIDATORS}.cert_validator.dynamic_modules.v3.DynamicModuleCertValidatorConfig`]:
    'envoy.tls.cert_validator.dynamic_modules',
  [`${VALIDATORS}.v3.SPIFFECertValidatorConfig`]: 'envoy.tls.cert_validator.spiffe',
};

/** What holds such an extension, and the field with its configuration. */
const NAMED: Readonly<Record<string, string>> = {
  [CLUSTER_TYPE]: 'typed_config',
  'envoy.config.core.v3.TypedExtensionConfig': 'typed_config',
  'envoy.config.overload.v3.ResourceMonitor': 'typed_config',
  'envoy.extensions.filters.network.dubbo_proxy.v3.DubboFilter': 'config',
};

/** For some extensions, the name counts, and not the type. */
export const extensionName: Rule = (messages) =>
  Object.entries(NAMED).flatMap(([holder, field]) =>
    messages(holder).flatMap((extension) => {
      const node = getField(extension, 'name');
      const name = readText(node);
      const type = getMessageType(getField(extension, field)) ?? '';
      const needed = Object.hasOwn(NAMES, type) ? NAMES[type] : undefined;
      return name === undefined || needed === undefined || name === needed
        ? []
        : [
            error(
              'extension-name',
              node,
              `is '${name}', and Envoy finds this extension by its name alone; write '${needed}'`,
            ),
          ];
    }),
  );

/** What a filter does on a route, or a cache where it keeps things, is said, unless it does nothing. */
export const filterConfig: Rule = (messages) =>
  (
    [
      ['envoy.config.route.v3.FilterConfig', 'config'],
      ['envoy.extensions.filters.http.cache.v3.CacheConfig', 'typed_config'],
      ['envoy.extensions.filters.http.cache_v2.v3.CacheV2Config', 'typed_config'],
    ] as const
  ).flatMap(([type, field]) =>
    messages(type).flatMap((config) =>
      hasField(config, field) || getField(config, 'disabled').value === true
        ? []
        : [error('filter-config', config, `says nothing; set ${field}, or disabled: true`)],
    ),
  );
