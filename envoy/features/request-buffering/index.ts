import type { ProxyFragment } from '../../fragments/fragment';
import { extension } from '../../messages/builders';
import { STREAMED_REQUESTS_FILTER } from '../../messages/resource-names';
import { type Bytes, bytes, integer } from '../../options/units';
import { invalidOption, refuseUnknown } from '../../options/validate';
import { disableOnly } from '../shared/disable-only';
import { allOf, anyOf, IS_UPGRADE, matchHeader, not, type Predicate, skipFilterFor } from '../shared/filter-matcher';
import { numbersUpTo } from './number-regex';

/**
 * Holds small request bodies until they are complete, so slow clients block no connection to the API. Envoy passes larger
 * bodies on as they arrive, with a limit for their number.
 */
export interface RequestBufferingOptions {
  /**
   * Maximum body that Envoy holds, below 1 MiB. Envoy reads `content-length`. It also holds GET, HEAD, OPTIONS and DELETE
   * without `content-length`, and answers 413 if their body is larger. Each held body uses memory, so with a large value
   * clients can fill the heap.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/buffer_filter
   * @default '16KiB' - held bodies on all connections of `EnvoySidecar` then use a fifth of the heap
   */
  readonly maxSize?: Bytes;
  /**
   * Maximum number of requests whose body Envoy doesn't hold: uploads, chunked bodies, gRPC. They count from the first byte
   * to the end of the response. Further ones get 429 immediately. WebSockets don't count. So slow uploads block only other
   * uploads. It must be less than `circuitBreaker` allows to each upstream.
   *
   * @default - half of the connections that `circuitBreaker` allows to the API, 512 by default, so the other half stays free
   */
  readonly maxStreamed?: number;
}

function proxy({ maxSize = '16KiB', maxStreamed, ...unknown }: RequestBufferingOptions): ProxyFragment {
  refuseUnknown('requestBuffering', unknown);
  const most = bytes('requestBuffering.maxSize', maxSize);
  if (most >= 1_024 ** 2) {
    invalidOption(
      'requestBuffering.maxSize',
      'must be less than 1MiB',
      maxSize,
      'use bodyLimit, which holds and bounds all bodies',
    );
  }
  const limit = maxStreamed === undefined ? undefined : integer('requestBuffering.maxStreamed', maxStreamed, 1, MOST);
  const isSmall = smallBody(most);
  const buffer = extension('buffer', 'envoy.extensions.filters.http.buffer.v3.Buffer', { max_request_bytes: most });
  return {
    httpFilters: [
      skipFilterFor(anyOf(IS_UPGRADE, not(isSmall)), 'envoy.filters.http.buffer.small', buffer),
      skipFilterFor(anyOf(IS_UPGRADE, isSmall), STREAMED_REQUESTS_FILTER, concurrencyLimit(limit)),
    ],
  };
}

const MOST = 2 ** 31 - 1;

/** Known to be small, or abnormal: over HTTP/2 these methods could have a body without saying so. */
function smallBody(most: number): Predicate {
  return anyOf(
    matchHeader('content-length', numbersUpTo(most)),
    allOf(not(matchHeader('content-length', '.*')), matchHeader(':method', 'GET|HEAD|OPTIONS|DELETE')),
  );
}

/**
 * At most this many requests at once. Envoy has no filter for that alone: this one adapts its limit between two bounds, which are
 * the same here, so that it never moves.
 */
function concurrencyLimit(limit: number | undefined) {
  return extension('streamed', 'envoy.extensions.filters.http.adaptive_concurrency.v3.AdaptiveConcurrency', {
    gradient_controller_config: {
      concurrency_limit_params: {
        concurrency_update_interval: '3600s',
        ...(limit && { max_concurrency_limit: limit }),
      },
      min_rtt_calc_params: { fixed_value: '1s', ...(limit && { min_concurrency: limit }) },
    },
    // No fault of the API: 503 would count for admissionControl, and slow uploads would open it.
    concurrency_limit_exceeded_status: { code: 'TooManyRequests' },
  });
}

export const requestBuffering = { onByDefault: true as const, proxy, route: disableOnly('requestBuffering') };
