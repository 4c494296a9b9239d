import { perHostThreshold } from '../../../../envoy/check/rules/circuit-breakers';
import { runRule } from './run-rule';

test('of a single host only connections are bounded', () => {
  const per_host_thresholds = [
    { max_connections: 5, track_remaining: true },
    { max_requests: 5, retry_budget: {} },
  ];
  expect(runRule(perHostThreshold, { 'envoy.config.cluster.v3.CircuitBreakers': [{ per_host_thresholds }] })).toEqual(
    ['max_requests', 'retry_budget'].map(
      (name) =>
        `error per-host-threshold at CircuitBreakers[0].per_host_thresholds[1].${name}: is not for a single host; only max_connections is`,
    ),
  );
});
