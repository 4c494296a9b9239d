import type { RouteFragment } from '../../../fragments/fragment';
import { DISABLED, extension, type HttpFilter, percent, typed } from '../../../messages/builders';
import { setHeader } from '../../../messages/header-mutations';
import type { Any } from '../../../messages/schema/types';
import type { Bucket } from '../../../options/rate';
import { integer } from '../../../options/units';
import type { Counted } from './descriptors';
import { secondsToNext } from './token-bucket';

/** Buckets of one filter. */
export interface Buckets {
  /** That of all requests together. */
  readonly total?: Bucket | undefined;
  /** One for each value that comes. */
  readonly each: readonly (Counted & { readonly bucket: Bucket })[];
  /** The number of values with a counter, if an option asks for one. */
  readonly maxTrackedClients: number | undefined;
  readonly shadow: boolean;
}

/** The names of a filter: its own in the chain, and that of its statistics. */
export interface FilterNames {
  readonly filter: string;
  readonly statPrefix: string;
}

const LOCAL_RATE_LIMIT = 'envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit';

/** Nothing more than that the filter works here, with the configuration that it has. */
const ENABLED = typed('envoy.config.route.v3.FilterConfig', { config: {} as Any<'envoy.filters.http.per_route'> });

/** A rate limit that Envoy counts by itself. `option` is the feature that asks for it. */
export function localRateLimit(
  option: string,
  names: FilterNames,
  { total, each, maxTrackedClients, shadow }: Buckets,
): HttpFilter {
  const buckets = [...(total ? [total] : []), ...each.map(({ bucket }) => bucket)];
  return extension(names.filter, LOCAL_RATE_LIMIT, {
    stat_prefix: names.statPrefix,
    ...(total && { token_bucket: tokenBucket(total) }),
    filter_enabled: percent(100),
    filter_enforced: percent(shadow ? 0 : 100),
    // The others get theirs when all filters are known (`counter-limit.ts`).
    ...(maxTrackedClients !== undefined && {
      max_dynamic_descriptors: integer(`${option}.maxTrackedClients`, maxTrackedClients, 1_000, 10_000_000),
    }),
    ...(each.length > 0 && {
      // An entry without a value has a bucket for each that comes.
      descriptors: each.map(({ keys, bucket }) => ({
        entries: keys.map((key) => ({ key })),
        token_bucket: tokenBucket(bucket),
      })),
      rate_limits: each.map(({ actions }) => ({ actions: [...actions] })),
    }),
    ...(shadow
      ? { request_headers_to_add_when_not_enforced: [setHeader('x-rate-limited', 'true')] }
      : {
          enable_x_ratelimit_headers: 'DRAFT_VERSION_03' as const,
          response_headers_to_add: [setHeader('retry-after', String(Math.max(...buckets.map(secondsToNext))))],
          // gRPC clients take Envoy's own UNAVAILABLE for a reason to try again at once.
          rate_limited_as_resource_exhausted: true,
        }),
  });
}

/** The names of a route's own filter. A dot would end the part of a statistic's name that becomes a label. */
export function namesOnRoute({ filter, statPrefix }: FilterNames, route: string): FilterNames {
  return { filter: `${filter}.${route}`, statPrefix: `${statPrefix}_${route.replace(/[^a-z0-9/-]+/gi, '_')}` };
}

/**
 * A route's own rates count instead of those of the proxy, in a filter of its own: what Envoy takes a route's configuration
 * for has a bucket for each of Envoy's routes, and one of ours can be two of those, told apart by the method.
 */
export function insteadOf(whole: string | undefined, own: HttpFilter): RouteFragment {
  return {
    httpFilters: [{ ...own, disabled: true }],
    route: {
      typed_per_filter_config: { [own.name]: ENABLED, ...(whole !== undefined && { [whole]: DISABLED }) },
    },
  };
}

function tokenBucket({ tokens, seconds }: Bucket) {
  return { max_tokens: tokens, tokens_per_fill: tokens, fill_interval: `${seconds}s` as const };
}
