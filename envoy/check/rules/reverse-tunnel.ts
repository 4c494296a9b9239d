import { error } from '../message-reader';
import type { Rule } from '../rule';

const REVERSE_SOCKETS =
  'envoy.extensions.bootstrap.reverse_tunnel.upstream_socket_interface.v3.UpstreamReverseConnectionSocketInterface';

/** Since 1.40, Envoy looks for the sockets of a reverse tunnel when it starts. */
export const reverseTunnel: Rule = (messages, version) =>
  version === '1.40' && messages(REVERSE_SOCKETS).length === 0
    ? messages('envoy.extensions.filters.network.reverse_tunnel.v3.ReverseTunnel').map((tunnel) =>
        error('reverse-tunnel', tunnel, `needs ${REVERSE_SOCKETS} in bootstrap_extensions`),
      )
    : [];
