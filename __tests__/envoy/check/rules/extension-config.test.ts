import {
  discoveredTypes,
  extensionConfig,
  extensionName,
  filterConfig,
} from '../../../../envoy/check/rules/extension-config';
import { runRule } from './run-rule';

test('a name alone is no extension', () => {
  expect(
    runRule(extensionConfig, {
      'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter': [
        {
          name: 'envoy.filters.http.lua',
        },
        {
          name: 'envoy.filters.http.lua',
          typed_config: {},
        },
        {
          name: 'lua',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
          },
        },
        {
          name: 'x',
          config_discovery: {},
        },
        {
          name: 'x',
          is_optional: true,
        },
      ],
      'envoy.config.core.v3.TransportSocket': [{}],
      'envoy.config.accesslog.v3.AccessLog': [
        {
          name: 'a',
          typed_config: {
            '@type': 'type.googleapis.com/x',
          },
        },
      ],
    }),
  ).toEqual([
    'error extension-config at TransportSocket[0]: names no type, and Envoy knows extensions by nothing else; add a typed_config with its "@type"',
    'error extension-config at HttpFilter[0]: \'envoy.filters.http.lua\' names no type, and Envoy knows extensions by nothing else; add a typed_config with its "@type"',
  ]);
});

test('of clusters, some types are complete without a configuration', () => {
  expect(
    runRule(extensionConfig, {
      'envoy.config.cluster.v3.Cluster.CustomClusterType': [
        { name: 'envoy.cluster.strict_dns' },
        { name: 'envoy.clusters.aggregate' },
      ],
      // Of a filter, the same name is none.
      'envoy.config.listener.v3.Filter': [{ name: 'envoy.clusters.redis' }],
    }),
  ).toEqual([
    'error extension-config at CustomClusterType[1]: \'envoy.clusters.aggregate\' names no type, and Envoy knows extensions by nothing else; add a typed_config with its "@type"',
    'error extension-config at Filter[0]: \'envoy.clusters.redis\' names no type, and Envoy knows extensions by nothing else; add a typed_config with its "@type"',
  ]);
});

test('some go by their names', () => {
  const extension = (name: string, type: string) => ({
    name,
    typed_config: { '@type': `type.googleapis.com/envoy.extensions.${type}` },
  });
  expect(
    runRule(extensionName, {
      'envoy.config.core.v3.TypedExtensionConfig': [
        extension('cookie', 'http.stateful_session.cookie.v3.CookieBasedSessionState'),
        extension('envoy.http.stateful_session.cookie', 'http.stateful_session.header.v3.HeaderBasedSessionState'),
        extension('envoy.http.stateful_session.envelope', 'http.stateful_session.envelope.v3.EnvelopeSessionState'),
        extension('any', 'regex_engines.v3.GoogleRE2'),
        { name: 'nothing' },
      ],
      'envoy.config.overload.v3.ResourceMonitor': [
        extension('connections', 'resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig'),
      ],
    }),
  ).toEqual([
    "error extension-name at TypedExtensionConfig[0].name: is 'cookie', and Envoy finds this extension by its name alone; write 'envoy.http.stateful_session.cookie'",
    "error extension-name at TypedExtensionConfig[1].name: is 'envoy.http.stateful_session.cookie', and Envoy finds this extension by its name alone; write 'envoy.http.stateful_session.header'",
    "error extension-name at ResourceMonitor[0].name: is 'connections', and Envoy finds this extension by its name alone; write 'envoy.resource_monitors.global_downstream_max_connections'",
  ]);
});

test('what comes from elsewhere is of a type that is named', () => {
  expect(
    runRule(discoveredTypes, {
      'envoy.config.core.v3.ExtensionConfigSource': [
        {
          type_urls: [
            'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
            null,
            '',
            ' ',
            'type.googleapis.com/',
            'type.googleapis.com/lua',
          ],
        },
      ],
    }),
  ).toEqual(
    [1, 2, 3, 4, 5].map(
      (index) =>
        `error extension-config at ExtensionConfigSource[0].type_urls[${index}]: names no type of an extension; write that of the configuration, or leave it out`,
    ),
  );
});

test('a cache and a filter of a route say what they do', () => {
  expect(
    runRule(filterConfig, {
      'envoy.config.route.v3.FilterConfig': [{}, { disabled: true }, { config: {} }],
      'envoy.extensions.filters.http.cache.v3.CacheConfig': [{ disabled: false }, { typed_config: {} }],
    }),
  ).toEqual([
    'error filter-config at FilterConfig[0]: says nothing; set config, or disabled: true',
    'error filter-config at CacheConfig[0]: says nothing; set typed_config, or disabled: true',
  ]);
});
