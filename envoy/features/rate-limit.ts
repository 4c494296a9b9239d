import { extension, type HttpFilter, typed } from '../api';
import type { ProxyFragment, RouteFragment } from '../fragment';
import { RATE_LIMIT } from '../names';
import { type Bucket, boundsNothing, bucket, type Rate, secondsToNext } from '../rate';
import type { Any } from '../schema/types';
import { fail, headerName, integer, refuseUnknown } from '../values';

/**
 * How many requests may come; further ones get 429. A rate alone is that of all clients together. Counted here, by each Envoy
 * for itself, all its threads together: while a change rolls out the old and the new one each have buckets of their own.
 *
 * A rate is a bucket: `'60/min'` lets 60 come at once, and then one more each second. `x-ratelimit-limit`, `-remaining` and
 * `-reset` tell clients of the slowest of their buckets, and `retry-after`, with the 429, when there is room again in any.
 *
 * A route's own rates count instead of the proxy's, in buckets of its own: its requests take nothing from those of others. What
 * it says nothing of it has from the proxy, `all` too, so the API gets at the most the sum of both.
 *
 * @option `rateLimit`, or the rate for all alone
 */
export interface RateLimitOptions {
  /**
   * For all clients together: what the API can bear. The bound behind the others.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/local_rate_limit_filter
   * @default - no bound
   */
  readonly all?: Rate;
  /**
   * For each client, told by its address, see `clientIp`; for IPv6 by its network of 64 bits, since each client has one to
   * choose addresses from. A proxy in front that writes IPv4 addresses as `::ffff:198.51.100.9` makes them one network, so
   * one client. What a client is refused takes nothing from `all`.
   *
   * @default - no bound
   */
  readonly perClient?: Rate;
  /**
   * For each value of a request header, `{ name: 'x-api-key', rate: '100/min' }`; requests without it, or with one longer than
   * 256 characters, count as one. Clients choose the value, and each new one has a full bucket: it shares out what `all` or
   * `perClient` bound, so one of these must be there.
   *
   * @default - none
   */
  readonly perHeader?: { readonly name: string; readonly rate: Rate };
  /**
   * Clients, and values of the header, that are remembered, as they come: with 0.4 KB of memory a client, up to 1 KB a value.
   * Whoever has more addresses than that makes Envoy forget, and starts afresh: `all` bounds that. Envoy's own 20 would
   * forget nearly everybody.
   *
   * @default 100000, so 40 MB once as many have come
   */
  readonly clients?: number;
  /**
   * With `false`, nobody is refused: a request over the rate reaches the API with `x-rate-limited: true`, and counts in
   * `rate_limit.http_local_rate_limit.rate_limited`. To try out a rate.
   *
   * @default true
   */
  readonly enforce?: boolean;
}

const FILTER = 'envoy.filters.http.local_ratelimit';
const LOCAL_RATE_LIMIT = 'envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit';

const DISABLED = typed('envoy.config.route.v3.FilterConfig', { disabled: true });
/** Nothing more than that the filter works here, with the configuration that it has. */
const ENABLED = typed('envoy.config.route.v3.FilterConfig', { config: {} as Any<'envoy.filters.http.per_route'> });

const percent = (numerator: number) => ({ default_value: { numerator, denominator: 'HUNDRED' as const } });

function tokenBucket({ tokens, seconds }: Bucket) {
  return { max_tokens: tokens, tokens_per_fill: tokens, fill_interval: `${seconds}s` as const };
}

const written = (options: RateLimitOptions | Rate): RateLimitOptions =>
  typeof options === 'string' ? { all: options } : options;

