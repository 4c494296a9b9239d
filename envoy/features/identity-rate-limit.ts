import type { ProxyFragment, RouteFragment } from '../fragments/fragment';
import type { Restrictions } from '../fragments/restrictions';
import type { HttpFilter } from '../messages/builders';
import { IDENTITY_RATE_LIMIT } from '../messages/resource-names';
import type { Rate } from '../options/rate';
import { invalidOption, refuseUnknown } from '../options/validate';
import type { RouteContext, ScopeContext } from './feature';
import { believedHeaders, byIdentity, type Claim, identityRequirements } from './shared/rate-limits/descriptors';
import { type FilterNames, insteadOf, localRateLimit, namesOnRoute } from './shared/rate-limits/local-rate-limit';
import { toRestrictions } from './shared/rate-limits/token-bucket';

/**
 * How many requests each may send who has shown who it is, wherever it sends them from. After authentication and
 * authorization, so that nobody can use up what another one may send: guessing is for `rateLimit`, which stands before them.
 *
 * It is off on public paths, where nobody shows who it is: `rateLimit` bounds those. Elsewhere, requests that show nothing
 * count together as one, as where a token is optional. With rates of several kinds, who shows one of them counts
 * by that alone. With `authentication.anyOf`, give a rate for each of its ways: who comes by one without counts among those that show nothing.
 *
 * Buckets, headers and the rates of a route are as there; with both, each tells of its bucket, so clients get two values in one
 * header, that of the identity first.
 */
export interface IdentityRateLimitOptions {
  /**
   * For each value of a claim in tokens that `jwt` has verified, `{ claim: 'sub', rate: '100/min' }`; each issuer's own. A dot
   * leads into a claim that is an object, and a list does for names with dots: `['https://example.com/tenant']`. A claim that
   * is missing, no text, or longer than 256 bytes counts as one of all of that issuer without it.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/local_rate_limit_filter
   * @default - none
   */
  readonly perClaim?: { readonly claim: Claim; readonly rate: Rate };
  /**
   * For each client by the name that its API key has.
   *
   * @default - none
   */
  readonly perApiClient?: Rate;
  /**
   * For each user by the name that its password has.
   *
   * @default - none
   */
  readonly perUser?: Rate;
  /**
   * Number of API clients, users and values of the claim that this limit counts at the same time, at least 1000, with up to
   * 1.5 KB of memory each, as in `rateLimit`.
   *
   * @default - what fits into a quarter of `limits.maxHeapSize` together with all other limits: 58,000 values if `perClaim` is the
   * only rate and `EnvoySidecar` has its 512 MiB. Envoy's default of 20 evicts almost all of them.
   */
  readonly maxTrackedClients?: number;
  /**
   * Refuses nobody: a request over the rate reaches the API with `x-rate-limited: true`, and counts in
   * `identity_rate_limit.http_local_rate_limit.rate_limited`. To try out a rate.
   *
   * @default false
   */
  readonly shadow?: boolean;
}

const NAMES = { filter: 'envoy.filters.http.local_ratelimit.identity', statPrefix: IDENTITY_RATE_LIMIT };

function limit(names: FilterNames, own: IdentityRateLimitOptions, whole: IdentityRateLimitOptions): HttpFilter {
  const { perClaim, perApiClient, perUser, maxTrackedClients, shadow = false, ...unknown } = { ...whole, ...own };
  refuseUnknown('identityRateLimit', unknown);
  const each = byIdentity('identityRateLimit', { perClaim, perApiClient, perUser });
  if (each.length === 0) {
    invalidOption(
      'identityRateLimit',
      'must have a rate',
      own,
      "write for example { perClaim: { claim: 'sub', rate: '100/min' } }",
    );
  }
  return localRateLimit('identityRateLimit', names, { each, maxTrackedClients, shadow });
}

function proxy(options: IdentityRateLimitOptions): ProxyFragment {
  const believed = believedHeaders(options);
  return {
    httpFilters: [limit(NAMES, options, {})],
    requires: identityRequirements('identityRateLimit', options),
    ...(believed.length > 0 && { identityHeaders: believed }),
  };
}

function route(
  own: IdentityRateLimitOptions,
  { inherited: whole = {}, name }: RouteContext<IdentityRateLimitOptions>,
): RouteFragment {
  for (const option of ['perApiClient', 'perUser'] as const) {
    // What clients send in the header is taken away on the whole proxy or not at all.
    if (own[option] !== undefined && whole[option] === undefined) {
      invalidOption(
        `identityRateLimit.${option}`,
        'must be given for the whole proxy as well',
        own[option],
        'give identityRateLimit there a higher one',
      );
    }
  }
  const replaced = Object.keys(whole).length > 0 ? NAMES.filter : undefined;
  return {
    ...insteadOf(replaced, limit(namesOnRoute(NAMES, name), own, whole)),
    requires: identityRequirements('identityRateLimit', own),
  };
}

function restrictions(
  own: IdentityRateLimitOptions,
  { inherited = {} }: ScopeContext<IdentityRateLimitOptions>,
): Restrictions {
  const { perClaim, perApiClient, perUser, shadow = false } = { ...inherited, ...own };
  return shadow ? {} : toRestrictions({ [`claim ${perClaim?.claim}`]: perClaim?.rate, perApiClient, perUser });
}

export const identityRateLimit = {
  authenticates: true as const,
  keepsCounters: true as const,
  stackable: true as const,
  proxy,
  route,
  restrictions,
};
