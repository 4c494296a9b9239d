import { child, error, has, type Node, typeName } from '../message-reader';
import type { Rule } from '../rule';
import { httpOptions } from './upstream-protocols';

/** Agreeing on a version of HTTP takes TLS, and HTTP/3 takes QUIC. */
export const upstreamSocket: Rule = (messages) =>
  messages('envoy.config.cluster.v3.Cluster').flatMap((cluster) => {
    const options = httpOptions(cluster);
    const socket = innermost(child(cluster, 'transport_socket', 'typed_config'));
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
    const http3 = child(options, 'explicit_http_config', 'http3_protocol_options');
    return has(child(options, 'explicit_http_config'), 'http3_protocol_options') &&
      type?.endsWith('.QuicUpstreamTransport') !== true
      ? [error('upstream-socket', http3, 'needs transport_socket, with a QuicUpstreamTransport')]
      : [];
  });

/** The socket that others are wrapped around. */
function innermost(socket: Node): Node {
  return has(socket, 'transport_socket') ? innermost(child(socket, 'transport_socket', 'typed_config')) : socket;
}

/** A socket for some endpoints alone is said; without, they would have none at all, not that of the cluster. */
export const matchedSocket: Rule = (messages) =>
  messages('envoy.config.cluster.v3.Cluster.TransportSocketMatch').flatMap((match) =>
    has(match, 'transport_socket')
      ? []
      : [error('matched-socket', match, 'names no socket; set transport_socket, for example that of raw_buffer')],
  );
