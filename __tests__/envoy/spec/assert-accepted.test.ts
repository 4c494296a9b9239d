import { type Bootstrap, proxySpec } from '../../../envoy';

const upstream = { host: 'api', port: 8080 };

test('what is made of options alone has nothing to be warned of', () => {
  expect(proxySpec({ upstream }).warnings).toEqual([]);
});

test('a route that takes all that is left is no reason for a warning of what is behind it', () => {
  const routes = [{ path: '/a' }, { path: '/', directResponse: { status: 404 } }];
  expect(proxySpec({ upstream, routes }).warnings).toEqual([]);
});

test('all that Envoy would refuse is told at once, with the option first', () => {
  const lua = {
    name: 'envoy.filters.http.lua',
    typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua', inline_cod: '' },
  };
  expect(() =>
    proxySpec({
      upstream,
      custom: [{ httpFilters: [lua as never] }, { clusters: [{ name: 'other', connect_timeout: '0s' }] }],
      patch: (bootstrap) => ({ ...bootstrap, node: { id: 5 } }) as unknown as Bootstrap,
    }),
  ).toThrow(
    new Error(
      [
        'Envoy 1.39 would refuse this configuration:',
        'custom[0]: static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[4].typed_config.inline_cod ' +
          "is not a field of Lua (did you mean 'inline_code'?)",
        'custom[1]: static_resources.clusters[1].connect_timeout must be more than 0s, got "0s"',
        'patch: node.id must be a string, got 5; put it in quotes',
      ].join('\n  '),
    ),
  );
});

test('a field that only a later Envoy has is refused for the one in the image, with the version that has it', () => {
  const custom = [{ connectionManager: { drain_timeout_jitter: { value: 10 } } }];
  expect(proxySpec({ upstream, custom }).warnings).toEqual([]);
  expect(() => proxySpec({ upstream, custom, image: 'envoyproxy/envoy:v1.38.2' })).toThrow(
    new Error(
      'Envoy 1.38 would refuse this configuration:\n  custom[0]: static_resources.listeners[0].filter_chains[0]' +
        '.filters[0].typed_config.drain_timeout_jitter needs Envoy 1.39 or later, this is checked for 1.38',
    ),
  );
});

test('what Envoy takes for now is a warning, with the option it comes from', () => {
  const custom = [{ route: { route: { per_request_buffer_limit_bytes: 1 } } }];
  expect(proxySpec({ upstream, retries: false, custom }).warnings).toEqual([
    expect.stringMatching(/^custom\[0\]: static_resources.*per_request_buffer_limit_bytes is deprecated/),
  ]);
});
