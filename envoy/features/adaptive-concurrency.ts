import type { ProxyFragment } from '../fragments/fragment';
import { extension } from '../messages/builders';
import { type Duration, integer, positiveSeconds } from '../options/units';
import { invalidOption, refuseUnknown } from '../options/validate';
import { disableOnly } from './shared/disable-only';

/**
 * Adapts the number of concurrent requests to the API's latency. Further requests get 503 immediately, without a retry. So
 * an overloaded API doesn't slow all requests down, and you need no number as in `circuitBreaker`.
 *
 * Ten times a second, Envoy compares the median latency with the latency under low load ("minRTT"). While both are similar,
 * it allows more concurrent requests, up to 1000. Otherwise it allows fewer.
 *
 * Envoy measures the minRTT at start, about every five minutes, and after some time at `minConcurrency`. During a
 * measurement, it allows only `minConcurrency` requests until 25 have completed. With steady loads of 10, 20 and 60
 * requests, each measurement rejected about 6, 45 and 200 requests. With Envoy's own defaults it was 130, 340 and 740.
 * `fixedMinRtt` avoids this, except in the first second.
 *
 * All upstreams and worker threads count together, until the end of the response. The time starts with the first byte of the
 * request body. For bodies that Envoy holds (`requestBuffering`, `bodyLimit`), it starts with the last byte. Requests that
 * other features reject don't count, but a route's `directResponse` and `redirect` do. Set `adaptiveConcurrency: false` on
 * such routes, on slow routes (long polls, streams, reports) and on a load balancer's health check.
 */
export interface AdaptiveConcurrencyOptions {
  /**
   * Median latency of the API under low load, instead of a measurement. If it is too short, Envoy allows little more than
   * `minConcurrency`. If it is too long, all requests slow down first. `adminView` shows the measured value as
   * `min_rtt_msecs`.
   *
   * @default - measured again and again, so Envoy follows an API that gets slower or faster
   */
  readonly fixedMinRtt?: Duration;
  /**
   * Minimum number of concurrent requests, from 1 to 1000. At start and during a measurement, it is also the maximum. Set it
   * close to the usual number, so that measurements reject few requests. If the API can't serve that many, Envoy measures a
   * latency that is already too high.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/adaptive_concurrency_filter
   * @default 10 - a few worker processes can serve it; Envoy's own 3 is too few for one page in a browser
   */
  readonly minConcurrency?: number;
  /**
   * Latency above the minRTT, in percent, at which Envoy begins to allow fewer requests. From 1 to 100.
   *
   * @default 50 - a busy, healthy API is also slower than an idle one; Envoy's own default is 25
   */
  readonly latencyTolerance?: number;
  /**
   * Status of rejected requests. 503 counts as an error for `admissionControl`, which may then reject further requests for
   * its `samplingWindow`. 429 doesn't.
   *
   * @default 503 - Envoy's own default; the API is overloaded, not the client too fast
   */
  readonly rejectionStatus?: 503 | 429;
}

function proxy({
  fixedMinRtt,
  minConcurrency = 10,
  latencyTolerance = 50,
  rejectionStatus = 503,
  ...unknown
}: AdaptiveConcurrencyOptions): ProxyFragment {
  refuseUnknown('adaptiveConcurrency', unknown);
  if (rejectionStatus !== 503 && rejectionStatus !== 429) {
    invalidOption('adaptiveConcurrency.rejectionStatus', 'must be 503 or 429', rejectionStatus, 'choose one of these');
  }
  const minRtt =
    fixedMinRtt === undefined
      ? { interval: '300s' as const, request_count: 25 }
      : { fixed_value: positiveSeconds('adaptiveConcurrency.fixedMinRtt', fixedMinRtt) };
  const filter = extension(
    'envoy.filters.http.adaptive_concurrency',
    'envoy.extensions.filters.http.adaptive_concurrency.v3.AdaptiveConcurrency',
    {
      gradient_controller_config: {
        concurrency_limit_params: { concurrency_update_interval: '0.1s' },
        min_rtt_calc_params: {
          ...minRtt,
          min_concurrency: integer('adaptiveConcurrency.minConcurrency', minConcurrency, 1, 1_000),
          buffer: { value: integer('adaptiveConcurrency.latencyTolerance', latencyTolerance, 1, 100) },
        },
      },
      concurrency_limit_exceeded_status: { code: rejectionStatus === 503 ? 'ServiceUnavailable' : 'TooManyRequests' },
    },
  );
  return { httpFilters: [filter] };
}

export const adaptiveConcurrency = { proxy, route: disableOnly('adaptiveConcurrency') };
