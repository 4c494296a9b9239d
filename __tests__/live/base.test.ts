import type { Bootstrap } from '../../envoy';
import { type Backend, reset, startBackend } from './backend';
import { startEnvoy } from './envoy';
import { freePort } from './ports';

/** What somebody has already: a listener with a route to the API, and one that answers by itself. */
async function hisOwn(upstream: Backend): Promise<Bootstrap> {
  return {
    admin: { address: { socket_address: { address: '0.0.0.0', port_value: await freePort() } } },
    static_resources: {
      listeners: [
        {
          name: 'his',
          address: { socket_address: { address: '127.0.0.1', port_value: await freePort() } },
          filter_chains: [
            {
              filters: [
                {
                  name: 'envoy.filters.network.http_connection_manager',
                  typed_config: {
                    '@type':
                      'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
                    stat_prefix: 'his',
                    route_config: {
                      name: 'his',
                      virtual_hosts: [
                        {
                          name: 'his',
                          domains: ['*'],
                          routes: [
                            {
                              match: { path: '/his' },
                              direct_response: { status: 200, body: { inline_string: 'his' } },
                            },
                            { match: { prefix: '/' }, route: { cluster: 'his' } },
                          ],
                        },
                      ],
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
          name: 'his',
          type: 'STATIC',
          load_assignment: {
            cluster_name: 'his',
            endpoints: [
              {
                lb_endpoints: [
                  { endpoint: { address: { socket_address: { address: upstream.host, port_value: upstream.port } } } },
                ],
              },
            ],
          },
        },
      ],
    },
  };
}

test('a configuration of its own serves as it is, with the admin interface and its view as ours', async () => {
  const upstream = await startBackend({ handler: (_, response) => response.end('api') });
  const envoy = await startEnvoy({ upstream, base: await hisOwn(upstream) });
  expect(await envoy.call({ path: '/his' })).toMatchObject({ status: 200, body: 'his' });
  expect(await envoy.call({ path: '/x' })).toMatchObject({ status: 200, body: 'api' });
  expect((await envoy.admin('/quitquitquit', 'POST')).status).toBe(403);
});

test('nothing of ours is on unless asked for, and what is asked for works in it', async () => {
  const upstream = await startBackend({ handler: reset });
  const plain = await startEnvoy({ upstream, base: await hisOwn(upstream) });
  await plain.call();
  expect(upstream.seen).toHaveLength(1);
  upstream.seen.length = 0;
  const retrying = await startEnvoy({
    upstream,
    base: await hisOwn(upstream),
    retries: { attempts: 2, backOff: '1ms' },
    routes: [{ path: '/once', retries: false }],
  });
  await retrying.call();
  expect(upstream.seen).toHaveLength(3);
  await retrying.call({ path: '/once' });
  expect(upstream.seen).toHaveLength(4);
});
