import { child, descendant, entries, error, has, type Node, quoted, typeName } from '../message-reader';
import type { Rule } from '../rule';
import { PROTOCOL_OPTIONS } from '../walk/protocol-options';

const HTTP_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/** How a cluster speaks HTTP, where that is said. */
export function httpOptions(cluster: Node): Node | undefined {
  return entries(cluster, 'typed_extension_protocol_options')
    .map(([, options]) => options)
    .find((options) => typeName(options) === HTTP_OPTIONS);
}

/** Agreeing on a version of HTTP takes TLS, and HTTP/3 takes QUIC. */
export const upstreamSocket: Rule = (messages) =>
  messages('envoy.config.cluster.v3.Cluster').flatMap((cluster) => {
    const options = httpOptions(cluster);
    const socket = innermost(descendant(cluster, 'transport_socket', 'typed_config'));
    const type = typeName(socket);
    if (options === undefined || (type === undefined && has(cluster, 'transport_socket'))) {
      return [];
    }
    if (has(options, 'auto_config') && (type === undefined || type.endsWith('.RawBuffer'))) {
      return [
        error(
          'upstream-socket',
          child(options, 'auto_config'),
          'agrees on a version of HTTP by TLS; set transport_socket',
        ),
      ];
    }
    const http3 = descendant(options, 'explicit_http_config', 'http3_protocol_options');
    return has(child(options, 'explicit_http_config'), 'http3_protocol_options') &&
      type?.endsWith('.QuicUpstreamTransport') !== true
      ? [error('upstream-socket', http3, 'needs transport_socket, with a QuicUpstreamTransport')]
      : [];
  });

/** The socket that others are wrapped around. */
function innermost(socket: Node): Node {
  return has(socket, 'transport_socket') ? innermost(descendant(socket, 'transport_socket', 'typed_config')) : socket;
}

/** Envoy finds the options of a protocol by the key that they stand under, and not by their type. */
export const protocolOptionsName: Rule = (messages) =>
  messages('envoy.config.cluster.v3.Cluster').flatMap((cluster) =>
    entries(cluster, 'typed_extension_protocol_options')
      .filter(([key]) => !Object.hasOwn(PROTOCOL_OPTIONS, key))
      .map(([, options]) => {
        const type = typeName(options);
        const [meant] = Object.entries(PROTOCOL_OPTIONS).find(([, each]) => each === type) ?? [];
        const remedy =
          meant === undefined ? `use one of ${quoted(Object.keys(PROTOCOL_OPTIONS))}` : `call it '${meant}'`;
        return error('protocol-options-name', options, `is under a key that Envoy does not know; ${remedy}`);
      }),
  );
