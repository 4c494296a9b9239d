import { type RetryOptions, retries } from '../../../envoy/features/retries';
import type { Server } from '../../../envoy/options/endpoints';

function policy(on: string, changes: object = {}) {
  return {
    retry_policy: {
      retry_on: on,
      num_retries: 3,
      retry_back_off: { base_interval: '0.05s', max_interval: '1s' },
      retry_host_predicate: [
        {
          name: 'envoy.retry_host_predicates.previous_hosts',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate',
          },
        },
      ],
      host_selection_retry_max_attempts: 20,
      ...changes,
    },
  };
}

/** The policy of all methods, and that of those which may be repeated. */
function both(changes: object, tries = 4) {
  return {
    ...buffered(tries),
    action: policy('connect-failure,refused-stream', changes),
    idempotentAction: policy('connect-failure,refused-stream,reset', { num_retries: tries - 1, ...changes }),
  };
}

const buffered = (maxTries: number) => ({ route: { request_body_buffer_limit: 1_048_576 }, retryTiming: { maxTries } });

const fallback = [
  { host: 'a', port: 80, fallback: false },
  { host: 'b', port: 80, fallback: false },
  { host: 'c', port: 80, fallback: true },
];

test('to a fallback go retries after a second try at the others, and bad answers of these', () => {
  const retry_priority = {
    name: 'envoy.retry_priorities.previous_priorities',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig',
      update_frequency: 2,
    },
  };
  expect(retries.route({}, { servers: fallback })).toEqual({
    ...buffered(4),
    retryTiming: { maxTries: 4, sequentialTries: 4 },
    action: policy('connect-failure,refused-stream', { retry_priority }),
    idempotentAction: policy('connect-failure,refused-stream,reset,gateway-error', { retry_priority }),
  });
  expect(retries.route({ retryOnIdempotent: [], numRetries: 2 }, { servers: fallback })).toEqual({
    ...buffered(3),
    retryTiming: { maxTries: 3, sequentialTries: 3 },
    action: policy('connect-failure,refused-stream', { num_retries: 2, retry_priority }),
  });
  expect(retries.route({}, { servers: fallback.slice(0, 2) })).toEqual(both({}));
});

const server = (replicas?: number, isFallback = false) => ({
  ...{ host: 'x', port: 80, fallback: isFallback },
  ...(replicas !== undefined && { replicas }),
});

test.each<[Server[], RetryOptions, number]>([
  [[server()], {}, 1],
  [[server(1)], {}, 1],
  [[server(2)], {}, 2],
  [[server(1), server()], {}, 2],
  [[server(100), server(5)], {}, 2],
  // The one retry is the fallback's.
  [[server(2)], { numRetries: 1 }, 1],
])('before the fallback is there a second try at others of %j with %j: %d', (servers, options, update_frequency) => {
  const { action } = retries.route(options, { servers: [...servers, server(9, true)] });
  expect(action?.retry_policy?.retry_priority?.typed_config).toMatchObject({ update_frequency });
});

test('perTryTimeout is for the route, which knows how long all tries may take', () => {
  expect(retries.route({ perTryTimeout: '2s' })).toEqual({
    ...both({}),
    retryTiming: { maxTries: 4, perTryTimeout: '2s' },
  });
});

function breaker(retriesAtOnce: number) {
  return { cluster: { circuit_breakers: { thresholds: [{ max_retries: retriesAtOnce }] } } };
}

test('is on by default', () => {
  expect(retries.onByDefault).toBe(true);
});

test('by default repeats what the API has not seen, and what was cut off only where repeating is harmless', () => {
  expect(retries.route({})).toEqual(both({}));
  expect(retries.upstream({})).toEqual(breaker(1024));
});

test('numRetries', () => {
  expect(retries.route({ numRetries: 2 })).toEqual(both({ num_retries: 2 }, 3));
});

test('numRetries: 0 turns retries off', () => {
  expect(retries.route({ numRetries: 0 })).toEqual({});
});

test('backOff sets both intervals', () => {
  expect(retries.route({ backOff: { baseInterval: '2s', maxInterval: '1m' } })).toEqual(
    both({ retry_back_off: { base_interval: '2s', max_interval: '60s' } }),
  );
});

test("a route's own interval keeps the other one of the proxy", () => {
  const inherited = { backOff: { baseInterval: '2s', maxInterval: '1m' } } as const;
  expect(retries.route({ backOff: { baseInterval: '5s' } }, { inherited })).toEqual(
    both({ retry_back_off: { base_interval: '5s', max_interval: '60s' } }),
  );
});

test('retryOn is for every method, the ones that may be repeated included', () => {
  expect(retries.route({ retryOn: ['5xx'] })).toEqual({
    ...buffered(4),
    action: policy('5xx'),
    idempotentAction: policy('5xx,reset'),
  });
});

test('retryOnIdempotent comes on top of retryOn', () => {
  expect(retries.route({ retryOnIdempotent: ['gateway-error', 'reset'] })).toEqual({
    ...buffered(4),
    action: policy('connect-failure,refused-stream'),
    idempotentAction: policy('connect-failure,refused-stream,gateway-error,reset'),
  });
});

test('retryOn: [] repeats only what may be repeated', () => {
  expect(retries.route({ retryOn: [] })).toEqual({
    ...buffered(4),
    idempotentAction: policy('reset'),
  });
});

test('retryOnIdempotent: [] tells no methods apart', () => {
  expect(retries.route({ retryOnIdempotent: [] })).toEqual({
    ...buffered(4),
    action: policy('connect-failure,refused-stream'),
  });
});

