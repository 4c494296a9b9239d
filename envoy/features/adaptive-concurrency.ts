import type { ProxyFragment } from '../fragments/fragment';
import { extension } from '../messages/builders';
import { type Duration, integer, positiveSeconds } from '../options/units';
import { invalidOption, refuseUnknown } from '../options/validate';
import { disableOnly } from './shared/disable-only';

/**
 * Finds out how many requests the API bears at once, and refuses the others with 503 at once, instead of letting all get slow.
 * Ten times a second it looks at how long the API takes, at the median: while that is not much longer than when the API has
 * little to do (its "minRTT"), more and more may be under way, up to 1000; else fewer. So it needs no number from you, while
 * the bounds of `circuitBreaker` are fixed ones. Envoy tries no refused request again.
 *
 * What it costs: when it starts and every five minutes or so, and when `minConcurrency` for a while did not help, it measures
 * the minRTT. Until 25 requests are answered, no more than `minConcurrency` may be under way then. Of steady loads with 10, 20
 * and 60 under way about 6, 45 and 200 requests were refused each time (with Envoy's own values 130, 340 and 740).
 * `fixedMinRtt` avoids that, but for the first second.
 *
 * All upstreams and worker threads count together, to the end of the answer: from the first byte of a body that Envoy passes on
 * as it comes, or the last of one that it holds (`requestBuffering`, `bodyLimit`). What other features refuse
 * does not count, and a `directResponse` or `redirect` of a route does. Write `adaptiveConcurrency: false` on these, on routes that take
 * long by nature (long polls, event streams, WebSockets, reports), and on the path that a load balancer asks whether all is
 * well: their requests neither count nor are they refused.
 */
export interface AdaptiveConcurrencyOptions {
  /**
   * How long the API takes at the median when it has little to do, instead of measuring it. Too short, and hardly more than
   * `minConcurrency` may ever be under way; too long, and all get slow first. What Envoy measures without it stands on its
   * statistics page (`adminView`) as `min_rtt_msecs`.
   *
   * @default - measured, as nobody has to know it then, and an API that gets slower or faster is measured again
   */
  readonly fixedMinRtt?: Duration;
  /**
   * How many requests may be under way however slow the API is, and no more when Envoy starts and while it measures: as many
   * as the API surely bears. From 1 to 1000. The nearer to what is usually under way, the fewer are refused then; more than the
   * API bears, and it measures one that is already slow.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/adaptive_concurrency_filter
   * @default 10, which a handful of worker processes bear; with Envoy's own 3, one page in a browser can ask too much at once
   */
  readonly minConcurrency?: number;
  /**
   * How much slower the API may be than when it has little to do, in percent, before fewer may be under way. From 1 to 100.
   *
   * @default 50, as an API that is busy and well is slower than an idle one, too; Envoy's own is 25
   */
  readonly latencyTolerance?: number;
  /**
   * What the refused get. 503 counts as a failure with `admissionControl`, which then refuses as well, and goes on for its
   * `samplingWindow`; 429 does not.
   *
   * @default 503, Envoy's own: it is the API that can't, and not the client that asks too often
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
