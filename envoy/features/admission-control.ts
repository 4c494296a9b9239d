import type { ProxyFragment } from '../fragments/fragment';
import { extension } from '../messages/builders';
import { hasFallback } from '../options/endpoints';
import { type Duration, integer, positiveWholeSeconds } from '../options/units';
import { flag, refuseUnknown } from '../options/validate';
import { disableOnly } from './shared/disable-only';
import { ejecting } from './shared/outlier-detection';

/**
 * Rejects part of the requests with 503 while the API answers with errors. The share grows with the share of errors, and
 * falls when the API recovers. Errors are responses with 500 or more, gRPC codes of server errors, and Envoy's own 503 and
 * 504. By default, it also turns `outlierDetection` on, which ejects single replicas first.
 *
 * A client that can cause errors makes Envoy reject requests of other clients too, at most `maxRejectionProbability`. Limit
 * it with `rateLimit.perClient`, or set `includeInternalErrors: false`.
 *
 * All upstreams count together, and each worker thread counts for itself. A 401 or 429 of another feature counts as a
 * success, so a flood of them hides errors. Aborted requests don't count. With `admissionControl: false` on a route, its
 * requests aren't counted and aren't rejected.
 */
export interface AdmissionControlOptions {
  /**
   * Share of successful responses, in percent, below which Envoy begins to reject requests.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/admission_control_filter
   * @default 95 - Envoy's own default; at 90 % success Envoy rejects 5 % of the requests, at 50 % half of them
   */
  readonly successRateThreshold?: number;
  /**
   * Time over which Envoy counts responses. After a recovery, rejections end within this time.
   *
   * @default '30s' - Envoy's own default
   */
  readonly samplingWindow?: Duration;
  /**
   * Requests per second and worker thread, averaged over the window, below which Envoy rejects nothing.
   *
   * @default 5 - with Envoy's own default of 0, two errors at night would reject the third client
   */
  readonly rpsThreshold?: number;
  /**
   * Maximum share of rejected requests, in percent. The remaining requests show when the API recovers.
   *
   * @default 80 - Envoy's own default
   */
  readonly maxRejectionProbability?: number;
  /**
   * Counts 500 as an error. A single request can cause a 500 by a bug in the API. 502, 503 and 504 rather show that the API
   * is down or overloaded.
   *
   * @default true - an API without its database usually answers 500
   */
  readonly includeInternalErrors?: boolean;
  /**
   * Turns `outlierDetection` on as well. With `false`, only the option `outlierDetection` decides. An upstream with a
   * fallback always has outlier detection by default.
   *
   * @default true
   */
  readonly includeOutlierDetection?: boolean;
}

function proxy({
  successRateThreshold = 95,
  samplingWindow = '30s',
  rpsThreshold = 5,
  maxRejectionProbability = 80,
  includeInternalErrors = true,
  includeOutlierDetection = true,
  ...unknown
}: AdmissionControlOptions): ProxyFragment {
  refuseUnknown('admissionControl', unknown);
  const sampled = positiveWholeSeconds('admissionControl.samplingWindow', samplingWindow, '30s');
  const filter = extension(
    'envoy.filters.http.admission_control',
    'envoy.extensions.filters.http.admission_control.v3.AdmissionControl',
    {
      success_criteria: flag('admissionControl.includeInternalErrors', includeInternalErrors)
        ? {}
        : { http_criteria: { http_success_status: [{ start: 100, end: 501 }] } },
      sampling_window: `${sampled}s`,
      sr_threshold: percent('successRateThreshold', successRateThreshold, 100),
      rps_threshold: { default_value: integer('admissionControl.rpsThreshold', rpsThreshold, 0, 2 ** 31 - 1) },
      max_rejection_probability: percent('maxRejectionProbability', maxRejectionProbability, 99),
    },
  );
  return {
    httpFilters: [filter],
    ...(includeOutlierDetection && {
      upstream: (servers) => (hasFallback(servers) ? {} : ejecting({}, servers)),
    }),
  };
}

function percent(option: 'successRateThreshold' | 'maxRejectionProbability', value: number, most: number) {
  return { default_value: { value: integer(`admissionControl.${option}`, value, 1, most) } };
}

export const admissionControl = { proxy, route: disableOnly('admissionControl') };
