import fc from 'fast-check';
import { count, duration } from '../arbitraries';
import { example } from '../examples';

export default example('admissionControl', {
  // With the others, `outlierDetection` says which replicas go.
  every: {
    successRateThreshold: 90,
    samplingWindow: '10s',
    rpsThreshold: 20,
    maxRejectionProbability: 50,
    includeInternalErrors: false,
    includeOutlierDetection: false,
  },
  drawn: {
    successRateThreshold: count(100),
    samplingWindow: duration(0),
    rpsThreshold: fc.oneof(fc.constant(0), count(2 ** 31 - 1)),
    maxRejectionProbability: count(99),
    includeInternalErrors: fc.boolean(),
    includeOutlierDetection: fc.boolean(),
  },
});
