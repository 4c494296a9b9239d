import type { UpstreamFragment } from '../../fragments/fragment';
import { hasFallback, type Server } from '../../options/endpoints';
import { fail, integer, milliseconds, positiveSeconds, refuseUnknown, seconds } from '../../options/validate';
import type { OutlierDetectionOptions } from '../outlier-detection';

/** Takes replicas out that answer badly: what `outlierDetection` says, and `errorBreaker` by default. */
export function ejecting(options: OutlierDetectionOptions, servers: readonly Server[]): UpstreamFragment {
  const {
    consecutive5xx = hasFallback(servers) ? false : 5,
    consecutiveGatewayFailures = 3,
    interval = '10s',
    ejectionTime = '30s',
    maxEjectionTime,
    maxEjectedPercent = hasFallback(servers) ? 100 : 50,
    ...unknown
  } = options;
  refuseUnknown('outlierDetection', unknown);
  if (consecutive5xx === false && consecutiveGatewayFailures === false) {
    fail(
      'outlierDetection.consecutive5xx',
      'must not be false together with consecutiveGatewayFailures',
      false,
      'leave outlierDetection out',
    );
  }
  const first = milliseconds('outlierDetection.ejectionTime', ejectionTime);
  const most = maxEjectionTime ?? (first > 300_000 ? ejectionTime : '5m');
  if (milliseconds('outlierDetection.maxEjectionTime', most) < first) {
    fail(
      'outlierDetection.maxEjectionTime',
      `must not be shorter than outlierDetection.ejectionTime ('${ejectionTime}')`,
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
        base_ejection_time: positiveSeconds('outlierDetection.ejectionTime', ejectionTime),
        max_ejection_time: seconds('outlierDetection.maxEjectionTime', most),
        max_ejection_percent: integer('outlierDetection.maxEjectedPercent', maxEjectedPercent, 1, 100),
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
