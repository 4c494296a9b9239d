import { error, getField, getMessageType, hasField, type Node } from '../message-reader';
import type { Rule } from '../rule';
import { findHttpOptions } from './upstream-protocols';

/** Agreeing on a version of HTTP takes TLS, and HTTP/3 takes QUIC. */
export const upstreamSocket: Rule = (messages) =>
  messages('envoy.config.cluster.v3.Cluster').flatMap((cluster) => {
    const options = findHttpOptions(cluster);
    const socket = innermostSocket(getField(cluster, 'transport_socket', 'typed_config'));
    const type = getMessageType(socket);
    if (options === undefined || (type === undefined && hasField(cluster, 'transport_socket'))) {
      return [];
    }
    if (hasField(options, 'auto_config') && (type === undefined || type.endsWith('.RawBuffer'))) {
      return [
        error(
          'upstream-socket',
          getField(options, 'auto_config'),
          'agrees on a version of HTTP by TLS; set transport_socket',
        ),
      ];
    }
    const http3 = getField(options, 'explicit_http_config', 'http3_protocol_options');
    return hasField(getField(options, 'explicit_http_config'), 'http3_protocol_options') &&
      type?.endsWith('.QuicUpstreamTransport') !== true
      ? [error('upstream-socket', http3, 'needs transport_socket, with a QuicUpstreamTransport')]
      : [];
  });

/** The socket that others are wrapped around. */
function innermostSocket(socket: Node): Node {
  return hasField(socket, 'transport_socket')
    ? innermostSocket(getField(socket, 'transport_socket', 'typed_config'))
    : socket;
}

/** A socket for some endpoints alone is said; without, they would have none at all, not that of the cluster. */
export const matchedSocket: Rule = (messages) =>
  messages('envoy.config.cluster.v3.Cluster.TransportSocketMatch').flatMap((match) =>
    hasField(match, 'transport_socket')
      ? []
      : [error('matched-socket', match, 'names no socket; set transport_socket, for example that of raw_buffer')],
  );
