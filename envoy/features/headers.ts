import { merge, type ProxyFragment } from '../fragment';
import { refused } from '../malformed';
import { SEVERAL_HOSTS, SEVERAL_HOSTS_FILTER, TRACE, TRACE_FILTER } from '../names';
import { METHODS } from '../route-match';
import { oneOf, refuseUnknown } from '../values';

/**
 * Which request headers are believed and passed on. A request with several hosts gets 400, as HTTP/1.1 asks for. `TRACE` gets
 * 405: its answer is the request as the API got it, with the headers that proxies on the way added.
 */
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
    ...REFUSED,
    connectionManager: {
      ...REFUSED.connectionManager,
      // Nobody is internal. Docker shows every client of a published port with a private address, and Envoy would
      // obey its own x-envoy-* headers (time-outs, retries) from there.
      internal_address_config: { cidr_ranges: [NOBODY] },
      common_http_protocol_options: { headers_with_underscores_action: ACTIONS[underscores] },
    },
  };
}

/** Envoy makes one of several, with commas between. A host that has one by itself is nobody's. */
const HOSTS = { header: { name: ':authority', string_match: { contains: ',' } } };

// Not 501, which `errorBreaker` would count as a failure of the API.
const NOT_ALLOWED = {
  status_code: 405,
  body: { inline_string: 'Method Not Allowed' },
  headers_to_add: [{ header: { key: 'allow', value: METHODS.join(', ') } }],
};

const REFUSED = merge<ProxyFragment>([
  { by: 'headers', value: refused(SEVERAL_HOSTS_FILTER, SEVERAL_HOSTS, HOSTS) },
  {
    by: 'headers',
    value: refused(TRACE_FILTER, TRACE, { header: { name: ':method', string_match: { exact: 'TRACE' } } }, NOT_ALLOWED),
  },
]);

export const headers = { onByDefault: true as const, proxy };
