import type { ProxyFragment } from '../fragments/fragment';
import { extension } from '../messages/builders';
import { hasFallback } from '../options/endpoints';
import { type Duration, integer, positiveWholeSeconds } from '../options/units';
import { flag, refuseUnknown } from '../options/validate';
import { disableOnly } from './shared/disable-only';
import { ejecting } from './shared/outlier-detection';

/**
 * What most people mean by a circuit breaker: it opens on errors and closes again. Two things of Envoy's together. Admission
 * control refuses a share of the requests, with 503 and without asking the API, that grows with the share of failures: any
 * answer from 500 on, the gRPC codes that tell of a server in trouble, and Envoy's own 503 and 504 where the API can't be
 * reached or takes too long. What it lets through finds out when the API is well again. And `outlierDetection`, as it is by
 * default, takes single replicas out first.
 *
 * A client that can make the API fail makes it refuse other clients, `maxRejectionProbability` of their requests at the most. Bound its
 * share by `rateLimit` with `perClient`, or leave out what one request can provoke by `includeInternalErrors: false`.
 *
 * All upstreams count together, and each worker thread for itself. What other features refuse with less than 500, as 401 or
 * 429, counts as a good answer with Envoy, so a flood of these keeps it closed. Clients that go away count as nothing. With
 * `admissionControl: false` on a route, its requests neither count nor are they refused.
 */
export interface AdmissionControlOptions {
  /**
   * The share of good answers, in percent, below which it begins to open.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/admission_control_filter
   * @default 95, Envoy's own; at 90 it refuses a twentieth, at 50 a half of the requests
   */
  readonly successRateThreshold?: number;
  /**
   * How far it looks back. So long, at the most, it takes to close.
   *
   * @default '30s', Envoy's own
   */
  readonly samplingWindow?: Duration;
  /**
   * Requests a second and worker thread, over the window, that the API is given whatever it answers. Without, two failures
   * at night would refuse the third client; Envoy's own is 0.
   *
   * @default 5
   */
  readonly rpsThreshold?: number;
  /**
   * The share of the requests, in percent, that is refused at the most. What is left has to find out when the API is well.
   *
   * @default 80, Envoy's own
   */
  readonly maxRejectionProbability?: number;
  /**
   * Whether a 500 counts as a failure. One request can provoke it by a mistake in the API; 502, 503 and 504 rather come from an
   * API that is down or overloaded.
   *
   * @default true, since an API without its database mostly answers 500
   */
  readonly includeInternalErrors?: boolean;
  /**
   * Whether it also sets `outlierDetection`. With `false`, that option says it, or nothing does. An upstream with a fallback has
   * one of its own, by default too.
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
