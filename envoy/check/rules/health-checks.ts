import { error, getField, getItems, hasField, type Node, readText } from '../message-reader';
import type { Rule } from '../rule';
import { findHttpOptions } from './upstream-protocols';

/** Several health checks are told apart by their names; before 1.40, which has these, a cluster has one. */
export const healthCheckNames: Rule = (messages) =>
  messages('envoy.config.cluster.v3.Cluster').flatMap((cluster) => {
    const checks = getItems(cluster, 'health_checks');
    return checks.length < 2
      ? []
      : checks
          .filter((check) => !hasField(check, 'name'))
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
    const node = getField(payload, 'text');
    const hex = readText(node);
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
    const method = readText(getField(check, 'method')) ?? 'GET';
    return hasField(check, 'send') && !['POST', 'PUT', 'PATCH', 'OPTIONS'].includes(method)
      ? [
          error(
            'health-check-payload',
            getField(check, 'send'),
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
      : getItems(cluster, 'health_checks')
          .filter((check) => hasField(check, 'grpc_health_check'))
          .map((check) =>
            error(
              'grpc-health-check',
              getField(check, 'grpc_health_check'),
              'needs HTTP/2, which the cluster does not speak; set explicit_http_config.http2_protocol_options in its HttpProtocolOptions',
            ),
          ),
  );

function speaksHttp2(cluster: Node): boolean {
  const options = findHttpOptions(cluster);
  return options === undefined
    ? hasField(cluster, 'http2_protocol_options')
    : hasField(options, 'auto_config') ||
        ['explicit_http_config', 'use_downstream_protocol_config'].some((way) =>
          hasField(getField(options, way), 'http2_protocol_options'),
        );
}

/** The check of Thrift speaks some of Thrift's transports and protocols. */
export const thriftHealthCheck: Rule = (messages) =>
  messages('envoy.extensions.health_checkers.thrift.v3.Thrift').flatMap((check) => {
    const [transport, protocol] = ['transport', 'protocol'].map((field) => getField(check, field));
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
