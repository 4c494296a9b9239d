import { grpcHealthCheck, healthCheckPayload } from '../../../../envoy/check/rules/health-checks';
import { runRule } from './run-rule';

const KEY = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
const speaking = (options: object) => ({
  health_checks: [{ grpc_health_check: {} }],
  typed_extension_protocol_options: { [KEY]: { '@type': `type.googleapis.com/${KEY}`, ...options } },
});

test('gRPC needs HTTP/2', () => {
  const clusters = [
    { health_checks: [{ tcp_health_check: {} }, { grpc_health_check: {} }] },
    speaking({ explicit_http_config: { http_protocol_options: {} } }),
    speaking({ use_downstream_protocol_config: {} }),
    speaking({ explicit_http_config: { http2_protocol_options: {} } }),
    speaking({ use_downstream_protocol_config: { http2_protocol_options: {} } }),
    speaking({ auto_config: {} }),
    { health_checks: [{ grpc_health_check: {} }], http2_protocol_options: {} },
    { health_checks: [{ http_health_check: {} }] },
  ];
  const said =
    'needs HTTP/2, which the cluster does not speak; set explicit_http_config.http2_protocol_options in its HttpProtocolOptions';
  expect(runRule(grpcHealthCheck, { 'envoy.config.cluster.v3.Cluster': clusters })).toEqual([
    `error grpc-health-check at Cluster[0].health_checks[1].grpc_health_check: ${said}`,
    `error grpc-health-check at Cluster[1].health_checks[0].grpc_health_check: ${said}`,
    `error grpc-health-check at Cluster[2].health_checks[0].grpc_health_check: ${said}`,
  ]);
});

test('a payload is pairs of hexadecimal digits, and goes with a method that has a body', () => {
  expect(
    runRule(healthCheckPayload, {
      'envoy.config.core.v3.HealthCheck.Payload': ['0', 'zz', ' ', '00', 'aF01'].map((text) => ({
        text,
      })),
      'envoy.config.core.v3.HealthCheck.HttpHealthCheck': [
        { send: {} },
        { send: {}, method: 'DELETE' },
        { send: {}, method: 'POST' },
        { method: 'GET' },
      ],
    }),
  ).toEqual([
    ...[0, 1, 2].map(
      (place) =>
        `error health-check-payload at Payload[${place}].text: must be hexadecimal digits, two for each byte, got "${['0', 'zz', ' '][place]}"; write for example '50494e47' for 'PING'`,
    ),
    'error health-check-payload at HttpHealthCheck[0].send: is a body, which GET has none of; set method to POST, PUT, PATCH or OPTIONS',
    'error health-check-payload at HttpHealthCheck[1].send: is a body, which DELETE has none of; set method to POST, PUT, PATCH or OPTIONS',
  ]);
});
