import { terminalFilter } from '../../../../envoy/check/rules/terminal-filter';
import { runRule } from './run-rule';

test('the last HTTP filter answers and no other one does', () => {
  expect(
    runRule(terminalFilter, {
      'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager': [
        {
          http_filters: [
            {
              name: 'lua',
              typed_config: {
                '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
              },
            },
            {
              name: 'router',
              typed_config: {
                '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router',
              },
            },
          ],
        },
        {
          http_filters: [
            {
              name: 'lua',
              typed_config: {
                '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
              },
            },
          ],
        },
        {
          http_filters: [
            {
              name: 'router',
              typed_config: {
                '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router',
              },
            },
            {
              name: 'lua',
              typed_config: {
                '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
              },
            },
          ],
        },
        {
          http_filters: [
            {
              name: 'router',
              typed_config: {
                '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router',
              },
            },
            {
              name: 'router',
              typed_config: {
                '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router',
              },
            },
          ],
        },
        {
          http_filters: [
            {
              name: 'lua',
              typed_config: {
                '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
              },
            },
            {
              name: 'router',
              typed_config: {
                '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router',
              },
              disabled: true,
            },
          ],
        },
      ],
    }),
  ).toEqual([
    "error terminal-filter at HttpConnectionManager[1].http_filters[0]: 'lua' is the last filter and does not answer; put envoy.filters.http.router behind it",
    "error terminal-filter at HttpConnectionManager[2].http_filters[0]: 'router' ends the chain, and 'lua' is behind it; move it last",
    "error terminal-filter at HttpConnectionManager[3].http_filters[0]: 'router' ends the chain, and 'router' is behind it; move it last",
    "error terminal-filter at HttpConnectionManager[4].http_filters[1]: 'router' ends the chain and can't be disabled; remove disabled",
  ]);
});

test('no HTTP filter at all', () => {
  expect(
    runRule(terminalFilter, {
      'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager': [
        {},
        {
          http_filters: [
            {
              name: 'router',
              typed_config: {
                '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router',
              },
            },
          ],
        },
      ],
    }),
  ).toEqual([
    'warning terminal-filter at HttpConnectionManager[0]: has no HTTP filter, so that nothing answers; add envoy.filters.http.router',
  ]);
});

test('a filter that is found elsewhere may be anything', () => {
  expect(
    runRule(terminalFilter, {
      'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager': [
        {
          http_filters: [
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
          ],
        },
      ],
    }),
  ).toEqual([]);
});

test('network filters', () => {
  expect(
    runRule(terminalFilter, {
      'envoy.config.listener.v3.FilterChain': [
        {
          filters: [
            {
              name: 'rbac',
              typed_config: {
                '@type': 'type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC',
              },
            },
            {
              name: 'hcm',
              typed_config: {
                '@type':
                  'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
              },
            },
          ],
        },
        {
          filters: [
            {
              name: 'rbac',
              typed_config: {
                '@type': 'type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC',
              },
            },
          ],
        },
        {
          filters: [
            {
              name: 'hcm',
              typed_config: {
                '@type':
                  'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
              },
            },
            {
              name: 'tcp',
              typed_config: {
                '@type': 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
              },
            },
          ],
        },
        {
          filters: [],
        },
      ],
    }),
  ).toEqual([
    "error terminal-filter at FilterChain[1].filters[0]: 'rbac' is the last filter and does not answer; put envoy.filters.network.http_connection_manager or envoy.filters.network.tcp_proxy behind it",
    "error terminal-filter at FilterChain[2].filters[0]: 'hcm' ends the chain, and 'tcp' is behind it; move it last",
  ]);
});

test('upstream HTTP filters end with the codec', () => {
  expect(
    runRule(terminalFilter, {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': [
        {
          http_filters: [
            {
              name: 'lua',
              typed_config: {
                '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
              },
            },
          ],
        },
        {
          http_filters: [
            {
              name: 'lua',
              typed_config: {
                '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
              },
            },
            {
              name: 'codec',
              typed_config: {
                '@type': 'type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec',
              },
            },
          ],
        },
      ],
    }),
  ).toEqual([
    "error terminal-filter at HttpProtocolOptions[0].http_filters[0]: 'lua' is the last filter and does not answer; put envoy.filters.http.upstream_codec behind it",
  ]);
});
