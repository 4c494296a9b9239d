import { isIp, isIpv4 } from '../../options/ip';
import { error, getField, getItems, hasField, type Node, readNumber, readText, warning } from '../message-reader';
import type { Messages, Rule, RuleProblem } from '../rule';
import { utf8Length } from '../walk/constraints';
import { discoveryType } from './endpoint-discovery';

const STATSD = [
  'envoy.config.metrics.v3.StatsdSink',
  'envoy.config.metrics.v3.DogStatsdSink',
  'envoy.extensions.stat_sinks.graphite_statsd.v3.GraphiteStatsdSink',
];

/** Where Envoy takes an IP address and looks up no name. */
export const ipAddress: Rule = (messages) => {
  const sockets: readonly Node[] = [
    ...messages('envoy.config.listener.v3.Listener').flatMap((listener) => [
      getField(listener, 'address', 'socket_address'),
      ...getItems(listener, 'additional_addresses').map((more) => getField(more, 'address', 'socket_address')),
    ]),
    ...messages('envoy.config.bootstrap.v3.Admin').map((admin) => getField(admin, 'address', 'socket_address')),
    ...STATSD.flatMap((type) => messages(type)).map((sink) => getField(sink, 'address', 'socket_address')),
    ...messages('envoy.config.trace.v3.XRayConfig').map((xray) => getField(xray, 'daemon_endpoint')),
    ...messages('envoy.config.core.v3.BindConfig').map((bind) => getField(bind, 'source_address')),
    ...messages('envoy.config.endpoint.v3.Endpoint.HealthCheckConfig').map((check) =>
      getField(check, 'address', 'socket_address'),
    ),
  ];
  return [
    ...sockets.flatMap((socket) => checkAddress(socket, "write it as a number, for example '0.0.0.0' or '127.0.0.1'")),
    ...messages('envoy.config.cluster.v3.Cluster')
      .filter((cluster) => discoveryType(cluster) === 'STATIC')
      .flatMap(endpointAddresses)
      .flatMap((socket) => checkAddress(socket, "write it as a number, or set the cluster's type to STRICT_DNS")),
  ];
};

function checkAddress(socket: Node, remedy: string): readonly RuleProblem[] {
  const address = getField(socket, 'address');
  const host = readText(address);
  if (readText(getField(socket, 'resolver_name')) !== undefined) {
    return [];
  }
  if (hasField(socket, 'named_port')) {
    return [
      error('ip-address', getField(socket, 'named_port'), 'is a port by name, which needs DNS; write it as port_value'),
    ];
  }
  return host === undefined || isIp(host)
    ? []
    : [error('ip-address', address, `is '${host}', which is no IP address; ${remedy}`)];
}

/** Names that are looked up look like names. Envoy takes anything, and then never finds it. */
export const dnsName: Rule = (messages) =>
  messages('envoy.config.cluster.v3.Cluster')
    .filter((cluster) => ['STRICT_DNS', 'LOGICAL_DNS'].includes(discoveryType(cluster)))
    .flatMap(endpointAddresses)
    .flatMap((socket) => {
      const address = getField(socket, 'address');
      const host = readText(address);
      return host === undefined || isIp(host) || /^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?$/.test(host)
        ? []
        : [
            warning(
              'dns-name',
              address,
              `is '${host}', which is no host name; write the name alone, with the port in port_value`,
            ),
          ];
    });

/** Sockets in the file system, which the kernel bounds. An abstract one, with '@' in front, may hold anything. */
export const pipePath: Rule = (messages) =>
  messages('envoy.config.core.v3.Pipe').flatMap((pipe) => {
    const node = getField(pipe, 'path');
    const path = readText(node) ?? '';
    if (utf8Length(path) > 107) {
      return [error('pipe-path', node, `may have 107 bytes at the most, has ${utf8Length(path)}`)];
    }
    return path.includes('\0') && !path.startsWith('@')
      ? [error('pipe-path', node, `holds the character NUL, got ${JSON.stringify(path)}; remove it`)]
      : [];
  });

/** Ranges of addresses: an address, and no more bits than it has. */
export const cidrRange: Rule = (messages: Messages) =>
  ['envoy.config.core.v3.CidrRange', 'xds.core.v3.CidrRange'].flatMap(messages).flatMap((range) => {
    const address = getField(range, 'address_prefix');
    const prefix = readText(address);
    if (prefix === undefined) {
      return [];
    }
    if (!isIp(prefix)) {
      const remedy = prefix.includes('/') ? 'write the bits as prefix_len' : "write for example '10.0.0.0'";
      return [error('cidr-range', address, `is '${prefix}', which is no IP address; ${remedy}`)];
    }
    const length = getField(range, 'prefix_len');
    const bits = readNumber(length);
    return isIpv4(prefix) && bits !== undefined && bits > 32 && bits <= 128
      ? [warning('cidr-range', length, `is ${bits}, and an IPv4 address has 32 bits; write 32 for one address`)]
      : [];
  });

/** The socket addresses of what a cluster names itself. */
function endpointAddresses(cluster: Node): readonly Node[] {
  return getItems(getField(cluster, 'load_assignment'), 'endpoints').flatMap((locality) =>
    getItems(locality, 'lb_endpoints').map((host) => getField(host, 'endpoint', 'address', 'socket_address')),
  );
}