function limit(name: string, statPrefix: string, own: RateLimitOptions, whole: RateLimitOptions): HttpFilter {
  const { all, perClient, perHeader, clients = 100_000, enforce = true, ...unknown } = { ...whole, ...own };
  refuseUnknown('rateLimit', unknown);
  const ofAll = all === undefined ? undefined : bucket('rateLimit.all', all);
  const ofClient = perClient === undefined ? undefined : bucket('rateLimit.perClient', perClient);
  const ofHeader = perHeader === undefined ? undefined : bucket('rateLimit.perHeader.rate', perHeader.rate);
  if (ofHeader !== undefined && ofAll === undefined && ofClient === undefined) {
    fail(
      'rateLimit.perHeader',
      'must not stand alone: a new value is a new bucket',
      perHeader,
      'give all or perClient',
    );
  }
  const buckets = [ofAll, ofClient, ofHeader].filter((each) => each !== undefined);
  if (buckets.length === 0) {
    fail('rateLimit', 'must have a rate', own, "write for example { all: '1000/s', perClient: '100/min' }");
  }
  for (const [path, mine, rate] of [
    ['perClient', ofClient, own.perClient],
    ['perHeader.rate', ofHeader, own.perHeader?.rate],
  ] as const) {
    // One that comes from the whole proxy may be overruled by a lower one for all here.
    if (rate !== undefined && mine !== undefined && ofAll !== undefined && boundsNothing(mine, ofAll)) {
      fail(
        `rateLimit.${path}`,
        `must be less than all ('${all}'), or it bounds nothing`,
        rate,
        'lower it or leave it out',
      );
    }
  }
  const kinds = [
    ...(ofClient ? [{ ...BY_CLIENT, bucket: ofClient }] : []),
    ...(ofHeader && perHeader
      ? [{ ...byHeader(headerName('rateLimit.perHeader.name', perHeader.name)), bucket: ofHeader }]
      : []),
  ];
  const config = {
    stat_prefix: statPrefix,
    ...(ofAll && { token_bucket: tokenBucket(ofAll) }),
    filter_enabled: percent(100),
    filter_enforced: percent(enforce ? 100 : 0),
    max_dynamic_descriptors: integer('rateLimit.clients', clients, 1_000, 10_000_000),
    ...(kinds.length > 0 && {
      descriptors: kinds.map(({ entries, bucket }) => ({ entries, token_bucket: tokenBucket(bucket) })),
      rate_limits: kinds.map(({ actions }) => ({ actions })),
    }),
    ...(enforce
      ? {
          enable_x_ratelimit_headers: 'DRAFT_VERSION_03' as const,
          response_headers_to_add: [set('retry-after', String(Math.max(...buckets.map(secondsToNext))))],
          // gRPC clients take Envoy's own UNAVAILABLE for a reason to try again at once.
          rate_limited_as_resource_exhausted: true,
        }
      : { request_headers_to_add_when_not_enforced: [set('x-rate-limited', 'true')] }),
  };
  return extension(name, LOCAL_RATE_LIMIT, config);
}

/** What of a request is counted, and the entries that it makes. One without a value has a bucket for each that comes. */
const BY_CLIENT = {
  actions: [{ masked_remote_address: { v4_prefix_mask_len: 32, v6_prefix_mask_len: 64 } }],
  entries: [{ key: 'masked_remote_address' }],
};

/**
 * A header's value, and nothing for all requests that have none or a longer one: Envoy keeps each value, also of those that
 * it refuses, so long ones would fill its memory. Its regular expressions are too small to tell.
 */
function byHeader(name: string) {
  const value = `request.headers["${name}"]`;
  const text = `"${name}" in request.headers && size(${value}) <= 256 ? ${value} : ""`;
  const kept = extension(
    'envoy.rate_limit_descriptors.expr',
    'envoy.extensions.rate_limit_descriptors.expr.v3.Descriptor',
    { descriptor_key: 'header', text },
  );
  return { actions: [{ extension: kept }], entries: [{ key: 'header' }] };
}

function set(key: string, value: string) {
  return { header: { key, value }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' as const };
}

function proxy(options: RateLimitOptions | Rate): ProxyFragment {
  return { httpFilters: [limit(FILTER, RATE_LIMIT, written(options), {})] };
}

/**
 * A route's own rates count instead of those of the proxy, in a filter of its own: what Envoy takes a route's configuration
 * for has a bucket for each of Envoy's routes, and one of ours can be two of those, told apart by the method.
 */
function route(options: RateLimitOptions | Rate, whole: RateLimitOptions | Rate, name: string): RouteFragment {
  const ofProxy = written(whole);
  const own = `${FILTER}.${name}`;
  // A dot would end the part of a statistic's name that becomes a label.
  const statPrefix = `${RATE_LIMIT}_${name.replace(/[^a-z0-9/-]+/gi, '_')}`;
  const filter = limit(own, statPrefix, written(options), ofProxy);
  return {
    httpFilters: [{ ...filter, disabled: true }],
    route: {
      typed_per_filter_config: { [own]: ENABLED, ...(Object.keys(ofProxy).length > 0 && { [FILTER]: DISABLED }) },
    },
  };
}

export const rateLimit = { proxy, route };
