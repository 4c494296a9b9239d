import { adminView } from '../../../envoy/features/admin-view';

function view(port: number, authorities = '(localhost|[0-9.]+|\\[[0-9a-f:.]+\\])') {
  return {
    ports: [{ name: 'admin', port }],
    listeners: [
      {
        name: 'admin_view',
        address: { socket_address: { address: '0.0.0.0', port_value: port } },
        per_connection_buffer_limit_bytes: 32_768,
        bypass_overload_manager: true,
        filter_chains: [
          {
            filters: [
              {
                name: 'envoy.filters.network.connection_limit',
                typed_config: {
                  '@type': 'type.googleapis.com/envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit',
                  stat_prefix: 'admin_view',
                  max_connections: 64,
                },
              },
              {
                name: 'envoy.filters.network.http_connection_manager',
                typed_config: {
                  '@type':
                    'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
                  stat_prefix: 'admin_view',
                  codec_type: 'HTTP1',
                  normalize_path: true,
                  request_headers_timeout: '10s',
                  request_timeout: '10s',
                  stream_idle_timeout: '10s',
                  common_http_protocol_options: { idle_timeout: '10s' },
                  route_config: {
                    name: 'admin_view',
                    virtual_hosts: [{ name: 'admin_view', domains: ['*'], routes: [pages(authorities), refusal] }],
                  },
                  http_filters: [
                    {
                      name: 'envoy.filters.http.router',
                      typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
                    },
                  ],
                },
              },
            ],
          },
        ],
      },
    ],
    clusters: [
      {
        name: 'admin_view',
        type: 'STATIC',
        per_connection_buffer_limit_bytes: 32_768,
        load_assignment: {
          cluster_name: 'admin_view',
          endpoints: [
            {
              lb_endpoints: [
                { endpoint: { address: { socket_address: { address: '127.0.99.1', port_value: 9901 } } } },
              ],
            },
          ],
        },
      },
    ],
  };
}

const pages = (authorities: string) => ({
  match: {
    safe_regex: {
      regex: '/|/certs|/clusters|/help|/listeners|/memory|/ready|/server_info|/stats|/stats/prometheus',
    },
    headers: [
      { name: ':method', string_match: { exact: 'GET' } },
      { name: ':authority', string_match: { safe_regex: { regex: `(?i)${authorities}(:[0-9]+)?` } } },
    ],
  },
  route: { cluster: 'admin_view' },
});
const refusal = {
  match: { prefix: '/' },
  direct_response: {
    status: 403,
    body: { inline_string: 'read-only view of the admin interface, for localhost and adminView.allowedHosts\n' },
  },
};

test('listens on 8081, passes GETs of harmless pages to the admin interface and refuses the rest', () => {
  expect(adminView.proxy({})).toEqual(view(8081));
});

test('port moves the listener', () => {
  expect(adminView.proxy({ port: 9000 })).toEqual(view(9000));
});

test('allowedHosts are answered too', () => {
  const regex = '(localhost|[0-9.]+|\\[[0-9a-f:.]+\\]|envoy|envoy\\.internal)';
  expect(adminView.proxy({ allowedHosts: ['envoy', 'envoy.internal'] })).toEqual(view(8081, regex));
});

test.each(['', 'envoy:8081', 'http://envoy', '*.internal', 'a|b'])('refuses the allowed host %j', (host) => {
  expect(() => adminView.proxy({ allowedHosts: ['envoy', host] })).toThrow(
    new Error(
      `adminView.allowedHosts[1] must be a host name without a port, got ${JSON.stringify(host)}; write for example 'envoy'`,
    ),
  );
});

test.each([
  [0, 'adminView.port must be a whole number from 1 to 65535, got 0; write it as a literal number in that range'],
  [
    65_536,
    'adminView.port must be a whole number from 1 to 65535, got 65536; write it as a literal number in that range',
  ],
])('refuses the port %d', (port, message) => {
  expect(() => adminView.proxy({ port })).toThrow(new Error(message));
});

test('refuses an unknown option', () => {
  expect(() => adminView.proxy({ address: '0.0.0.0' } as never)).toThrow(
    new Error('adminView.address is not an option, got "0.0.0.0"; remove it'),
  );
});
