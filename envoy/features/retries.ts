import { extension } from '../api';
import type { RouteFragment, UpstreamFragment } from '../fragment';
import {
  type Bytes,
  bytes,
  type Duration,
  fail,
  integer,
  milliseconds,
  oneOf,
  positiveSeconds,
  refuseUnknown,
} from '../values';

/** Requests that failed are tried again, on another replica where there is one. */
export interface RetryOptions {
  /**
   * How often at the most, after the first try; 0 turns retries off.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-retrypolicy
   * @default 3
   */
  readonly attempts?: number;
  /**
   * The pause before the first retry. It doubles each time, up to `maxBackOff`, and each pause is a random part of that.
   *
   * @default '50ms'
   */
  readonly backOff?: Duration;
  /**
   * The longest pause.
   *
   * @default '1s'
   */
  readonly maxBackOff?: Duration;
  /**
   * What is tried again whatever the method. By default only what the API has certainly not seen.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on
   * @default ['connect-failure', 'refused-stream']
   */
  readonly on?: readonly RetryOn[];
  /**
   * What is tried again, besides, for methods that may be repeated without harm: GET, HEAD, OPTIONS, TRACE, PUT, DELETE.
   * By default a connection that ended before it answered, as happens when a replica stops.
   *
   * @default ['reset']
   */
  readonly onIdempotent?: readonly RetryOn[];
  /**
   * Retries under way at once; further requests fail without one. Envoy's own 3 fails most requests of a busy
   * API as soon as one replica goes.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/circuit_breaker.proto
   * @default 1024, as many as Envoy lets requests wait
   */
  readonly concurrent?: number;
  /**
   * What Envoy keeps of a request's body to send it again; a longer one is sent once.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-route
   * @default '1MiB'
   */
  readonly body?: Bytes;
}

const RETRY_ON = [
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'envoy-ratelimited',
  'retriable-4xx',
  'refused-stream',
  'http3-post-connect-failure',
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
] as const;

/** What a request can be tried again for, in Envoy's words. */
export type RetryOn = (typeof RETRY_ON)[number];

function route(options: RetryOptions, whole: RetryOptions = {}): RouteFragment {
  const {
    attempts = 3,
    body = '1MiB',
    backOff = '50ms',
    maxBackOff = '1s',
    on = ['connect-failure', 'refused-stream'],
    onIdempotent = ['reset'],
    concurrent: _,
    ...unknown
  } = { ...whole, ...options };
  refuseUnknown('retries', unknown);
  if (milliseconds('retries.maxBackOff', maxBackOff) < milliseconds('retries.backOff', backOff)) {
    fail('retries.maxBackOff', `must not be shorter than retries.backOff ('${backOff}')`, maxBackOff, 'raise it');
  }
  integer('retries.attempts', attempts, 0, 1_000);
  if (attempts === 0) {
    return {};
  }
  for (const condition of on) {
    oneOf('retries.on', condition, RETRY_ON);
  }
  for (const condition of onIdempotent) {
    oneOf('retries.onIdempotent', condition, RETRY_ON);
  }
  const policy = (conditions: readonly RetryOn[]) => ({
    retry_policy: {
      retry_on: conditions.join(','),
      num_retries: attempts,
      retry_back_off: {
        base_interval: positiveSeconds('retries.backOff', backOff),
        max_interval: positiveSeconds('retries.maxBackOff', maxBackOff),
      },
      // Not the same replica again, if there is another. Round robin finds it at the second look; of two, 'leastRequest'
      // takes the one that fails fast three times out of four, so that Envoy's recommended five looks are not enough.
      retry_host_predicate: [PREVIOUS_HOSTS],
      host_selection_retry_max_attempts: 20,
    },
  });
  return {
    route: { request_body_buffer_limit: bytes('retries.body', body) },
    ...(on.length > 0 && { action: policy(on) }),
    ...(onIdempotent.length > 0 && { idempotentAction: policy([...on, ...onIdempotent]) }),
  };
}

const PREVIOUS_HOSTS = extension(
  'envoy.retry_host_predicates.previous_hosts',
  'envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate',
  {},
);

function upstream(
  { concurrent, ...unknown }: Pick<RetryOptions, 'concurrent'>,
  whole: RetryOptions = {},
): UpstreamFragment {
  refuseUnknown('retries', unknown);
  const most = concurrent ?? whole.concurrent ?? 1_024;
  return {
    cluster: {
      circuit_breakers: { thresholds: [{ max_retries: integer('retries.concurrent', most, 1, 2 ** 31 - 1) }] },
    },
  };
}

export const retries = { onByDefault: true as const, route, upstream };
