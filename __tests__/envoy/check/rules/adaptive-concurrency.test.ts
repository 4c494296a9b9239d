import { adaptiveInterval } from '../../../../envoy/check/rules/adaptive-concurrency';
import { runRule } from './run-rule';

const PARAMS =
  'envoy.extensions.filters.http.adaptive_concurrency.v3.GradientControllerConfig.MinimumRTTCalculationParams';

test('a round-trip time is measured now and then, or given in whole milliseconds', () => {
  const params = [
    {},
    { interval: '60s' },
    { fixed_value: '1s' },
    { fixed_value: '0.0005s' },
    { fixed_value: '0.0005s', interval: '60s' },
  ];
  expect(runRule(adaptiveInterval, { [PARAMS]: params })).toEqual([
    'error adaptive-interval at MinimumRTTCalculationParams[0]: says neither how often it measures nor what it takes; set interval',
    "error adaptive-interval at MinimumRTTCalculationParams[3].fixed_value: is '0.0005s', which Envoy rounds down to nothing; write at least 0.001s",
  ]);
});
