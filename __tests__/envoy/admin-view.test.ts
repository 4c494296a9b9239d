import { adminView } from '../../envoy/features/admin-view';

function view(port: number) {
  return {
    ports: [{ name: 'admin', port }],
    listeners: [
      {
        name: 'admin_view',
        address: { socket_address: { address: '0.0.0.0', port_value: port } },
        bypass_overload_manager: true,
        filter_chains: [
          {
            filters: [
              {
                name: 'envoy.filters.network.http_connection_manager',
                typed_config: {
                  '@type':
                    'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
                  stat_prefix: 'admin_view',
                  normalize_path: true,
                  route_config: {
                    name: 'admin_view',
                    virtual_hosts: [{ name: 'admin', domains: ['*'], routes: [pages, refusal] }],
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
        name: 'admin',
        type: 'STATIC',
        load_assignment: {
          cluster_name: 'admin',
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

const pages = {
  match: {
    safe_regex: {
      regex: '/|/certs|/clusters|/help|/listeners|/memory|/ready|/server_info|/stats|/stats/prometheus',
    },
    headers: [{ name: ':method', string_match: { exact: 'GET' } }],
  },
  route: { cluster: 'admin' },
};
const refusal = {
  match: { prefix: '/' },
  direct_response: { status: 403, body: { inline_string: 'read-only view of the admin interface\n' } },
};

test('is on by default', () => {
  expect(adminView.onByDefault).toBe(true);
});

test('by default listens on 8081, passes GETs of harmless pages to the admin interface and refuses the rest', () => {
  expect(adminView.proxy({})).toEqual(view(8081));
});

test('port moves the listener', () => {
  expect(adminView.proxy({ port: 9000 })).toEqual(view(9000));
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
