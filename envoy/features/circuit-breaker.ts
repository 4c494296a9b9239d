import type { UpstreamFragment } from '../fragments/fragment';
import { integer } from '../options/units';
import { invalidOption, refuseUnknown } from '../options/validate';
import type { ScopeContext } from './feature';

/**
 * Limits connections and requests to the API. Further requests get 503 with `x-envoy-overloaded: true` immediately, without
 * a retry. So a slow API doesn't exhaust the sidecar.
 *
 * All worker threads share each limit. They may exceed it for an instant by one or two requests each. The circuit breaker
 * doesn't count errors: `admissionControl` does. `retries.maxConcurrentRetries` limits retries. `false` leaves Envoy's own
 * limits in place, because Envoy can't turn them off.
 */
export interface CircuitBreakerOptions {
  /**
   * Maximum number of connections to all replicas together. Further requests wait for a connection. Each worker thread may
   * always open one connection to each replica.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/circuit_breaking
   * @default 1024 - Envoy's own default, far more than a few containers serve at the same time
   */
  readonly maxConnections?: number;
  /**
   * Maximum number of requests that wait for a connection. Further requests get 503.
   *
   * @default 1024 - Envoy's own default
   */
  readonly maxPendingRequests?: number;
  /**
   * Maximum number of requests at the same time, streams included. Further requests get 503. Raise it for an API with many
   * event streams or WebSockets.
   *
   * @default 1024 - Envoy's own default
   */
  readonly maxRequests?: number;
  /**
   * Maximum number of connections to one replica, at most `maxConnections`. Further requests wait. Each worker thread may
   * always open one connection.
   *
   * @default - only `maxConnections` applies
   */
  readonly maxConnectionsPerHost?: number;
}

function upstream(
  options: CircuitBreakerOptions,
  { inherited = {} }: ScopeContext<CircuitBreakerOptions> = {},
): UpstreamFragment {
  const {
    maxConnections = 1_024,
    maxPendingRequests = 1_024,
    maxRequests = 1_024,
    maxConnectionsPerHost,
    ...unknown
  } = { ...inherited, ...options };
  refuseUnknown('circuitBreaker', unknown);
  const bound = (name: keyof CircuitBreakerOptions, value: number) =>
    integer(`circuitBreaker.${name}`, value, 1, 2 ** 31 - 1);
  if (maxConnectionsPerHost !== undefined && maxConnectionsPerHost > maxConnections) {
    invalidOption(
      'circuitBreaker.maxConnectionsPerHost',
      `must not be above circuitBreaker.maxConnections (${maxConnections})`,
      maxConnectionsPerHost,
      'raise that one, too, or leave this one out',
    );
  }
  return {
    cluster: {
      circuit_breakers: {
        thresholds: [
          {
            max_connections: bound('maxConnections', maxConnections),
            max_pending_requests: bound('maxPendingRequests', maxPendingRequests),
            max_requests: bound('maxRequests', maxRequests),
            // How much is left, as `remaining_` statistics.
            track_remaining: true,
          },
        ],
        ...(maxConnectionsPerHost !== undefined && {
          per_host_thresholds: [{ max_connections: bound('maxConnectionsPerHost', maxConnectionsPerHost) }],
        }),
      },
    },
  };
}

export const circuitBreaker = { onByDefault: true as const, upstream };
