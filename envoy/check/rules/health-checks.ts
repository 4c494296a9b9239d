import { child, error, has, items, type Node, text } from '../message-reader';
import type { Rule } from '../rule';
import { httpOptions } from './upstream-protocols';

/** Several health checks are told apart by their names; before 1.40, which has these, a cluster has one. */
export const healthCheckNames: Rule = (messages) =>
  messages('envoy.config.cluster.v3.Cluster').flatMap((cluster) => {
    const checks = items(cluster, 'health_checks');
    return checks.length < 2
      ? []
      : checks
          .filter((check) => !has(check, 'name'))
          .map((check) =>
            error(
              'health-check-name',
              check,
              'needs a name, as one of several, which Envoy takes since 1.40; keep one',
            ),
          );
  });

/** What a check sends and waits for is written in pairs of hexadecimal digits. */
export const healthCheckPayload: Rule = (messages) => [
  ...messages('envoy.config.core.v3.HealthCheck.Payload').flatMap((payload) => {
    const node = child(payload, 'text');
    const hex = text(node);
    return hex === undefined || /^([0-9a-f]{2})+$/i.test(hex)
      ? []
      : [
          error(
            'health-check-payload',
            node,
            `must be hexadecimal digits, two for each byte, got ${JSON.stringify(hex)}; write for example '50494e47' for 'PING'`,
          ),
        ];
  }),
  ...messages('envoy.config.core.v3.HealthCheck.HttpHealthCheck').flatMap((check) => {
    const method = text(child(check, 'method')) ?? 'GET';
    return has(check, 'send') && !['POST', 'PUT', 'PATCH', 'OPTIONS'].includes(method)
      ? [
          error(
            'health-check-payload',
            child(check, 'send'),
            `is a body, which ${method} has none of; set method to POST, PUT, PATCH or OPTIONS`,
          ),
        ]
      : [];
  }),
];

/** gRPC is spoken over HTTP/2. */
export const grpcHealthCheck: Rule = (messages) =>
  messages('envoy.config.cluster.v3.Cluster').flatMap((cluster) =>
    speaksHttp2(cluster)
      ? []
      : items(cluster, 'health_checks')
          .filter((check) => has(check, 'grpc_health_check'))
          .map((check) =>
            error(
              'grpc-health-check',
              child(check, 'grpc_health_check'),
              'needs HTTP/2, which the cluster does not speak; set explicit_http_config.http2_protocol_options in its HttpProtocolOptions',
            ),
          ),
  );

function speaksHttp2(cluster: Node): boolean {
  const options = httpOptions(cluster);
  return options === undefined
    ? has(cluster, 'http2_protocol_options')
    : has(options, 'auto_config') ||
        ['explicit_http_config', 'use_downstream_protocol_config'].some((way) =>
          has(child(options, way), 'http2_protocol_options'),
        );
}

/** The check of Thrift speaks some of Thrift's transports and protocols. */
export const thriftHealthCheck: Rule = (messages) =>
  messages('envoy.extensions.health_checkers.thrift.v3.Thrift').flatMap((check) => {
    const [transport, protocol] = ['transport', 'protocol'].map((field) => child(check, field));
    const unknown = [
      [transport, 'AUTO_TRANSPORT', 'FRAMED'],
      [protocol, 'AUTO_PROTOCOL', 'BINARY'],
      [protocol, 'TWITTER', 'BINARY'],
    ] as const;
    const wrong = unknown.filter(([field, refused]) => (field?.value ?? refused.replace('TWITTER', '')) === refused);
    return transport?.value === 'HEADER' && protocol?.value === 'LAX_BINARY'
      ? [error('thrift-health-check', protocol, "can't be LAX_BINARY with the transport HEADER; use 'BINARY'")]
      : wrong.flatMap(([field, refused, remedy]) =>
          field ? [error('thrift-health-check', field, `can't be ${refused}; set it, for example to '${remedy}'`)] : [],
        );
  });
