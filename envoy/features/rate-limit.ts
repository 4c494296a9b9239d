import type { ProxyFragment, RouteFragment } from '../fragments/fragment';
import type { Restrictions } from '../fragments/restrictions';
import type { HttpFilter } from '../messages/builders';
import { RATE_LIMIT } from '../messages/resource-names';
import { parseRate, type Rate } from '../options/rate';
import { headerName, invalidOption, refuseUnknown } from '../options/validate';
import type { RouteContext, ScopeContext } from './feature';
import { byHeader, clientAddressDescriptor } from './shared/rate-limits/descriptors';
import { type FilterNames, insteadOf, localRateLimit, namesOnRoute } from './shared/rate-limits/local-rate-limit';
import { boundsNothing, toRestrictions } from './shared/rate-limits/token-bucket';

/**
 * Limits the rate of requests. Further requests get 429. A text such as `'600/min'` sets `total`. Each Envoy counts for
 * itself, over all its threads. During a rollout, the old and the new Envoy count separately.
 *
 * A rate is a token bucket. `'60/min'` allows 60 requests at once, and then one more each second. Responses have
 * `x-ratelimit-limit`, `-remaining` and `-reset` of the slowest bucket. A 429 has `retry-after`.
 *
 * A rate on a route replaces the sidecar's rate there, with a separate bucket. A route inherits the rates that it doesn't
 * set, `total` too. So the API may receive the sum of both rates.
 */
export interface RateLimitOptions {
  /**
   * Maximum rate of all clients together. Set it to the rate that the API can serve.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/local_rate_limit_filter
   * @default - no limit
   * @example '10000/min'
   */
  readonly total?: Rate;
  /**
   * Maximum rate of each client address; `clientIp` decides which address counts. All IPv6 addresses of a /64 network count
   * as one client. This includes IPv4 addresses that another proxy writes as `::ffff:198.51.100.9`. Rejected requests don't
   * count for `total`.
   *
   * @default - no limit
   * @example '600/min'
   */
  readonly perClient?: Rate;
  /**
   * Maximum rate for each value of a request header. Requests without the header, or with a value above 256 bytes, share one
   * bucket. Clients choose the value, and each new value has a full bucket. So set `total` or `perClient` too: synthesis
   * fails without them.
   *
   * @default - none
   * @example { name: 'x-api-key', rate: '100/min' }
   */
  readonly perHeader?: { readonly name: string; readonly rate: Rate };
  /**
   * Maximum number of clients and header values that this limit tracks at the same time, at least 1000. A client uses up to
   * 0.7 KB of memory, and a header value 1.2 KB. The rate of a route uses separate memory.
   *
   * When the number is reached, Envoy evicts the least recently used counter. That client starts again with a full bucket.
   * So only `total` limits a client with more addresses than that. Envoy never frees counters, so all limits together may
   * use at most a quarter of `limits.maxHeapSize`.
   *
   * @default - as many as fit, shared evenly by all limits: 114,000 clients if `perClient` is the only rate and
   * `EnvoySidecar` has its 512 MiB. Without `limits.maxHeapSize`, as many as fit into 10 MiB. Envoy's default of 20 evicts
   * almost all clients
   */
  readonly maxTrackedClients?: number;
  /**
   * Counts requests above the rate without rejecting them. The API receives them with `x-rate-limited: true`. The counter is
   * `rate_limit.http_local_rate_limit.rate_limited`.
   *
   * @default false
   */
  readonly shadow?: boolean;
}

const NAMES = { filter: 'envoy.filters.http.local_ratelimit', statPrefix: RATE_LIMIT };

const written = (options: RateLimitOptions | Rate): RateLimitOptions =>
  typeof options === 'string' ? { total: options } : options;

function limit(names: FilterNames, own: RateLimitOptions, whole: RateLimitOptions): HttpFilter {
  const { total, perClient, perHeader, maxTrackedClients, shadow = false, ...unknown } = { ...whole, ...own };
  refuseUnknown('rateLimit', unknown);
  const ofAll = total === undefined ? undefined : parseRate('rateLimit.total', total);
  const ofClient = perClient === undefined ? undefined : parseRate('rateLimit.perClient', perClient);
  const ofHeader = perHeader === undefined ? undefined : parseRate('rateLimit.perHeader.rate', perHeader.rate);
  if (ofHeader !== undefined && ofAll === undefined && ofClient === undefined) {
    invalidOption(
      'rateLimit.perHeader',
      'must not stand alone: a new value is a new bucket',
      perHeader,
      'give total or perClient',
    );
  }
  if (ofAll === undefined && ofClient === undefined) {
    invalidOption('rateLimit', 'must have a rate', own, "write for example { total: '1000/s', perClient: '100/min' }");
  }
  for (const [path, mine, rate] of [
    ['perClient', ofClient, own.perClient],
    ['perHeader.rate', ofHeader, own.perHeader?.rate],
  ] as const) {
    // One that comes from the whole proxy may be overruled by a lower one for all here.
    if (rate !== undefined && mine !== undefined && ofAll !== undefined && boundsNothing(mine, ofAll)) {
      invalidOption(
        `rateLimit.${path}`,
        `must be less than total ('${total}'), or it bounds nothing`,
        rate,
        'lower it or leave it out',
      );
    }
  }
  const each = [
    ...(ofClient ? [{ ...clientAddressDescriptor, bucket: ofClient }] : []),
    ...(ofHeader && perHeader
      ? [{ ...byHeader('header', headerName('rateLimit.perHeader.name', perHeader.name)), bucket: ofHeader }]
      : []),
  ];
  return localRateLimit('rateLimit', names, { total: ofAll, each, maxTrackedClients, shadow });
}

function proxy(options: RateLimitOptions | Rate): ProxyFragment {
  return { httpFilters: [limit(NAMES, written(options), {})] };
}

function route(
  options: RateLimitOptions | Rate,
  { inherited = {}, name }: RouteContext<RateLimitOptions | Rate>,
): RouteFragment {
  const ofProxy = written(inherited);
  const replaced = Object.keys(ofProxy).length > 0 ? NAMES.filter : undefined;
  return insteadOf(replaced, limit(namesOnRoute(NAMES, name), written(options), ofProxy));
}

function restrictions(
  own: RateLimitOptions | Rate,
  { inherited = {} }: ScopeContext<RateLimitOptions | Rate>,
): Restrictions {
  const { total, perClient, perHeader, shadow = false } = { ...written(inherited), ...written(own) };
  return shadow ? {} : toRestrictions({ total, perClient, [`header ${perHeader?.name}`]: perHeader?.rate });
}

export const rateLimit = { keepsCounters: true as const, stackable: true as const, proxy, route, restrictions };
