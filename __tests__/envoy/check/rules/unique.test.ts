import {
  uniqueAddresses,
  uniqueClusters,
  uniqueDomains,
  uniqueEntries,
  uniqueListeners,
  uniqueSecrets,
  uniqueThresholds,
} from '../../../../envoy/check/rules/unique';
import { runRule } from './run-rule';

test('clusters by name', () => {
  expect(
    runRule(uniqueClusters, {
      'envoy.config.cluster.v3.Cluster': [
        {
          name: 'api',
        },
        {
          name: 'other',
        },
        {
          name: 'api',
        },
      ],
    }),
  ).toEqual(["error unique-cluster at Cluster[2].name: is 'api' as another cluster is; give each a name of its own"]);
});

test('listeners by name', () => {
  expect(
    runRule(uniqueListeners, {
      'envoy.config.listener.v3.Listener': [
        {
          name: 'http',
        },
        {
          name: 'http',
        },
        {},
        {},
      ],
    }),
  ).toEqual([
    "warning unique-listener at Listener[1].name: is 'http' as a listener before is, so that Envoy leaves this one out; rename one of them",
  ]);
});

test('listeners by address, whatever its spelling', () => {
  expect(
    runRule(uniqueAddresses, {
      'envoy.config.listener.v3.Listener': [
        {
          address: {
            socket_address: {
              address: '::',
              port_value: 80,
            },
          },
        },
        {
          address: {
            socket_address: {
              address: '0:0::0',
              port_value: 80,
            },
          },
        },
        {
          address: {
            socket_address: {
              address: '::',
              port_value: 81,
            },
          },
        },
      ],
    }),
  ).toEqual([
    'error unique-address at Listener[1].address.socket_address: is 0:0::0 port 80, where another listener listens; choose another address or port',
  ]);
});

test('an address of UDP, port 0 and a narrower address are others', () => {
  expect(
    runRule(uniqueAddresses, {
      'envoy.config.listener.v3.Listener': [
        {
          address: {
            socket_address: {
              address: '0.0.0.0',
              port_value: 80,
            },
          },
        },
        {
          address: {
            socket_address: {
              address: '0.0.0.0',
              port_value: 80,
              protocol: 'UDP',
            },
          },
        },
        {
          address: {
            socket_address: {
              address: '127.0.0.1',
              port_value: 80,
            },
          },
        },
        {
          address: {
            socket_address: {
              address: '0.0.0.0',
              port_value: 0,
            },
          },
        },
        {
          address: {
            socket_address: {
              address: '0.0.0.0',
              port_value: 0,
            },
          },
        },
      ],
    }),
  ).toEqual([]);
});

test('additional addresses count', () => {
  expect(
    runRule(uniqueAddresses, {
      'envoy.config.listener.v3.Listener': [
        {
          address: {
            socket_address: {
              address: '0.0.0.0',
              port_value: 80,
            },
          },
          additional_addresses: [
            {
              address: {
                socket_address: {
                  address: '0.0.0.0',
                  port_value: 81,
                },
              },
            },
          ],
        },
        {
          address: {
            socket_address: {
              address: '0.0.0.0',
              port_value: 81,
            },
          },
        },
      ],
    }),
  ).toEqual([
    'error unique-address at Listener[1].address.socket_address: is 0.0.0.0 port 81, where another listener listens; choose another address or port',
  ]);
});

test('domains without regard to case', () => {
  expect(
    runRule(uniqueDomains, {
      'envoy.config.route.v3.RouteConfiguration': [
        {
          virtual_hosts: [
            {
              domains: ['a.b', '*'],
            },
            {
              domains: ['A.B', '*.b'],
            },
            {
              domains: ['*'],
            },
          ],
        },
        {
          virtual_hosts: [
            {
              domains: ['*'],
            },
          ],
        },
      ],
    }),
  ).toEqual([
    "error unique-domain at RouteConfiguration[0].virtual_hosts[1].domains[0]: is 'A.B', which is taken by a virtual host before; name each domain once",
    "error unique-domain at RouteConfiguration[0].virtual_hosts[2].domains[0]: is '*', which is taken by a virtual host before; name each domain once",
  ]);
});

test('secrets by kind and name', () => {
  expect(
    runRule(uniqueSecrets, {
      'envoy.extensions.transport_sockets.tls.v3.Secret': [
        {
          name: 'a',
          tls_certificate: {},
        },
        {
          name: 'a',
          generic_secret: {},
        },
        {
          name: 'a',
          tls_certificate: {},
        },
      ],
    }),
  ).toEqual([
    "error unique-secret at Secret[2].name: is 'a' as another tls_certificate is; give each a name of its own",
  ]);
});

test('descriptors, upgrades and API keys', () => {
  expect(
    runRule(uniqueEntries, {
      'envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit': [
        {
          descriptors: [
            {
              entries: [
                {
                  key: 'a',
                  value: 'b',
                },
              ],
            },
            {
              entries: [
                {
                  key: 'a',
                  value: 'b',
                },
              ],
            },
          ],
        },
      ],
      'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager': [
        {
          upgrade_configs: [
            {
              upgrade_type: 'websocket',
            },
            {
              upgrade_type: 'WebSocket',
            },
          ],
        },
      ],
      'envoy.extensions.filters.http.api_key_auth.v3.ApiKeyAuth': [
        {
          credentials: [
            {
              key: 's3cret',
              client: 'a',
            },
            {
              key: 's3cret',
              client: 'b',
            },
          ],
        },
      ],
    }),
  ).toEqual([
    'error unique-descriptor at LocalRateLimit[0].descriptors[1]: counts [{"key":"a","value":"b"}] as a descriptor before does; remove one of them',
    "error unique-upgrade at HttpConnectionManager[0].upgrade_configs[1].upgrade_type: is 'websocket', which is there before; remove one of them",
    'error unique-api-key at ApiKeyAuth[0].credentials[1].key: is the key of another client too; give each client its own',
  ]);
});

test('bounds of circuit breakers by their priority', () => {
  expect(
    runRule(uniqueThresholds, {
      'envoy.config.cluster.v3.CircuitBreakers': [
        {
          thresholds: [{ max_retries: 1 }, { priority: 'HIGH' }, { priority: 'DEFAULT' }, { priority: 1 }],
          per_host_thresholds: [{ priority: 0 }, { priority: 'HIGH' }, {}],
        },
      ],
    }),
  ).toEqual([
    'warning unique-threshold at CircuitBreakers[0].thresholds[2]: are for priority DEFAULT as bounds before are, so that Envoy ignores these; write them there',
    'warning unique-threshold at CircuitBreakers[0].thresholds[3]: are for priority HIGH as bounds before are, so that Envoy ignores these; write them there',
    'warning unique-threshold at CircuitBreakers[0].per_host_thresholds[2]: are for priority DEFAULT as bounds before are, so that Envoy ignores these; write them there',
  ]);
});

test('prefixes of Redis are there once', () => {
  const routes = [{ prefix: 'a:' }, { prefix: 'b:' }, { prefix: 'a:' }];
  const type = 'envoy.extensions.filters.network.redis_proxy.v3.RedisProxy.PrefixRoutes';
  expect(runRule(uniqueEntries, { [type]: [{ routes }] })).toEqual([
    "error unique-prefix at PrefixRoutes[0].routes[2].prefix: is 'a:', which is there before; remove one of them",
  ]);
});
