import { apiConfigSource, nodeNamed, transportVersion } from '../../../../envoy/check/rules/config-sources';
import { runRule } from './run-rule';

test.each<[string, object, object]>([
  ['a file', { path_config_source: { path: '/a' } }, {}],
  ['a control plane', { api_config_source: {} }, { node: { id: 'a' } }],
  ['the common control plane', { ads: {} }, { node: { cluster: 'a', id: '' } }],
])('who asks %s says its name', (_, source, bootstrap) => {
  expect(
    runRule(nodeNamed, {
      'envoy.config.bootstrap.v3.Bootstrap': [bootstrap],
      'envoy.config.core.v3.ConfigSource': [source],
    }),
  ).toEqual(['error node-named at Bootstrap[0].node: needs an id and a cluster, by which Envoy asks ConfigSource[0]']);
});

test('a node needs an id and a cluster only if Envoy asks a control plane', () => {
  const asking = (bootstrap: object, source: object) =>
    runRule(nodeNamed, {
      'envoy.config.bootstrap.v3.Bootstrap': [bootstrap],
      'envoy.config.core.v3.ConfigSource': [source],
    });
  expect(asking({}, {})).toEqual([]);
  expect(asking({ node: { id: 'a', cluster: 'b' } }, { ads: {} })).toEqual([]);
  expect(asking({ node: { id: '${TfToken[TOKEN.1]}', cluster: 'b' } }, { ads: {} })).toEqual([]);
  expect(asking({ dynamic_resources: { ads_config: {} } }, {})).toEqual([
    'error node-named at Bootstrap[0].node: needs an id and a cluster, by which Envoy asks Bootstrap[0].dynamic_resources.ads_config',
  ]);
});

test('a control plane is asked by gRPC or by REST, and each has its own settings', () => {
  const sources = [
    { api_type: 'GRPC', grpc_services: [{}] },
    { api_type: 'REST', cluster_names: ['a'], refresh_delay: '1s' },
    { api_type: 'GRPC' },
    { api_type: 'REST', grpc_services: [{}] },
    { api_type: 'REST', cluster_names: ['a'] },
    { api_type: 'GRPC', grpc_services: [{}], cluster_names: ['a'] },
    { api_type: 'DELTA_GRPC', grpc_services: [{}, {}] },
  ];
  expect(runRule(apiConfigSource, { 'envoy.config.core.v3.ApiConfigSource': sources })).toEqual([
    'error api-config-source at ApiConfigSource[2]: asks nobody; set grpc_services, or cluster_names for REST',
    "error api-config-source at ApiConfigSource[3].grpc_services: is for gRPC, and api_type is not; set api_type to 'GRPC' or 'DELTA_GRPC'",
    'error api-config-source at ApiConfigSource[4]: asks by REST; set refresh_delay, how often it asks',
    'error api-config-source at ApiConfigSource[5].cluster_names: is for REST, and api_type is not; set grpc_services',
    'error api-config-source at ApiConfigSource[6].grpc_services: must be one service, got 2',
  ]);
});

test('the second version of the API is not spoken any more, and by HTTP none is', () => {
  const limits = [{ transport_api_version: 'V2' }, { transport_api_version: 'V3' }, {}];
  const authorization = [{ transport_api_version: 'V2', http_service: {} }];
  expect(
    runRule(transportVersion, {
      'envoy.config.ratelimit.v3.RateLimitServiceConfig': limits,
      'envoy.extensions.filters.http.ext_authz.v3.ExtAuthz': authorization,
    }),
  ).toEqual([
    "error transport-version at RateLimitServiceConfig[0].transport_api_version: must not be V2, which Envoy does not speak any more; use 'V3'",
  ]);
});
