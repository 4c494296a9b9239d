import { zipkinCollector, zipkinVersion } from '../../../../envoy/check/rules/tracing';
import { runRule } from './run-rule';

test('Zipkin is spoken in a version that Envoy has', () => {
  const said = "speaks a version that Envoy does not; set collector_endpoint_version to 'HTTP_JSON' or 'HTTP_PROTO'";
  const tracers = [
    {},
    ...['DEPRECATED_AND_UNAVAILABLE_DO_NOT_USE', 'GRPC', 99, 'HTTP_JSON', 'HTTP_PROTO'].map((version) => ({
      collector_endpoint_version: version,
    })),
    { collector_service: {} },
  ];
  expect(runRule(zipkinVersion, { 'envoy.config.trace.v3.ZipkinConfig': tracers })).toEqual([
    `error zipkin-version at ZipkinConfig[0]: ${said}`,
    ...[1, 2, 3].map((place) => `error zipkin-version at ZipkinConfig[${place}].collector_endpoint_version: ${said}`),
  ]);
});

test('rejects Zipkin without a collector, and accepts one that Terraform alone knows', () => {
  const tracers = [
    { collector_endpoint: '/spans' },
    { collector_cluster: '${TfToken[TOKEN.1]}', collector_endpoint: '/spans' },
    { collector_service: {} },
  ];
  expect(runRule(zipkinCollector, { 'envoy.config.trace.v3.ZipkinConfig': tracers })).toEqual([
    'error zipkin-collector at ZipkinConfig[0]: sends its spans nowhere; set collector_cluster',
  ]);
});
