import type { RouteFragment, UpstreamFragment } from '../fragments/fragment';
import { ANOTHER_HOST, extension } from '../messages/builders';
import { hasFallback, type Server } from '../options/endpoints';
import { type Bytes, bytes, type Duration, integer, milliseconds, positiveSeconds } from '../options/units';
import { invalidOption, oneOf, refuseUnknown } from '../options/validate';
import type { RouteContext, ScopeContext } from './feature';

/** Requests that failed are tried again, on another replica where there is one. */
export interface RetryOptions {
  /**
   * Maximum number of retries after the first try; 0 turns retries off.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-retrypolicy
   * @default 3, so that a request finds a living replica while a deploy replaces three. Envoy can't tell an answer that it can't
   * parse from a broken connection, so each such answer to a GET costs the API as many further requests
   */
  readonly numRetries?: number;
  /**
   * The pauses between the tries. A route that sets one of the two intervals keeps the other one of the whole proxy.
   *
   * @default - 50 ms before the first retry, at most 1 s before further ones
   */
  readonly backOff?: RetryBackOff;
  /**
   * What is tried again whatever the method. By default only what the API has certainly not seen.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on
   * @default ['connect-failure', 'refused-stream']
   */
  readonly retryOn?: readonly RetryOn[];
  /**
   * What is tried again, besides, for methods that may be repeated without harm: GET, HEAD, OPTIONS, PUT, DELETE.
   * By default a connection that ended before it answered, as happens when a replica stops; with a fallback also a try that
   * took longer than `perTryTimeout`, and an answer of 502, 503 or 504, which the fallback may do better.
   *
   * @default ['reset'], and ['reset', 'gateway-error'] to an upstream with a fallback
   */
  readonly retryOnIdempotent?: readonly RetryOn[];
  /**
   * Time until Envoy sends the request to another replica as well, for requests that are retried on 'reset', '5xx' or
   * 'gateway-error'. The first try continues, and Envoy returns the first good response (hedging). So the API works twice on
   * each request that takes longer. All tries must fit into `timeouts.request`. `'0s'` turns it off.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/http_routing#request-hedging
   * @default - none, because an API that is slow would execute its slowest requests twice. With a fallback, which can answer
   * instead: a quarter of `timeouts.request`, or more with fewer than 3 retries; none where that is '0s'
   */
  readonly perTryTimeout?: Duration;
  /**
   * Retries under way at once; further requests fail without one. Envoy's own 3 fails most requests of a busy
   * API as soon as one replica goes.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/circuit_breaker.proto
   * @default 1024, as many as Envoy lets requests wait
   */
  readonly maxConcurrentRetries?: number;
  /**
   * Instead of `maxConcurrentRetries`: retries under way at once as a share of the requests under way, so that an API that has too
   * much to do does not get that much more. When a replica goes, all that it had needs a retry at once, and what is
   * above the share fails: half of the requests, with 20 % and no `budgetInterval`.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/circuit_breaker.proto#config-cluster-v3-circuitbreakers-thresholds-retrybudget
   * @default - none, since then a replica that goes costs no request
   */
  readonly budget?: RetryBudget;
  /**
   * What Envoy keeps of a request's body to send it again; a longer one is sent once.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-route
   * @default '1MiB'
   */
  readonly requestBufferLimit?: Bytes;
}

/**
 * Exponential back-off: each pause is a random part of an interval that doubles with each retry.
 *
 * @option `retries: { backOff: { … } }`
 */
export interface RetryBackOff {
  /**
   * Interval of the first retry, above zero.
   *
   * @default '50ms'
   */
  readonly baseInterval?: Duration;
  /**
   * Longest interval, not shorter than `baseInterval`.
   *
   * @default '1s'
   */
  readonly maxInterval?: Duration;
}

/**
 * The share of retries among the requests under way.
 */
export interface RetryBudget {
  /** The share in percent, as 20. */
  readonly budgetPercent: number;
  /**
   * So many may be under way in any case.
   *
   * @default 10, since of few requests any share is less than one
   */
  readonly minRetryConcurrency?: number;
  /**
   * Requests that began within this time count as under way, so that those before a replica went pay for the retries
   * after. Needs Envoy 1.39.
   *
   * @default - only what is under way counts
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
