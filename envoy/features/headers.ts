import type { ProxyFragment } from '../fragment';
import { oneOf, refuseUnknown } from '../values';

/** Which request headers are believed and passed on. */
export interface HeaderOptions {
  /**
   * What becomes of header names with an underscore: `reject` answers 400, `drop` removes the header, `allow` passes it on.
   * Rejected by default: many APIs read `x_user` and `x-user` as one header, so one could be forged by the other.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge
   * @default 'reject'
   */
  readonly underscores?: 'reject' | 'drop' | 'allow';
}

/** An empty list would mean loopback addresses, from where the API in the same pod could send. */
const NOBODY = { address_prefix: '255.255.255.255', prefix_len: 32 };

const ACTIONS = { reject: 'REJECT_REQUEST', drop: 'DROP_HEADER', allow: 'ALLOW' } as const;

function proxy({ underscores = 'reject', ...unknown }: HeaderOptions): ProxyFragment {
  refuseUnknown('headers', unknown);
  oneOf('headers.underscores', underscores, ['reject', 'drop', 'allow']);
  return {
    connectionManager: {
      // Nobody is internal. Docker shows every client of a published port with a private address, and Envoy would
      // obey its own x-envoy-* headers (time-outs, retries) from there.
      internal_address_config: { cidr_ranges: [NOBODY] },
      common_http_protocol_options: { headers_with_underscores_action: ACTIONS[underscores] },
    },
  };
}

export const headers = { onByDefault: true as const, proxy };
