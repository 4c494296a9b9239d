import type { RouteFragment, UpstreamFragment } from '../fragments/fragment';
import { ANOTHER_HOST, extension } from '../messages/builders';
import { hasFallback, type Server } from '../options/endpoints';
import { type Bytes, bytes, type Duration, integer, milliseconds, positiveSeconds } from '../options/units';
import { invalidOption, oneOf, refuseUnknown } from '../options/validate';
import type { RouteContext, ScopeContext } from './feature';

/** Sends failed requests again, to another replica if there is one. */
export interface RetryOptions {
  /**
   * Maximum number of retries after the first try. 0 turns retries off. Envoy also retries a GET whose response it can't
   * parse, so each invalid response costs further requests.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-retrypolicy
   * @default 3 - so a request finds a running replica while a deploy replaces three
   */
  readonly numRetries?: number;
  /**
   * Pauses between the tries. If a route sets one of the two intervals, it inherits the other one.
   *
   * @default - 50 ms before the first retry, at most 1 s before further ones
   */
  readonly backOff?: RetryBackOff;
  /**
   * Failures that Envoy retries for every method.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on
   * @default ['connect-failure', 'refused-stream'] - only failures before the API processed the request
   */
  readonly retryOn?: readonly RetryOn[];
  /**
   * Further failures that Envoy retries for idempotent methods: GET, HEAD, OPTIONS, PUT and DELETE. `'reset'` means that the
   * connection ended before the response, for example because a replica stopped. `'gateway-error'` means a response with
   * 502, 503 or 504.
   *
   * @default ['reset'], and ['reset', 'gateway-error'] with a fallback - the fallback may succeed where the primary fails
   */
  readonly retryOnIdempotent?: readonly RetryOn[];
  /**
   * Time until Envoy also sends the request to another replica. This applies to requests that are retried on `'reset'`,
   * `'5xx'` or `'gateway-error'`. The first try continues, and Envoy returns the first good response (hedging). So the API
   * executes slow requests twice. All tries must fit into `timeouts.request`. `'0s'` turns it off.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/http_routing#request-hedging
   * @default - none, because a slow API would execute its slowest requests twice. With a fallback: a quarter of
   * `timeouts.request`, or more with fewer than 3 retries; none if `timeouts.request` is '0s'
   */
  readonly perTryTimeout?: Duration;
  /**
   * Maximum number of retries at the same time. Envoy doesn't retry further failed requests.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/circuit_breaker.proto
   * @default 1024 - the same as `circuitBreaker.maxPendingRequests`; with Envoy's own 3, most requests fail when a replica
   * of a busy API stops
   */
  readonly maxConcurrentRetries?: number;
  /**
   * Limits retries to a share of the active requests. It replaces `maxConcurrentRetries` and protects an overloaded API from
   * additional load. When a replica stops, all its requests need a retry at once, and those above the share fail. In a
   * measurement, half of them failed with 20 % and no `budgetInterval`.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/circuit_breaker.proto#config-cluster-v3-circuitbreakers-thresholds-retrybudget
   * @default - none, so no request fails when a replica stops
   */
  readonly budget?: RetryBudget;
  /**
   * Maximum size of a request body that Envoy keeps for retries. Envoy doesn't retry requests with larger bodies.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-route
   * @default '1MiB'
   */
  readonly requestBufferLimit?: Bytes;
}

/**
 * Pauses between the tries. The pause doubles with each retry, up to `maxInterval`. Envoy waits a random part of it.
 */
export interface RetryBackOff {
  /**
   * Pause before the first retry, longer than zero.
   *
   * @default '50ms'
   */
  readonly baseInterval?: Duration;
  /**
   * Longest pause, not shorter than `baseInterval`.
   *
   * @default '1s'
   */
  readonly maxInterval?: Duration;
}

