import { assemble } from '../../../envoy';
import { type AdmissionControlOptions, admissionControl } from '../../../envoy/features/admission-control';
import { outlierDetection } from '../../../envoy/features/outlier-detection';
import { upstreamOf } from '../../helpers';

const upstream = { host: 'api', port: 80 };

function filter(changes: object = {}) {
  return {
    name: 'envoy.filters.http.admission_control',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.admission_control.v3.AdmissionControl',
      success_criteria: {},
      sampling_window: '30s',
      sr_threshold: { default_value: { value: 95 } },
      rps_threshold: { default_value: 5 },
      max_rejection_probability: { default_value: { value: 80 } },
      ...changes,
    },
  };
}

test('is not on by default: an API may answer 500 to some requests and be well', () => {
  expect(admissionControl).not.toHaveProperty('onByDefault');
});

test('sets admission control and, for every upstream, outlier detection as that is by default', () => {
  expect(admissionControl.proxy({}).httpFilters).toEqual([filter()]);
  const { bootstrap } = assemble({ upstream, admissionControl: {} });
  expect(upstreamOf(bootstrap).outlier_detection).toEqual(outlierDetection.upstream({}).cluster?.outlier_detection);
});

test('an upstream with a fallback keeps the outlier detection that a failover needs', () => {
  const services = [upstream, { service: { host: 'spare', port: 8080 }, fallback: true }];
  const detectionOf = (options: object) =>
    upstreamOf(assemble({ upstream: services, ...options }).bootstrap).outlier_detection;
  expect(detectionOf({ admissionControl: {} })).toEqual(detectionOf({}));
});

test.each<[AdmissionControlOptions, object]>([
  [{ successRateThreshold: 50 }, { sr_threshold: { default_value: { value: 50 } } }],
  [{ samplingWindow: '1500ms' }, { sampling_window: '2s' }],
  [{ rpsThreshold: 0 }, { rps_threshold: { default_value: 0 } }],
  [{ maxRejectionProbability: 99 }, { max_rejection_probability: { default_value: { value: 99 } } }],
])('%j', (options, changes) => {
  expect(admissionControl.proxy(options).httpFilters).toEqual([filter(changes)]);
});

test('includeOutlierDetection: false leaves outlier detection to its own option', () => {
  expect(admissionControl.proxy({ includeOutlierDetection: false })).toEqual({ httpFilters: [filter()] });
});

test('with outlierDetection beside it, which replica goes would be said twice', () => {
  expect(() => assemble({ upstream, admissionControl: {}, outlierDetection: { consecutive5xx: 7 } })).toThrow(
    new Error(
      'outlier_detection.consecutive_5xx is set by admissionControl to 5 and by outlierDetection to 7; set it in one of them',
    ),
  );
});

const literal = 'write it as a literal number in that range';
test.each<[AdmissionControlOptions, string]>([
  [
    { successRateThreshold: 0 },
    `admissionControl.successRateThreshold must be a whole number from 1 to 100, got 0; ${literal}`,
  ],
  [
    { maxRejectionProbability: 100 },
    `admissionControl.maxRejectionProbability must be a whole number from 1 to 99, got 100; ${literal}`,
  ],
  [
    { rpsThreshold: -1 },
    `admissionControl.rpsThreshold must be a whole number from 0 to 2147483647, got -1; ${literal}`,
  ],
  [
    { samplingWindow: '0s' },
    `admissionControl.samplingWindow must be longer than zero, got "0s"; write for example '30s'`,
  ],
  [{ errors: 5 } as never, 'admissionControl.errors is not an option, got 5; remove it'],
])('refuses %j', (options, message) => {
  expect(() => admissionControl.proxy(options)).toThrow(new Error(message));
});

test('refuses options of one route', () => {
  expect(() =>
    assemble({ upstream, routes: [{ path: '/a', admissionControl: { samplingWindow: '1s' } as never }] }),
  ).toThrow(new Error('routes[0].admissionControl must be false, got {"samplingWindow":"1s"}; leave it out'));
});
