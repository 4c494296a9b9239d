import type { ProxyFragment } from '../fragments/fragment';
import { extension } from '../messages/builders';
import { earlyHeaderMutation } from '../messages/header-mutations';
import { type Network, network } from '../options/cidr';
import { integer } from '../options/units';
import { invalidOption, oneOf, refuseUnknown } from '../options/validate';

/**
 * Whose address counts as the client's: for rate limits, rules and the access log, and for the API in
 * `x-envoy-external-address`. Some container engines connect to a published port from their own gateway (a
 * userland proxy, a rootless engine, an engine on a desktop, IPv6 clients of an IPv4 network). All clients then have its address.
 *
 * - `'direct'`: the other end of the connection. What a client claims in `x-forwarded-for` is not believed.
 * - `'proxyProtocol'`: what a load balancer says in front of each connection, in version 1 or 2. A connection without it is
 *   closed. Whoever reaches the port can claim any address: only where the load balancer alone does, or with
 *   `{ proxyProtocolFrom: [...] }`.
 * - one of the ways of `BehindProxies`.
 *
 * @default 'direct', since it is the only one that nobody can forge
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-for
 */
export type ClientIpOptions = 'direct' | 'proxyProtocol' | BehindProxies;

/**
 * What stands between the clients and Envoy. One of these.
 */
export interface BehindProxies {
  /**
   * The number of proxies that each request comes through, each of which appends to `x-forwarded-for`: the client is that
   * many addresses from the right. For one load balancer, 1. Whoever reaches Envoy past them can claim any
   * address, and all forwarding headers (see `requestHeaders`) are believed. The last proxy has to overwrite those that the API reads.
   * Of `x-forwarded-for`, believe as many addresses from the right; `x-envoy-external-address` is the client.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-for
   * @default - none
   */
  readonly numTrustedHops?: number;
  /**
   * The networks of the proxies, as `'10.0.0.0/8'`: from those, the client is the last address in `x-forwarded-for` that
   * is not in them; who comes from elsewhere counts with the address of its connection, and its forwarding headers (see
   * `requestHeaders`) are removed.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/http/original_ip_detection/xff/v3/xff.proto
   * @default - none
   */
  readonly trustedCidrs?: readonly string[];
  /**
   * The networks of the load balancers that speak the PROXY protocol, as `'10.0.0.0/8'`. Connections from elsewhere
   * are closed.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/listener_filters/proxy_protocol
   * @default - none
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
  const address = { key: 'x-envoy-external-address', value: '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%' };
  return {
    trustedPeers: cidrs,
    connectionManager: {
      use_remote_address: false,
      original_ip_detection_extensions: [{ name, typed_config }],
      early_header_mutation_extensions: [claims],
    },
    route: {
      route: { request_headers_to_add: [{ header: address, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' }] },
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
