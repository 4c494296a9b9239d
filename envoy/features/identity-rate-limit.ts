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
 * Limits the rate of requests of each authenticated client, from any address. It counts after authentication and
 * authorization, so a client can't use up another client's rate. `rateLimit` counts before them and limits guessing.
 *
 * It is off on public paths, which `rateLimit` limits. On other paths, all requests without an identity share one bucket,
 * for example if a token is optional. With several rates, a request counts only for the kinds of identity that it has. With
 * `authentication.anyOf`, set a rate for each alternative. A request with an identity that has no rate shares the bucket of
 * those without.
 *
 * Buckets, headers and rates of a route work as in `rateLimit`. With both, clients get two values in each header, that of
 * the identity first.
 */
export interface IdentityRateLimitOptions {
  /**
   * Maximum rate for each value of a claim in tokens that `jwt` has verified, counted for each issuer. A dot selects a
   * property of a claim that is an object. Write names with dots as a list: `['https://example.com/tenant']`. Tokens of an
   * issuer whose claim is missing, no text, or above 256 bytes share one bucket.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/local_rate_limit_filter
   * @default - none
   * @example { claim: 'sub', rate: '100/min' }
   */
  readonly perClaim?: { readonly claim: Claim; readonly rate: Rate };
  /**
   * Maximum rate of each client of `apiKeys`.
   *
   * @default - none
   * @example '100/min'
   */
  readonly perApiClient?: Rate;
  /**
   * Maximum rate of each user of `basicAuth`.
   *
   * @default - none
   * @example '100/min'
   */
  readonly perUser?: Rate;
  /**
   * Maximum number of API clients, users and claim values that this limit tracks at the same time, at least 1000. Each uses
   * up to 1.5 KB of memory, as in `rateLimit`.
   *
   * @default - as many as fit into a quarter of `limits.maxHeapSize` together with all other limits: 58,000 values if
   * `perClaim` is the only rate and `EnvoySidecar` has its 512 MiB. Envoy's default of 20 evicts almost all of them
   */
  readonly maxTrackedClients?: number;
  /**
   * Counts requests above the rate without rejecting them. The API receives them with `x-rate-limited: true`. The counter is
   * `identity_rate_limit.http_local_rate_limit.rate_limited`.
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
