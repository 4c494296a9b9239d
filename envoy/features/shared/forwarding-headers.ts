import type { TrustedPeers } from '../../fragments/fragment';
import type { Part } from '../../fragments/merge';
import { extension, type HttpConnectionManager, type HttpFilter } from '../../messages/builders';
import {
  anySpelling,
  earlyHeaderMutation,
  type HeaderMutation,
  removeMatching,
  setHeader,
} from '../../messages/header-mutations';
import { FORWARDING_HEADERS_FILTER, FORWARDING_HEADERS_ROUTE_FILTER } from '../../messages/resource-names';
import type { Network } from '../../options/cidr';

/** All names with this prefix are forwarding headers. */
export const FORWARDED_PREFIX = 'x-forwarded-';

/**
 * The other headers by which a proxy tells an API about the request that the proxy got: host, scheme, path, method, address and
 * certificate of the client. Frameworks believe some of them whoever sent them.
 */
export const FORWARDING_HEADERS = [
  'forwarded',
  'x-forwarded',
  // Host, scheme and path.
  'front-end-https',
  'path-info',
  'script-name',
  'x-arr-ssl',
  'x-host',
  'x-host-override',
  'x-http-host-override',
  'x-https',
  'x-ms-original-url',
  'x-original-host',
  'x-original-method',
  'x-original-path',
  'x-original-proto',
  'x-original-scheme',
  'x-original-uri',
  'x-original-url',
  'x-proto',
  'x-real-host',
  'x-real-port',
  'x-rewrite-uri',
  'x-rewrite-url',
  'x-scheme',
  'x-script-name',
  'x-ssl',
  'x-url-scheme',
  'x-waws-unencoded-url',
  // CGI makes of it HTTP_PROXY, which many HTTP clients obey.
  'proxy',
  // The method.
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  // The address.
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'cf-pseudo-ipv4',
  'cf-visitor',
  'client-ip',
  'do-connecting-ip',
  'fastly-client-ip',
  'fly-client-ip',
  'incap-client-ip',
  'true-client-ip',
  'x-appengine-user-ip',
  'x-azure-clientip',
  'x-azure-socketip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-nf-client-connection-ip',
  'x-original-for',
  'x-original-forwarded-for',
  'x-original-remote-addr',
  'x-originating-ip',
  'x-proxyuser-ip',
  'x-real-ip',
  'x-remote-addr',
  'x-remote-ip',
  'x-vercel-forwarded-for',
  // The certificate.
  'client-cert',
  'client-cert-chain',
  'ssl-client-cert',
  'x-arr-clientcert',
  'x-client-cert',
  'x-ssl-client-cert',
] as const;

export type ForwardingHeader = (typeof FORWARDING_HEADERS)[number];

/** Removes the forwarding headers, in each spelling that a request can have. */
export function removeForwardingHeaders(
  names: readonly ForwardingHeader[],
  spelling: 'plain' | 'any',
): HeaderMutation[] {
  return spelling === 'plain'
    ? [{ remove_on_match: { key_matcher: { prefix: FORWARDED_PREFIX } } }, ...names.map((remove) => ({ remove }))]
    : [removeMatching(`${anySpelling(FORWARDED_PREFIX)}.*`), ...names.map((name) => removeMatching(anySpelling(name)))];
}

type Mutations = readonly Part<readonly HeaderMutation[]>[];

/** Removes forwarding headers where no peer is trusted, before anything looks at the request. */
export function stripForwardingHeaders(
  parts: Mutations,
  peers: TrustedPeers = 'all',
): Part<Partial<HttpConnectionManager>>[] {
  return peers === 'all' || peers.length > 0
    ? []
    : parts.map(({ by, value }) => ({
        by,
        value: { early_header_mutation_extensions: [earlyHeaderMutation([...value])] },
      }));
}

/**
 * Removes forwarding headers of other peers than the trusted ones. A filter, since an early header mutation can't look at the
 * peer's address. It is the first one, and Envoy then chooses the route once more.
 */
export function forwardingHeaderFilters(parts: Mutations, peers: TrustedPeers = 'all'): Part<HttpFilter>[] {
  if (peers === 'all' || peers.length === 0) {
    return [];
  }
  return parts.flatMap(({ by, value }) => {
    const removal = extension(
      FORWARDING_HEADERS_FILTER,
      'envoy.extensions.filters.http.header_mutation.v3.HeaderMutation',
      { mutations: { request_mutations: [...value, ...OWN] } },
    );
    return [removal, CHOOSE_ROUTE].map((filter) => ({ by, value: exceptFrom(peers, filter) }));
  });
}

/** What Envoy sets by itself for an untrusted peer, but not while it looks for trusted networks. */
const OWN: HeaderMutation[] = [
  setHeader('x-forwarded-for', '%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%'),
  setHeader('x-forwarded-proto', "%CEL(has(connection.tls_version) ? 'https' : 'http')%"),
].map((append) => ({ append }));

/** By a script, as `set_filter_state` knows `clear_route_cache` only from Envoy 1.38 on. */
const CHOOSE_ROUTE = extension(FORWARDING_HEADERS_ROUTE_FILTER, 'envoy.extensions.filters.http.lua.v3.Lua', {
  default_source_code: { inline_string: 'function envoy_on_request(request) request:clearRouteCache() end' },
});

function exceptFrom(peers: readonly Network[], filter: typeof CHOOSE_ROUTE | HttpFilter): HttpFilter {
  const skip = extension('skip', 'envoy.extensions.filters.common.matcher.action.v3.SkipFilter', {});
  return extension(filter.name, 'envoy.extensions.common.matching.v3.ExtensionWithMatcher', {
    extension_config: filter as never,
    xds_matcher: {
      matcher_tree: {
        input: extension('peer', 'envoy.extensions.matching.common_inputs.network.v3.DirectSourceIPInput', {}),
        custom_match: extension('networks', 'xds.type.matcher.v3.IPMatcher', {
          range_matchers: [{ ranges: [...peers], on_match: { action: skip } }],
        }),
      },
    },
  });
}
