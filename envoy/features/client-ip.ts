import type { ProxyFragment } from '../fragments/fragment';
import { extension } from '../messages/builders';
import { earlyHeaderMutation, setHeader } from '../messages/header-mutations';
import { type Network, network } from '../options/cidr';
import { integer } from '../options/units';
import { invalidOption, oneOf, refuseUnknown } from '../options/validate';

/**
 * Decides which address counts as the client's, for rate limits, rules and the access log. The API receives it in
 * `x-envoy-external-address`. Some container engines connect to a published port from their gateway (a userland proxy,
 * rootless engines, desktop engines, IPv6 clients of an IPv4 network). All clients then share its address.
 *
 * - `'direct'`: the address of the connection. Envoy ignores `x-forwarded-for` of clients.
 * - `'proxyProtocol'`: the address that a load balancer sends at the start of each connection, in version 1 or 2. Envoy
 *   closes connections without it. Every client that reaches the port can claim any address. So allow only the load balancer
 *   to connect, or use `{ proxyProtocolFrom: [...] }`.
 * - one of the options of `BehindProxies`.
 *
 * @default 'direct' - the only address that a client can't forge
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-for
 */
export type ClientIpOptions = 'direct' | 'proxyProtocol' | BehindProxies;

/** Proxies between the clients and Envoy. Set one of these. */
export interface BehindProxies {
  /**
   * Number of proxies that each request passes, if each appends to `x-forwarded-for`. The client's address is the one at
   * this position from the right. Write 1 for one load balancer.
   *
   * A client that reaches Envoy directly can claim any address, and Envoy trusts its forwarding headers (see
   * `requestHeaders`). The last proxy must overwrite the forwarding headers that the API reads. The API should use
   * `x-envoy-external-address`, or the same position of `x-forwarded-for`.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-for
   * @default - none
   */
  readonly numTrustedHops?: number;
  /**
   * Networks of the proxies. For connections from them, the client's address is the last one in `x-forwarded-for` outside
   * these networks. For other connections, the connection's address counts, and Envoy removes forwarding headers (see
   * `requestHeaders`).
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/http/original_ip_detection/xff/v3/xff.proto
   * @default - none
   * @example ['10.0.0.0/8']
   */
  readonly trustedCidrs?: readonly string[];
  /**
   * Networks of the load balancers that speak the PROXY protocol. Envoy closes connections from other addresses.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/listener_filters/proxy_protocol
   * @default - none
   * @example ['10.0.0.0/8']
   */
  readonly proxyProtocolFrom?: readonly string[];
}

/** The other end of the connection, whose own end may be told by the PROXY protocol. */
const CONNECTION = { connectionManager: { use_remote_address: true }, trustedPeers: [] };

const PROXY_PROTOCOL = {
  listener: {
    listener_filters: [
      extension(
        'envoy.filters.listener.proxy_protocol',
        'envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol',
        {},
      ),
    ],
  },
};

const WORDS = { direct: CONNECTION, proxyProtocol: { ...CONNECTION, ...PROXY_PROTOCOL } };

function proxy(options: ClientIpOptions): ProxyFragment {
  if (typeof options === 'string') {
    return WORDS[oneOf('clientIp', options, ['direct', 'proxyProtocol'])];
  }
  const { numTrustedHops, trustedCidrs, proxyProtocolFrom, ...unknown } = options;
  refuseUnknown('clientIp', unknown);
  if ([numTrustedHops, trustedCidrs, proxyProtocolFrom].filter((way) => way !== undefined).length > 1) {
    invalidOption('clientIp', 'must be one way of telling the address', options, 'choose one of these');
  }
  if (numTrustedHops !== undefined) {
    const hops = integer('clientIp.numTrustedHops', numTrustedHops, 1, 100);
    return { connectionManager: { use_remote_address: true, xff_num_trusted_hops: hops }, trustedPeers: 'all' };
  }
  if (trustedCidrs !== undefined) {
    return fromNetworks(ranges('clientIp.trustedCidrs', trustedCidrs));
  }
  if (proxyProtocolFrom !== undefined) {
    const sources = ranges('clientIp.proxyProtocolFrom', proxyProtocolFrom);
    return { ...WORDS.proxyProtocol, filterChain: { filter_chain_match: { direct_source_prefix_ranges: sources } } };
  }
  return CONNECTION;
}

/**
 * Envoy tells addresses by networks only without `use_remote_address`, and then takes itself for an inner proxy, which
 * believes more headers than an edge may. What it would remove and set by itself at the edge is spelled out here.
 */
function fromNetworks(cidrs: Network[]): ProxyFragment {
  const { name, typed_config } = extension(
    'envoy.http.original_ip_detection.xff',
    'envoy.extensions.http.original_ip_detection.xff.v3.XffConfig',
    // As everywhere, the other end of the connection is appended to what goes on to the API.
    { xff_trusted_cidrs: { cidrs }, skip_xff_append: false },
  );
  const claims = earlyHeaderMutation([
    { remove_on_match: { key_matcher: { prefix: 'x-envoy-' } } },
    { remove: 'x-request-id' },
  ]);
  const address = setHeader('x-envoy-external-address', '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%');
  return {
    trustedPeers: cidrs,
    connectionManager: {
      use_remote_address: false,
      original_ip_detection_extensions: [{ name, typed_config }],
      early_header_mutation_extensions: [claims],
    },
    route: {
      route: { request_headers_to_add: [address] },
    },
  };
}

function ranges(path: string, networks: readonly string[]): Network[] {
  if (networks.length === 0) {
    invalidOption(path, 'must name a network', networks, "write for example ['10.0.0.0/8']");
  }
  return networks.map((each, index) => {
    const range = network(`${path}[${index}]`, each);
    if (range.prefix_len === 0) {
      invalidOption(
        `${path}[${index}]`,
        'must not be everybody, who could claim any address',
        each,
        'name the proxies',
      );
    }
    return range;
  });
}

export const clientIp = { onByDefault: true as const, proxy };
