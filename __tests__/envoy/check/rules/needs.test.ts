import {
  descriptorExpression,
  filterConfigSet,
  headerToMetadata,
  matchedSocket,
  metadataSource,
  mtlsAuthenticated,
  nodeNamed,
  zipkinVersion,
} from '../../../../envoy/check/rules/needs';
import { verdict } from './run-rule';

test('Zipkin is spoken in a version that Envoy has', () => {
  const said = "speaks a version that Envoy does not; set collector_endpoint_version to 'HTTP_JSON' or 'HTTP_PROTO'";
  const tracers = [
    {},
    ...['DEPRECATED_AND_UNAVAILABLE_DO_NOT_USE', 'GRPC', 99, 'HTTP_JSON', 'HTTP_PROTO'].map((version) => ({
      collector_endpoint_version: version,
    })),
    { collector_service: {} },
  ];
  expect(verdict(zipkinVersion, { 'envoy.config.trace.v3.ZipkinConfig': tracers })).toEqual([
    `error zipkin-version at ZipkinConfig[0]: ${said}`,
    ...[1, 2, 3].map((place) => `error zipkin-version at ZipkinConfig[${place}].collector_endpoint_version: ${said}`),
  ]);
});

test.each<[string, object, object]>([
  ['a file', { path_config_source: { path: '/a' } }, {}],
  ['a control plane', { api_config_source: {} }, { node: { id: 'a' } }],
  ['the common control plane', { ads: {} }, { node: { cluster: 'a', id: '' } }],
])('who asks %s says its name', (_, source, bootstrap) => {
  expect(
    verdict(nodeNamed, {
      'envoy.config.bootstrap.v3.Bootstrap': [bootstrap],
      'envoy.config.core.v3.ConfigSource': [source],
    }),
  ).toEqual(['error node-named at Bootstrap[0].node: needs an id and a cluster, by which Envoy asks ConfigSource[0]']);
});

test('who asks nobody needs no name, and a common control plane is asked', () => {
  const asking = (bootstrap: object, source: object) =>
    verdict(nodeNamed, {
      'envoy.config.bootstrap.v3.Bootstrap': [bootstrap],
      'envoy.config.core.v3.ConfigSource': [source],
    });
  expect(asking({}, {})).toEqual([]);
  expect(asking({ node: { id: 'a', cluster: 'b' } }, { ads: {} })).toEqual([]);
  expect(asking({ dynamic_resources: { ads_config: {} } }, {})).toEqual([
    'error node-named at Bootstrap[0].node: needs an id and a cluster, by which Envoy asks Bootstrap[0].dynamic_resources.ads_config',
  ]);
});

test('metadata has one source', () => {
  const rules = [{}, { header: '' }, { header: 'a', cookie: 'b' }, { header: 'a' }, { cookie: 'b' }];
  expect(verdict(metadataSource, { 'envoy.extensions.filters.http.header_to_metadata.v3.Config.Rule': rules })).toEqual(
    [0, 1, 2].map(
      (place) => `error metadata-source at Rule[${place}]: must be taken from a header or a cookie; set one of the two`,
    ),
  );
});

test('a cache and a filter of a route say what they do', () => {
  expect(
    verdict(filterConfigSet, {
      'envoy.config.route.v3.FilterConfig': [{}, { disabled: true }, { config: {} }],
      'envoy.extensions.filters.http.cache.v3.CacheConfig': [{ disabled: false }, { typed_config: {} }],
    }),
  ).toEqual([
    'error filter-config at FilterConfig[0]: says nothing; set config, or disabled: true',
    'error filter-config at CacheConfig[0]: says nothing; set typed_config, or disabled: true',
  ]);
});

test('a rate limit by an expression has one', () => {
  expect(
    verdict(descriptorExpression, {
      'envoy.extensions.rate_limit_descriptors.expr.v3.Descriptor': [
        { descriptor_key: 'a' },
        { descriptor_key: 'b', text: 'request.path' },
        { descriptor_key: 'c', parsed: {} },
      ],
    }),
  ).toEqual(['error descriptor-expression at Descriptor[0]: counts by no expression; set text']);
});

test('who shows a certificate is told by something about it', () => {
  const said = 'asks nothing of a certificate; set san_matcher, or any_validated_client_certificate: true';
  expect(
    verdict(mtlsAuthenticated, {
      'envoy.extensions.rbac.principals.mtls_authenticated.v3.Config': [
        {},
        { any_validated_client_certificate: false },
        { any_validated_client_certificate: true },
        { san_matcher: {} },
      ],
    }),
  ).toEqual([0, 1].map((place) => `error mtls-authenticated at Config[${place}]: ${said}`));
});

test('the socket for some endpoints is named', () => {
  expect(
    verdict(matchedSocket, {
      'envoy.config.cluster.v3.Cluster.TransportSocketMatch': [{ name: 'a' }, { name: 'b', transport_socket: {} }],
    }),
  ).toEqual([
    'error matched-socket at TransportSocketMatch[0]: names no socket; set transport_socket, for example that of raw_buffer',
  ]);
});

test('a route says something to the filter that makes metadata of headers', () => {
  expect(
    verdict(headerToMetadata, {
      'envoy.extensions.filters.http.header_to_metadata.v3.Config': [
        { at: ['http_filters', 0, 'typed_config'] },
        { at: ['routes', 0, 'typed_per_filter_config', 'a'] },
        { at: ['routes', 1, 'typed_per_filter_config', 'a'], response_rules: [{ header: 'a' }] },
      ],
      'envoy.extensions.filters.http.header_to_metadata.v3.Config.Rule': [
        { header: 'a', on_header_missing: { key: 'a', value: 'b' } },
        { header: 'a', on_header_present: { key: 'a' } },
        { header: 'a', on_header_missing: { key: 'a' } },
      ],
    }),
  ).toEqual([
    'error header-to-metadata at routes[0].typed_per_filter_config.a: says nothing; set request_rules or response_rules',
    'error header-to-metadata at Rule[2].on_header_missing: stands for a header with nothing; set value',
  ]);
});