test('maxConcurrentRetries is a bound of the upstream, not of the route', () => {
  expect(retries.upstream({ maxConcurrentRetries: 5 })).toEqual(breaker(5));
  expect(retries.route({ maxConcurrentRetries: 5 })).toEqual(both({}));
});

test('a budget takes the place of the bound, and one of the upstream that of the whole proxy', () => {
  const budget = (percent: number, atLeast: number) => ({
    cluster: {
      circuit_breakers: {
        thresholds: [{ retry_budget: { budget_percent: { value: percent }, min_retry_concurrency: atLeast } }],
      },
    },
  });
  expect(retries.upstream({ budget: { budgetPercent: 20 } })).toEqual(budget(20, 10));
  expect(
    retries.upstream(
      { budget: { budgetPercent: 50, minRetryConcurrency: 1 } },
      { inherited: { maxConcurrentRetries: 5 } },
    ),
  ).toEqual(budget(50, 1));
  expect(retries.upstream({}, { inherited: { budget: { budgetPercent: 30 } } })).toEqual(budget(30, 10));
  expect(retries.upstream({ budget: { budgetPercent: 20, budgetInterval: '10s' } })).toEqual({
    cluster: {
      circuit_breakers: {
        thresholds: [
          { retry_budget: { budget_percent: { value: 20 }, min_retry_concurrency: 10, budget_interval: '10s' } },
        ],
      },
    },
  });
  expect(retries.upstream({ maxConcurrentRetries: 5 }, { inherited: { budget: { budgetPercent: 30 } } })).toEqual(
    breaker(5),
  );
});

test('requestBufferLimit is what is kept of a request to send it again', () => {
  expect(retries.route({ requestBufferLimit: '64KiB' })).toEqual({
    ...both({}),
    route: { request_body_buffer_limit: 65_536 },
  });
});

const words =
  "'5xx', 'gateway-error', 'reset', 'reset-before-request', 'connect-failure', 'envoy-ratelimited', 'retriable-4xx', " +
  "'refused-stream', 'http3-post-connect-failure', 'cancelled', 'deadline-exceeded', 'internal', 'resource-exhausted', " +
  "'unavailable'";
const literal = 'write it as a literal number in that range';
test.each<[RetryOptions, string]>([
  [{ numRetries: -1 }, `retries.numRetries must be a whole number from 0 to 1000, got -1; ${literal}`],
  [{ numRetries: 1001 }, `retries.numRetries must be a whole number from 0 to 1000, got 1001; ${literal}`],
  [
    { backOff: { baseInterval: '0s' } },
    `retries.backOff.baseInterval must be longer than zero, got "0s"; write for example '1s'`,
  ],
  [
    { backOff: { maxInterval: '1' as never } },
    `retries.backOff.maxInterval must be a number with a unit (ms, s, m or h), got "1"; write for example '250ms' or '15s'`,
  ],
  [
    { backOff: { baseInterval: '50' as never } },
    `retries.backOff.baseInterval must be a number with a unit (ms, s, m or h), got "50"; write for example '250ms' or '15s'`,
  ],
  [
    { backOff: { baseInterval: '2s' } },
    `retries.backOff.maxInterval must not be shorter than retries.backOff.baseInterval ('2s'), got "1s"; raise it`,
  ],
  [
    { retryOn: ['conect-failure' as never] },
    `retries.retryOn must be one of ${words}, got "conect-failure"; choose one of these`,
  ],
  [
    { retryOnIdempotent: ['reset,5xx' as never] },
    `retries.retryOnIdempotent must be one of ${words}, got "reset,5xx"; choose one of these`,
  ],
  [
    { requestBufferLimit: '0KiB' },
    `retries.requestBufferLimit must be a number above zero with a unit (KiB, MiB or GiB), got "0KiB"; write for example '256MiB'`,
  ],
  [
    { perTryTimeout: '5' as never },
    `retries.perTryTimeout must be a number with a unit (ms, s, m or h), got "5"; write for example '250ms' or '15s'`,
  ],
  [{ retryTiming: 3 } as never, 'retries.retryTiming is not an option, got 3; remove it'],
])('refuses %j', (options, message) => {
  expect(() => retries.route(options)).toThrow(new Error(message));
});

test('refuses a bound of no retries at once', () => {
  expect(() => retries.upstream({ maxConcurrentRetries: 0 })).toThrow(
    new Error(`retries.maxConcurrentRetries must be a whole number from 1 to 2147483647, got 0; ${literal}`),
  );
});

test.each<[RetryOptions, string]>([
  [
    { maxConcurrentRetries: 5, budget: { budgetPercent: 20 } },
    'retries.budget must not be given together with maxConcurrentRetries, got {"budgetPercent":20}; choose one of them',
  ],
  [
    { budget: { budgetPercent: 0 } },
    `retries.budget.budgetPercent must be a whole number from 1 to 100, got 0; ${literal}`,
  ],
  [
    { budget: { budgetPercent: 20, minRetryConcurrency: 0 } },
    `retries.budget.minRetryConcurrency must be a whole number from 1 to 2147483647, got 0; ${literal}`,
  ],
  [{ budget: { budgetPercent: 20, min: 3 } as never }, 'retries.budget.min is not an option, got 3; remove it'],
])('refuses %j of an upstream', (options, message) => {
  expect(() => retries.upstream(options)).toThrow(new Error(message));
});
