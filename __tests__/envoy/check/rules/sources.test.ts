import {
  admission,
  apiConfigSource,
  apiKeySource,
  dnsCache,
  endpointAddress,
  transportVersion,
} from '../../../../envoy/check/rules/sources';
import { verdict } from './run-rule';

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
  expect(verdict(apiConfigSource, { 'envoy.config.core.v3.ApiConfigSource': sources })).toEqual([
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
    verdict(transportVersion, {
      'envoy.config.ratelimit.v3.RateLimitServiceConfig': limits,
      'envoy.extensions.filters.http.ext_authz.v3.ExtAuthz': authorization,
    }),
  ).toEqual([
    "error transport-version at RateLimitServiceConfig[0].transport_api_version: must not be V2, which Envoy does not speak any more; use 'V3'",
  ]);
});

test('an endpoint of a STATIC cluster is somewhere', () => {
  const at = (endpoint: object) => ({ load_assignment: { endpoints: [{ lb_endpoints: [endpoint] }] } });
  const clusters = [
    at({}),
    { type: 'STATIC', ...at({ endpoint: {} }) },
    at({ endpoint: { address: {} } }),
    at({ endpoint_name: 'a' }),
    { type: 'EDS', ...at({}) },
    { cluster_type: {}, ...at({}) },
  ];
  const place = 'load_assignment.endpoints[0].lb_endpoints[0]: is nowhere; set endpoint.address';
  expect(verdict(endpointAddress, { 'envoy.config.cluster.v3.Cluster': clusters })).toEqual([
    `error endpoint-address at Cluster[0].${place}`,
    `error endpoint-address at Cluster[1].${place}`,
  ]);
});

test('one cache has one configuration, in whatever order it is written', () => {
  const caches = [
    { name: 'a', dns_lookup_family: 'V4_ONLY', max_hosts: 5 },
    { name: 'a', max_hosts: 5, dns_lookup_family: 'V4_ONLY' },
    { name: 'b' },
    { name: 'a' },
  ];
  expect(verdict(dnsCache, { 'envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig': caches })).toEqual([
    "error dns-cache at DnsCacheConfig[3]: is 'a', which is set up differently before; make them alike, or rename it",
  ]);
});

test('an API key comes from somewhere', () => {
  const sources = [{}, { header: '' }, { header: 'x' }, { query: 'x' }, { cookie: 'x' }];
  expect(verdict(apiKeySource, { 'envoy.extensions.filters.http.api_key_auth.v3.KeySource': sources })).toEqual([
    'error api-key-source at KeySource[0]: says nothing; set header, query or cookie',
    'error api-key-source at KeySource[1]: says nothing; set header, query or cookie',
  ]);
});

test('success is at least one in a hundred, and has statuses that there are', () => {
  const filter = 'envoy.extensions.filters.http.admission_control.v3.AdmissionControl';
  const threshold = (value: number) => ({ sr_threshold: { default_value: { value } } });
  expect(
    verdict(admission, {
      [filter]: [{}, threshold(0.9), threshold(1)],
      [`${filter}.SuccessCriteria.HttpCriteria`]: [
        {
          http_success_status: [
            { start: 100, end: 600 },
            { start: 99, end: 300 },
          ],
        },
      ],
      [`${filter}.SuccessCriteria.GrpcCriteria`]: [{ grpc_success_status: [0, 16, 17] }],
    }),
  ).toEqual([
    'error admission at AdmissionControl[1].sr_threshold.default_value.value: must be at least 1 %, got 0.9',
    'error admission at HttpCriteria[0].http_success_status[1]: is from 99 to before 300; stay within 100 and 600',
    'error admission at GrpcCriteria[0].grpc_success_status[2]: is no status of gRPC, got 17; they are 0 to 16',
  ]);
});
