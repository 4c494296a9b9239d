import type { ProxyFragment, Refusal } from '../fragments/fragment';
import { earlyHeaderMutation, removeMatching } from '../messages/header-mutations';
import { MALFORMED_AUTHORITY, TRACE } from '../messages/resource-names';
import { METHODS } from '../options/route-match';
import { invalidOption, oneOf, refuseUnknown } from '../options/validate';
import {
  FORWARDED_PREFIX,
  FORWARDING_HEADERS,
  type ForwardingHeader,
  removeForwardingHeaders,
} from './shared/forwarding-headers';

/**
 * Removes forged forwarding headers and rejects ambiguous requests.
 *
 * - A request gets 400 if it has several hosts, or a host that isn't a name or bracketed address with an optional numeric
 *   port. Go and Express read `admin.example.com:x` as `admin.example.com`, but no route's `hosts` matches it.
 * - `TRACE` gets 405, because its response repeats headers that proxies added.
 * - Forwarding headers are removed, unless a proxy that `clientIp` trusts sent them. These are `forwarded`, `x-forwarded-*`,
 *   and headers such as `x-original-url`, `x-http-method-override` and `x-real-ip`. Frameworks use them for links, routes
 *   and the client's address.
 *
 * Envoy then sets its own `x-forwarded-for` and `x-forwarded-proto`. With `clientIp: false`, Envoy removes no forwarding
 * header.
 */
export interface RequestHeaderOptions {
  /**
   * Decides about header names with an underscore. `reject` answers 400, `drop` removes the header, and `allow` passes it
   * on.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge
   * @default 'reject' - many APIs read `x_user` and `x-user` as one header, so a client could forge one with the other
   */
  readonly headersWithUnderscores?: 'reject' | 'drop' | 'allow';
  /**
   * Decides about header names with characters other than letters, digits, `-` and `_`. `drop` removes the header, and
   * `allow` passes it on. PHP reads `x.user` and `x-user` as one header, and CGI also `x~user`.
   *
   * @default 'drop' - nginx does the same; to reject the request, Envoy would have to run a script for each request
   */
  readonly headersWithSpecialCharacters?: 'drop' | 'allow';
  /**
   * Forwarding headers that Envoy accepts from every client. `forwarded` and `x-forwarded-*` aren't allowed here: name the
   * proxies that send them in `clientIp`.
   *
   * @default - none
   * @example ['x-http-method-override']
   */
  readonly allowedForwardingHeaders?: readonly AllowedForwardingHeader[];
}

type AllowedForwardingHeader = Exclude<ForwardingHeader, 'forwarded' | 'x-forwarded'>;

/** An empty list would mean loopback addresses, from where the API in the same pod could send. */
const NOBODY = { address_prefix: '255.255.255.255', prefix_len: 32 };

const ACTIONS = { reject: 'REJECT_REQUEST', drop: 'DROP_HEADER', allow: 'ALLOW' } as const;

/** Offers to change to TLS or HTTP/2, which a server may ignore. */
const IGNORED_UPGRADES = [{ safe_regex: { regex: '(?i)(h2c|tls/.*)(,.*)?' } }];

/** Header names with another character than letters, digits, `-` and `_`. */
const SPECIAL = '.*[!-,./^`|~].*';

function proxy({
  headersWithUnderscores = 'reject',
  headersWithSpecialCharacters = 'drop',
  allowedForwardingHeaders = [],
  ...unknown
}: RequestHeaderOptions): ProxyFragment {
  refuseUnknown('headers', unknown);
  oneOf('requestHeaders.headersWithUnderscores', headersWithUnderscores, ['reject', 'drop', 'allow']);
  oneOf('requestHeaders.headersWithSpecialCharacters', headersWithSpecialCharacters, ['drop', 'allow']);
  allowedForwardingHeaders.forEach((name, index) => {
    checkAllowed(`requestHeaders.allowedForwardingHeaders[${index}]`, name);
  });
  const isDropped = headersWithSpecialCharacters === 'drop';
  return {
    refusals: { [MALFORMED_AUTHORITY]: HAS_MALFORMED_AUTHORITY, [TRACE]: IS_TRACE },
    untrustedRequests: removeForwardingHeaders(
      FORWARDING_HEADERS.filter((name) => !allowedForwardingHeaders.some((allowed) => allowed === name)),
      isDropped && headersWithUnderscores !== 'allow' ? 'plain' : 'any',
    ),
    connectionManager: {
      // Apache HttpClient offers TLS with each request, and curl h2c. Both go on without it.
      http_protocol_options: { ignore_http_11_upgrade: IGNORED_UPGRADES },
      // No address is internal. Behind a published port, every client may have a private address, and Envoy would
      // accept x-envoy-* headers (timeouts, retries) from it.
      internal_address_config: { cidr_ranges: [NOBODY] },
      common_http_protocol_options: { headers_with_underscores_action: ACTIONS[headersWithUnderscores] },
      ...(isDropped && { early_header_mutation_extensions: [earlyHeaderMutation([removeMatching(SPECIAL)])] }),
    },
  };
}

function checkAllowed(at: string, name: string): void {
  if (name === 'x-forwarded' || name === 'forwarded' || name.startsWith(FORWARDED_PREFIX)) {
    invalidOption(
      at,
      'must not be a header that only proxies send',
      name,
      'name the proxies in clientIp, as trustedCidrs',
    );
  }
  if (!FORWARDING_HEADERS.some((known) => known === name)) {
    invalidOption(at, 'must be a forwarding header, and others are passed on anyway', name, 'leave it out');
  }
}

/** `name`, `name:digits`, or an address in brackets. Envoy joins several hosts with commas. */
const AUTHORITY = '([A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*\\.?|\\[[0-9A-Fa-f:.]+\\])(:[0-9]+)?';

const HAS_MALFORMED_AUTHORITY: Refusal = {
  permission: {
    not_rule: { header: { name: ':authority', string_match: { safe_regex: { regex: AUTHORITY } } } },
  },
};

const IS_TRACE: Refusal = {
  permission: { header: { name: ':method', string_match: { exact: 'TRACE' } } },
  // Not 501, which `admissionControl` would count as a failure of the API.
  answer: {
    status_code: 405,
    body: { inline_string: 'Method Not Allowed' },
    headers_to_add: [{ header: { key: 'allow', value: METHODS.join(', ') } }],
  },
};

export const requestHeaders = { onByDefault: true as const, proxy };
