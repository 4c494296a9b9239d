import type { UpstreamFragment } from '../fragment';
import { type Duration, fail, integer, positiveSeconds, refuseUnknown, urlPath } from '../values';

/**
 * Envoy asks each replica whether it is well, and sends requests only to those that are. When none is, `loadBalancing.panic`
 * decides. With `base`, ask for `loadBalancing` as well: without it Envoy uses unwell replicas as soon as half of them are.
 */
export interface HealthCheckOptions {
  /**
   * The path to ask for; an answer of 200 is well. An `ApiService` brings its `healthPath`.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/health_checking
   * @default - the upstream's health path; without one there is no health check
   */
  readonly path?: string;
  /**
   * The time between two questions. Also before the first request came: Envoy's own idle interval is a minute.
   *
   * @default '1s'
   */
  readonly interval?: Duration;
  /**
   * How long an answer may take.
   *
   * @default '1s'
   */
  readonly timeout?: Duration;
  /**
   * Bad answers in a row until a replica gets no more requests.
   *
   * @default 2
   */
  readonly unhealthyThreshold?: number;
  /**
   * Good answers in a row until it gets requests again. A new replica needs one in any case.
   *
   * @default 1
   */
  readonly healthyThreshold?: number;
}

function upstream(options: HealthCheckOptions, whole: HealthCheckOptions = {}): UpstreamFragment {
  const {
    path,
    interval = '1s',
    timeout = '1s',
    unhealthyThreshold = 2,
    healthyThreshold = 1,
    ...unknown
  } = { ...whole, ...options };
  refuseUnknown('healthCheck', unknown);
  if (path === undefined) {
    fail('healthCheck.path', 'is needed, since the upstream names no health path', path, "write for example '/health'");
  }
  const every = positiveSeconds('healthCheck.interval', interval);
  return {
    cluster: {
      health_checks: [
        {
          timeout: positiveSeconds('healthCheck.timeout', timeout),
          interval: every,
          no_traffic_interval: every,
          unhealthy_threshold: integer('healthCheck.unhealthyThreshold', unhealthyThreshold, 1, 1_000),
          healthy_threshold: integer('healthCheck.healthyThreshold', healthyThreshold, 1, 1_000),
          http_health_check: {
            path: urlPath('healthCheck.path', path),
            // Without these the first bad answer counts for all, and the threshold is for time-outs alone.
            retriable_statuses: [{ start: 100, end: 600 }],
          },
        },
      ],
    },
  };
}

export const healthCheck = { upstream };
