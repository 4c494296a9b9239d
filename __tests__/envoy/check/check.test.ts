import { parse } from 'yaml';
import { check } from '../../../envoy/check/check';
import { pathText } from '../../../envoy/messages/path';
import { ENVOY_VERSIONS, type EnvoyVersion } from '../../../envoy/messages/schema/envoy-minors';
import { loadModel } from '../../../envoy/messages/schema/load';
import { goldenNames, goldenYaml } from '../../golden-configs';

const ALL = goldenNames.flatMap((name) => {
  const config: unknown = parse(goldenYaml(name), { version: '1.1' });
  return ENVOY_VERSIONS.map((version) => [name, version, config] as const);
});

const texts = (config: unknown, version?: EnvoyVersion) =>
  check(config, version ? { version } : {}).map(({ path, message }) => `${pathText(path)} ${message}`);

test.each(ALL)('finds no problem in the golden configuration %s for Envoy %s', (_, version, config) => {
  expect(check(config, { version })).toEqual([]);
});

test('the versions are those of the model', () => {
  expect(loadModel().versions).toEqual(ENVOY_VERSIONS);
});

test('another version is refused', () => {
  expect(() => check({}, { version: '1.36' as EnvoyVersion })).toThrow(
    new Error('Envoy 1.36 is not supported; choose one of 1.37, 1.38, 1.39, 1.40'),
  );
});

test('a field of a later version says so', () => {
  const cluster = { name: 'a', type: 'STATIC', stats_matcher: { reject_all: true } };
  const config = { static_resources: { clusters: [cluster] } };
  expect(texts(config)).toEqual([
    'static_resources.clusters[0].stats_matcher needs Envoy 1.40 or later, this is checked for 1.39',
  ]);
  expect(texts(config, '1.40')).toEqual([]);
});

test('problems come in the order of the configuration, with what is missing last in its object', () => {
  const config = {
    static_resources: {
      listeners: [{ name: 'l', address: { socket_address: { address: '127.0.0.1', port_value: 70000 } }, bogus: 1 }],
      clusters: [
        { connectTimeout: '5m', lb_policy: 'ROUND' },
        { name: 'b', type: 'STATIC', cluster_type: { name: 'envoy.cluster.static' } },
      ],
    },
    admin: { address: {}, acces_log: [] },
  };
  expect(texts(config)).toEqual([
    'static_resources.listeners[0] has nothing to do; add one to filter_chains',
    'static_resources.listeners[0].address.socket_address.port_value must be 65535 at the most, got 70000',
    'static_resources.listeners[0].bogus is not a field of Listener',
    "static_resources.clusters[0].connectTimeout must be seconds with an 's' behind, got \"5m\"; write for example '300s'",
    'static_resources.clusters[0].lb_policy is not a value of LbPolicy (did you mean \'ROUND_ROBIN\'?), got "ROUND"; choose one of ROUND_ROBIN, LEAST_REQUEST, RING_HASH, RANDOM, MAGLEV, CLUSTER_PROVIDED, LOAD_BALANCING_POLICY_CONFIG',
    'static_resources.clusters[0].name needs at least 1 character',
    'static_resources.clusters[1].cluster_type only one of type, cluster_type may be set, and type is',
    'admin.address needs one of socket_address, pipe, envoy_internal_address',
    "admin.acces_log is not a field of Admin (did you mean 'access_log'?)",
  ]);
});

test('a place is told as it is written, with an object for a list and the other spelling', () => {
  const endpoint = { address: { socketAddress: { address: 'db', portValue: '80' } } };
  const cluster = { name: 'a', loadAssignment: { clusterName: 'a', endpoints: { lbEndpoints: { endpoint } } } };
  const config = { staticResources: { clusters: cluster } };
  expect(
    check(config)
      .filter(({ severity }) => severity === 'error')
      .map(({ path, message }) => `${pathText(path)} ${message}`),
  ).toEqual([
    "staticResources.clusters.loadAssignment.endpoints.lbEndpoints.endpoint.address.socketAddress.address is 'db', which is no IP address; write it as a number, or set the cluster's type to STRICT_DNS",
  ]);
});

test.each([null, undefined, [], 'static_resources: {}', 1])('no configuration at all is one problem: %p', (config) => {
  expect(check(config)).toEqual([
    {
      severity: 'error',
      path: [],
      rule: 'message',
      message: expect.stringMatching(/^must be an object \(Bootstrap\), got /),
    },
  ]);
});

/** The actions of a rate limit, of which one is deprecated and refused by Envoy 1.37 to 1.40. */
const deprecated = (layered_runtime: unknown) => ({
  layered_runtime,
  static_resources: {
    listeners: [
      {
        name: 'l',
        address: { socket_address: { address: '127.0.0.1', port_value: 80 } },
        filter_chains: [
          {
            filters: [
              {
                name: 'h',
                typed_config: {
                  '@type':
                    'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
                  stat_prefix: 'a',
                  route_config: {
                    virtual_hosts: [
                      {
                        name: 'a',
                        domains: ['*'],
                        rate_limits: [
                          {
                            actions: [
                              {
                                dynamic_metadata: {
                                  descriptor_key: 'k',
                                  metadata_key: { key: 'a', path: [{ key: 'b' }] },
                                },
                              },
                            ],
                          },
                        ],
                      },
                    ],
                  },
                },
              },
            ],
          },
        ],
      },
    ],
  },
});

test.each<[string, unknown, 'error' | 'warning']>([
  ['nothing', {}, 'error'],
  [
    'its own key',
    { 'envoy.deprecated_features:envoy.config.route.v3.RateLimit.Action.dynamic_metadata': true },
    'warning',
  ],
  ['the key for all', { 'envoy.features.enable_all_deprecated_features': 'true' }, 'warning'],
  [
    'its own key as false',
    { 'envoy.deprecated_features:envoy.config.route.v3.RateLimit.Action.dynamic_metadata': false },
    'error',
  ],
  ['another key', { 'envoy.deprecated_features:envoy.config.route.v3.RateLimit.Action.other': true }, 'error'],
])('what Envoy refuses as deprecated, with %s in its runtime', (_, static_layer, severity) => {
  const problems = check(deprecated({ layers: [{ name: 's', static_layer }] }));
  expect(problems.filter(({ rule }) => rule.startsWith('deprecated')).map((problem) => problem.severity)).toEqual([
    severity,
  ]);
});
