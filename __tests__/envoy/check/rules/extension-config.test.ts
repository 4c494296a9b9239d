import { extensionConfig } from '../../../../envoy/check/rules/extension-config';
import { verdict } from './met';

test('a name alone is no extension', () => {
  expect(
    verdict(extensionConfig, {
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
          typedConfig: {
            '@type': 'type.googleapis.com/x',
          },
        },
      ],
    }),
  ).toEqual([
    'error extension-config at TransportSocket[0]: names no type, and Envoy knows extensions by nothing else; add a typed_config with its "@type"',
    'error extension-config at HttpFilter[0]: \'envoy.filters.http.lua\' names no type, and Envoy knows extensions by nothing else; add a typed_config with its "@type"',
    'error extension-config at HttpFilter[1].typed_config: \'envoy.filters.http.lua\' names no type, and Envoy knows extensions by nothing else; add a typed_config with its "@type"',
  ]);
});
