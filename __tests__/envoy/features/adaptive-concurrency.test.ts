import { assemble } from '../../../envoy';
import { type AdaptiveConcurrencyOptions, adaptiveConcurrency } from '../../../envoy/features/adaptive-concurrency';

const upstream = { host: 'api', port: 80 };

function filter(minRtt: object, code = 'ServiceUnavailable') {
  return {
    name: 'envoy.filters.http.adaptive_concurrency',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.adaptive_concurrency.v3.AdaptiveConcurrency',
      gradient_controller_config: {
        concurrency_limit_params: { concurrency_update_interval: '0.1s' },
        min_rtt_calc_params: minRtt,
      },
      concurrency_limit_exceeded_status: { code },
    },
  };
}

const MEASURED = { interval: '300s', request_count: 25, min_concurrency: 10, buffer: { value: 50 } };

test('is not on by default: what it measures says nothing where some requests take long by nature', () => {
  expect(adaptiveConcurrency).not.toHaveProperty('onByDefault');
});

test.each<[AdaptiveConcurrencyOptions, ReturnType<typeof filter>]>([
  [{}, filter(MEASURED)],
  [{ minConcurrency: 1 }, filter({ ...MEASURED, min_concurrency: 1 })],
  [{ latencyTolerance: 100 }, filter({ ...MEASURED, buffer: { value: 100 } })],
  [{ rejectionStatus: 429 }, filter(MEASURED, 'TooManyRequests')],
  [{ fixedMinRtt: '50ms' }, filter({ fixed_value: '0.05s', min_concurrency: 10, buffer: { value: 50 } })],
])('%j', (options, expected) => {
  expect(adaptiveConcurrency.proxy(options)).toEqual({ httpFilters: [expected] });
});

const literal = 'write it as a literal number in that range';
test.each<[AdaptiveConcurrencyOptions, string]>([
  [{ fixedMinRtt: '0ms' }, `fixedMinRtt must be longer than zero, got "0ms"; write for example '1s'`],
  [
    { fixedMinRtt: 50 as never },
    "fixedMinRtt must be a number with a unit (ms, s, m or h), got 50; write for example '250ms' or '15s'",
  ],
  [{ minConcurrency: 0 }, `minConcurrency must be a whole number from 1 to 1000, got 0; ${literal}`],
  [{ minConcurrency: 1_001 }, `minConcurrency must be a whole number from 1 to 1000, got 1001; ${literal}`],
  [{ latencyTolerance: 0 }, `latencyTolerance must be a whole number from 1 to 100, got 0; ${literal}`],
  [{ latencyTolerance: 101 }, `latencyTolerance must be a whole number from 1 to 100, got 101; ${literal}`],
  [{ rejectionStatus: 500 as never }, 'rejectionStatus must be 503 or 429, got 500; choose one of these'],
  [{ interval: '60s' } as never, 'interval is not an option, got "60s"; remove it'],
])('refuses %j', (options, message) => {
  expect(() => adaptiveConcurrency.proxy(options)).toThrow(new Error(`adaptiveConcurrency.${message}`));
});

test('refuses options of one route', () => {
  const routes = [{ path: '/a', adaptiveConcurrency: { rejectionStatus: 429 } as never }];
  expect(() => assemble({ upstream, routes })).toThrow(
    new Error('routes[0].adaptiveConcurrency must be false, got {"rejectionStatus":429}; leave it out'),
  );
});
