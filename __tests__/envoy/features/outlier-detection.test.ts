import { outlierDetection } from '../../../envoy/features/outlier-detection';
import type { OutlierDetectionOptions } from '../../../envoy/features/shared/outlier-detection';

function detection(changes: object = {}) {
  return {
    cluster: {
      outlier_detection: {
        consecutive_5xx: 5,
        enforcing_consecutive_5xx: 100,
        consecutive_gateway_failure: 3,
        enforcing_consecutive_gateway_failure: 100,
        enforcing_success_rate: 0,
        interval: '10s',
        base_ejection_time: '30s',
        max_ejection_time: '300s',
        max_ejection_percent: 50,
        always_eject_one_host: true,
        successful_active_health_check_uneject_host: false,
        ...changes,
      },
    },
  };
}

test('is not on by default: a 500 may tell of the request, and not of the replica', () => {
  expect(outlierDetection).not.toHaveProperty('onByDefault');
});

test('takes one replica out in any case and half of them at the most, and enforces what Envoy only counts', () => {
  expect(outlierDetection.upstream({})).toEqual(detection());
});

test.each<[OutlierDetectionOptions, object]>([
  [{ consecutive5xx: 10 }, { consecutive_5xx: 10 }],
  [{ consecutive5xx: false }, { consecutive_5xx: undefined, enforcing_consecutive_5xx: 0 }],
  [{ consecutiveGatewayFailures: 1 }, { consecutive_gateway_failure: 1 }],
  [
    { consecutiveGatewayFailures: false },
    { consecutive_gateway_failure: undefined, enforcing_consecutive_gateway_failure: 0 },
  ],
  [{ interval: '500ms' }, { interval: '0.5s' }],
  [
    { baseEjectionTime: '1s', maxEjectionTime: '1s' },
    { base_ejection_time: '1s', max_ejection_time: '1s' },
  ],
  [{ baseEjectionTime: '1h' }, { base_ejection_time: '3600s', max_ejection_time: '3600s' }],
  [{ maxEjectionPercent: 100 }, { max_ejection_percent: 100 }],
])('%j', (options, changes) => {
  expect(outlierDetection.upstream(options)).toEqual(detection(changes));
});

test("an upstream's own options lie over those of the proxy", () => {
  expect(
    outlierDetection.upstream({ interval: '1s' }, { inherited: { interval: '2s', maxEjectionPercent: 20 } }),
  ).toEqual(detection({ interval: '1s', max_ejection_percent: 20 }));
});

const literal = 'write it as a literal number in that range';
test.each<[OutlierDetectionOptions, string]>([
  [
    { consecutive5xx: 0 },
    `outlierDetection.consecutive5xx must be a whole number from 1 to 1000000, got 0; ${literal}`,
  ],
  [
    { consecutiveGatewayFailures: 1.5 },
    `outlierDetection.consecutiveGatewayFailures must be a whole number from 1 to 1000000, got 1.5; ${literal}`,
  ],
  [
    { consecutive5xx: false, consecutiveGatewayFailures: false },
    'outlierDetection.consecutive5xx must not be false together with consecutiveGatewayFailures, got false; leave outlierDetection out',
  ],
  [{ interval: '0s' }, `outlierDetection.interval must be longer than zero, got "0s"; write for example '1s'`],
  [
    { baseEjectionTime: '0s' },
    `outlierDetection.baseEjectionTime must be longer than zero, got "0s"; write for example '1s'`,
  ],
  [
    { baseEjectionTime: '10s', maxEjectionTime: '5s' },
    `outlierDetection.maxEjectionTime must not be shorter than outlierDetection.baseEjectionTime ('10s'), got "5s"; raise it`,
  ],
  [
    { maxEjectionPercent: 0 },
    `outlierDetection.maxEjectionPercent must be a whole number from 1 to 100, got 0; ${literal}`,
  ],
  [
    { maxEjectionPercent: 101 },
    `outlierDetection.maxEjectionPercent must be a whole number from 1 to 100, got 101; ${literal}`,
  ],
  [{ consecutiveErrors: 3 } as never, 'outlierDetection.consecutiveErrors is not an option, got 3; remove it'],
])('refuses %j', (options, message) => {
  expect(() => outlierDetection.upstream(options)).toThrow(new Error(message));
});
