import type { UpstreamFragment } from '../fragments/fragment';
import { integer } from '../options/units';
import { invalidOption, refuseUnknown } from '../options/validate';
import type { ScopeContext } from './feature';

/**
 * How much the API is given at once. What is above a bound gets 503 with `x-envoy-overloaded: true` at once and is not tried
 * again, so that an API that has become slow does not take the sidecar and its clients with it.
 *
 * Each bound is that of all worker threads together, which may be above it for an instant by a request or two each.
 * The bounds look at amounts and not at errors: `admissionControl` is what opens when an API fails. The bound of retries
 * under way is `retries.maxConcurrentRetries`. `false` leaves Envoy's own bounds, as there is no way to be without.
 */
export interface CircuitBreakerOptions {
  /**
   * Connections to all replicas together. Requests above it wait for a connection. Each worker thread may have one to each
   * replica whatever the bound, so that none starves.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/circuit_breaking
   * @default 1024, Envoy's own: far more than an API in one or a few containers serves at once
   */
  readonly maxConnections?: number;
  /**
   * Requests that wait for a connection, also for one that is just being made. Those above it get 503.
   *
   * @default 1024, Envoy's own
   */
  readonly maxPendingRequests?: number;
  /**
   * Requests under way, answers of hours included: with many event streams or WebSockets raise it. Those above it get 503.
   *
   * @default 1024, Envoy's own
   */
  readonly maxRequests?: number;
  /**
   * Connections to one replica, for an API that takes few; further requests wait. As with `maxConnections`, each worker thread
   * may have one.
   *
   * @default - no bound but `maxConnections`
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