/** Share of retries among the active requests. */
export interface RetryBudget {
  /** Maximum share of retries, in percent of the active requests, from 1 to 100. */
  readonly budgetPercent: number;
  /**
   * Number of retries at the same time that Envoy always allows.
   *
   * @default 10 - with few requests, the share would be less than one retry
   */
  readonly minRetryConcurrency?: number;
  /**
   * Time for which Envoy counts a request as active after its start. So requests from before a failure make room for the
   * retries after it. Needs Envoy 1.39.
   *
   * @default - Envoy counts only requests in flight
   */
  readonly budgetInterval?: Duration;
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

function route(
  options: RetryOptions,
  { inherited = {}, servers = [] }: Partial<RouteContext<RetryOptions>> = {},
): RouteFragment {
  const {
    numRetries = 3,
    requestBufferLimit = '1MiB',
    retryOn = ['connect-failure', 'refused-stream'],
    retryOnIdempotent = hasFallback(servers) ? ['reset', 'gateway-error'] : ['reset'],
    perTryTimeout,
    maxConcurrentRetries: _,
    budget: __,
    backOff: ___,
    ...unknown
  } = { ...inherited, ...options };
  refuseUnknown('retries', unknown);
  const { baseInterval = '50ms', maxInterval = '1s', ...more } = { ...inherited.backOff, ...options.backOff };
  refuseUnknown('retries.backOff', more);
  if (
    milliseconds('retries.backOff.maxInterval', maxInterval) <
    milliseconds('retries.backOff.baseInterval', baseInterval)
  ) {
    invalidOption(
      'retries.backOff.maxInterval',
      `must not be shorter than retries.backOff.baseInterval ('${baseInterval}')`,
      maxInterval,
      'raise it',
    );
  }
  if (integer('retries.numRetries', numRetries, 0, 1_000) === 0) {
    return {};
  }
  for (const condition of retryOn) {
    oneOf('retries.retryOn', condition, RETRY_ON);
  }
  for (const condition of retryOnIdempotent) {
    oneOf('retries.retryOnIdempotent', condition, RETRY_ON);
  }
  const policy = (conditions: readonly RetryOn[]) => ({
    retry_policy: {
      retry_on: conditions.join(','),
      num_retries: numRetries,
      retry_back_off: {
        base_interval: positiveSeconds('retries.backOff.baseInterval', baseInterval),
        max_interval: positiveSeconds('retries.backOff.maxInterval', maxInterval),
      },
      ...ANOTHER_HOST,
      // Before it is known that none of them is well: those that were tried are all there are.
      ...(hasFallback(servers) && {
        retry_priority: previousPriorities(triesBefore(servers, numRetries)),
      }),
    },
  });
  if (perTryTimeout !== undefined) {
    milliseconds('retries.perTryTimeout', perTryTimeout);
  }
  return {
    retryTiming: {
      maxTries: numRetries + 1,
      ...(hasFallback(servers) && { sequentialTries: Math.min(numRetries + 1, 4) }),
      ...(perTryTimeout !== undefined && { perTryTimeout: perTryTimeout }),
    },
    route: { request_body_buffer_limit: bytes('retries.requestBufferLimit', requestBufferLimit) },
    ...(retryOn.length > 0 && { action: policy(retryOn) }),
    ...(retryOnIdempotent.length > 0 && { idempotentAction: policy([...retryOn, ...retryOnIdempotent]) }),
  };
}

/**
 * So many tries before a fallback gets one: a second at another replica, if there is one. Not as many as there are, which would
 * be late, when all of them hang; and never all there are, or the fallback would get none.
 */
function triesBefore(servers: readonly Server[], numRetries: number): number {
  const primaries = servers.filter(({ fallback }) => !fallback);
  return Math.min(
    2,
    numRetries,
    primaries.reduce((sum, { replicas = 1 }) => sum + replicas, 0),
  );
}

/** After so many tries at those of one priority, the next is at those of the other. */
const previousPriorities = (tries: number) =>
  extension(
    'envoy.retry_priorities.previous_priorities',
    'envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig',
    { update_frequency: tries },
  );

function upstream(
  { maxConcurrentRetries, budget, ...unknown }: Pick<RetryOptions, 'maxConcurrentRetries' | 'budget'>,
  { inherited = {} }: ScopeContext<RetryOptions> = {},
): UpstreamFragment {
  refuseUnknown('retries', unknown);
  const isOwn = maxConcurrentRetries !== undefined || budget !== undefined;
  const bound = isOwn ? { maxConcurrentRetries, budget } : inherited;
  if (bound.budget === undefined) {
    const most = integer('retries.maxConcurrentRetries', bound.maxConcurrentRetries ?? 1_024, 1, 2 ** 31 - 1);
    return { cluster: { circuit_breakers: { thresholds: [{ max_retries: most }] } } };
  }
  if (bound.maxConcurrentRetries !== undefined) {
    invalidOption(
      'retries.budget',
      'must not be given together with maxConcurrentRetries',
      bound.budget,
      'choose one of them',
    );
  }
  const { budgetPercent, minRetryConcurrency = 10, budgetInterval, ...more } = bound.budget;
  refuseUnknown('retries.budget', more);
  return {
    cluster: {
      circuit_breakers: {
        thresholds: [
          {
            retry_budget: {
              budget_percent: { value: integer('retries.budget.budgetPercent', budgetPercent, 1, 100) },
              min_retry_concurrency: integer('retries.budget.minRetryConcurrency', minRetryConcurrency, 1, 2 ** 31 - 1),
              ...(budgetInterval !== undefined && {
                budget_interval: positiveSeconds('retries.budget.budgetInterval', budgetInterval),
              }),
            },
          },
        ],
      },
    },
  };
}

export const retries = { onByDefault: true as const, route, upstream };
