import type { Rule } from '../messages';
import { child, descendant, error, has, text } from '../node';

/** What Envoy looks up by the type of its configuration: the name alone finds nothing. */
const NEEDED = [
  'envoy.config.accesslog.v3.AccessLog',
  'envoy.config.accesslog.v3.ExtensionFilter',
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

/** Every extension has its `typed_config`, if only with an `@type`. */
export const extensionConfig: Rule = (messages) =>
  NEEDED.flatMap((type) =>
    messages(type).flatMap((extension) => {
      const elsewhere = has(extension, 'config_discovery') || child(extension, 'is_optional').value === true;
      // An `@type` of another type than text is the schema's to refuse.
      const typed = has(child(extension, 'typed_config'), '@type');
      if (elsewhere || typed) {
        return [];
      }
      const name = text(child(extension, 'name'));
      const named = name === undefined ? 'names no type' : `'${name}' names no type`;
      return [
        error(
          'extension-config',
          has(extension, 'typed_config') ? descendant(extension, 'typed_config') : extension,
          `${named}, and Envoy knows extensions by nothing else; add a typed_config with its "@type"`,
        ),
      ];
    }),
  );
