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
 * How many requests may come; further ones get 429. A rate alone is that of all clients together. Counted here, by each Envoy
 * for itself, all its threads together: while a change rolls out the old and the new one each have buckets of their own.
 *
 * A rate is a bucket: `'60/min'` lets 60 come at once, and then one more each second. `x-ratelimit-limit`, `-remaining` and
 * `-reset` tell clients of the slowest of their buckets, and `retry-after`, with the 429, when there is room again in any.
 *
 * A route's own rates count instead of the proxy's, in buckets of its own: its requests take nothing from those of others. What
 * it says nothing of it has from the proxy, `total` too, so the API gets at the most the sum of both.
 */
export interface RateLimitOptions {
  /**
   * For all clients together: what the API can bear. The bound behind the others.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/local_rate_limit_filter
   * @default - no bound
   */
  readonly total?: Rate;
  /**
   * For each client, told by its address, see `clientIp`; for IPv6 by its network of 64 bits, since each client has one to
   * choose addresses from. A proxy in front that writes IPv4 addresses as `::ffff:198.51.100.9` makes them one network, so
   * one client. What a client is refused takes nothing from `total`.
   *
   * @default - no bound
   */
  readonly perClient?: Rate;
  /**
   * For each value of a request header, `{ name: 'x-api-key', rate: '100/min' }`; requests without it, or with one longer than
   * 256 bytes, count as one. Clients choose the value, and each new one has a full bucket: it shares out what `total` or
   * `perClient` bound, so one of these must be there.
   *
   * @default - none
   */
  readonly perHeader?: { readonly name: string; readonly rate: Rate };
  /**
   * Number of clients, and of values of the header, that this limit counts at the same time, at least 1000. A client takes up
   * to 0.7 KB of memory, a value 1.2 KB, and a route's own rate counts in memory of its own. If more come, Envoy evicts the
   * counter that was used least recently, and its client starts with a full bucket: a client with more addresses than that is
   * bounded by `total` alone. Envoy never frees counters, so those of all limits must fit into a quarter of `limits.maxHeapSize`.
   *
   * @default - what fits there, shared evenly by all limits: 114,000 clients if `perClient` is the only rate and `EnvoySidecar`
   * has its 512 MiB. Without `limits.maxHeapSize`, what fits into 10 MiB. Envoy's default of 20 evicts almost all clients.
   */
  readonly maxTrackedClients?: number;
  /**
   * Refuses nobody: a request over the rate reaches the API with `x-rate-limited: true`, and counts in
   * `rate_limit.http_local_rate_limit.rate_limited`. To try out a rate.
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
