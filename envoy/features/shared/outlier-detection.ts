import type { UpstreamFragment } from '../../fragments/fragment';
import { hasFallback, type Server } from '../../options/endpoints';
import { type Duration, integer, milliseconds, positiveSeconds, seconds } from '../../options/units';
import { invalidOption, refuseUnknown } from '../../options/validate';

/** Takes replicas out that answer badly: what `outlierDetection` says, and `admissionControl` by default. */
export function ejecting(options: OutlierDetectionOptions, servers: readonly Server[]): UpstreamFragment {
  const {
    consecutive5xx = hasFallback(servers) ? false : 5,
    consecutiveGatewayFailures = 3,
    interval = '10s',
    baseEjectionTime = '30s',
    maxEjectionTime,
    maxEjectionPercent = hasFallback(servers) ? 100 : 50,
    ...unknown
  } = options;
  refuseUnknown('outlierDetection', unknown);
  if (consecutive5xx === false && consecutiveGatewayFailures === false) {
    invalidOption(
      'outlierDetection.consecutive5xx',
      'must not be false together with consecutiveGatewayFailures',
      false,
      'leave outlierDetection out',
    );
  }
  const first = milliseconds('outlierDetection.baseEjectionTime', baseEjectionTime);
  const most = maxEjectionTime ?? (first > 300_000 ? baseEjectionTime : '5m');
  if (milliseconds('outlierDetection.maxEjectionTime', most) < first) {
    invalidOption(
      'outlierDetection.maxEjectionTime',
      `must not be shorter than outlierDetection.baseEjectionTime ('${baseEjectionTime}')`,
      most,
      'raise it',
    );
  }
  return {
    cluster: {
      outlier_detection: {
        ...row('consecutive_5xx', 'outlierDetection.consecutive5xx', consecutive5xx),
        ...row(
          'consecutive_gateway_failure',
          'outlierDetection.consecutiveGatewayFailures',
          consecutiveGatewayFailures,
        ),
        // Needs five replicas with a hundred requests in each interval, and tells nothing of fewer.
        enforcing_success_rate: 0,
        interval: positiveSeconds('outlierDetection.interval', interval),
        base_ejection_time: positiveSeconds('outlierDetection.baseEjectionTime', baseEjectionTime),
        max_ejection_time: seconds('outlierDetection.maxEjectionTime', most),
        max_ejection_percent: integer('outlierDetection.maxEjectionPercent', maxEjectionPercent, 1, 100),
        // Half of one is none, and also of three where somebody writes 10.
        always_eject_one_host: true,
        successful_active_health_check_uneject_host: false,
      },
    },
  };
}

/** So many in a row count, and always: Envoy's share for gateway failures is 0 %. */
function row<Name extends 'consecutive_5xx' | 'consecutive_gateway_failure'>(
  name: Name,
  path: string,
  count: number | false,
) {
  return count === false
    ? { [`enforcing_${name}`]: 0 }
    : { [name]: integer(path, count, 1, 1_000_000), [`enforcing_${name}`]: 100 };
}

/**
 * A replica that answers badly several times in a row gets no requests for a while: the circuit to it opens, and closes
 * again. At least one may go at a time, also of two or three. An only one that goes is used all the same, unless
 * `loadBalancing.panicMode` is `false`: then requests get 503 until it is back.
 *
 * Off by default: an API that answers 500 to some requests through a fault of its own would lose replicas for all clients,
 * and whoever knows such a request could take them out. On where the upstream has a fallback, which then takes over.
 */
export interface OutlierDetectionOptions {
  /**
   * Bad answers in a row: any from 500 on, connections that fail or break, and time-outs. `false` counts only those of
   * `consecutiveGatewayFailures`.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier
   * @default 5, Envoy's own; with a fallback `false`, since then it is on for those who did not ask for it
   */
  readonly consecutive5xx?: number | false;
  /**
   * Of these, 502, 503 and 504, connections that fail or break, and time-outs in a row: they tell of the replica, where a
   * 500 may tell of the request. Envoy itself only counts them. `false` does not look at them apart.
   *
   * @default 3, since it would never come before `consecutive5xx` with Envoy's own 5
   */
  readonly consecutiveGatewayFailures?: number | false;
  /**
   * How often Envoy looks for replicas whose time is over. For each such time that a replica was well it stays out shorter
   * the next time.
   *
   * @default '10s', Envoy's own
   */
  readonly interval?: Duration;
  /**
   * How long a replica is out the first time, the second time twice as long, and so on. Also while it answers its health
   * check, which Envoy itself would take for an all-clear.
   *
   * @default '30s', Envoy's own
   */
  readonly baseEjectionTime?: Duration;
  /**
   * How long it is out at the most.
   *
   * @default '5m', or `baseEjectionTime` where that is longer
   */
  readonly maxEjectionTime?: Duration;
  /**
   * The share of the replicas that may be out at once; one may in any case.
   *
   * @default 50, so that the others can carry what the ones that are out don't: Envoy's own 10 is made for large groups. With
   * a fallback 100, since that takes over once all others are out
   */
  readonly maxEjectionPercent?: number;
}
