import { assemble } from '../../../envoy';
import { type CircuitBreakerOptions, circuitBreaker } from '../../../envoy/features/circuit-breaker';
import { upstreamOf } from '../../helpers';

const bounds = (changes: object = {}) => ({
  max_connections: 1_024,
  max_pending_requests: 1_024,
  max_requests: 1_024,
  track_remaining: true,
  ...changes,
});
const breaker = (changes: object = {}) => ({ cluster: { circuit_breakers: { thresholds: [bounds(changes)] } } });

test("is on by default, with Envoy's own bounds, and tells what is left", () => {
  expect(circuitBreaker.onByDefault).toBe(true);
  expect(circuitBreaker.upstream({})).toEqual(breaker());
});

test.each<[CircuitBreakerOptions, object]>([
  [{ maxConnections: 5 }, { max_connections: 5 }],
  [{ maxPendingRequests: 6 }, { max_pending_requests: 6 }],
  [{ maxRequests: 7 }, { max_requests: 7 }],
])('%j', (options, changes) => {
  expect(circuitBreaker.upstream(options)).toEqual(breaker(changes));
});

test('maxConnectionsPerHost is a bound of each replica', () => {
  expect(circuitBreaker.upstream({ maxConnectionsPerHost: 8 })).toEqual({
    cluster: { circuit_breakers: { thresholds: [bounds()], per_host_thresholds: [{ max_connections: 8 }] } },
  });
});

test("an upstream's own options lie over those of the proxy", () => {
  expect(circuitBreaker.upstream({ maxRequests: 1 }, { inherited: { maxRequests: 2, maxConnections: 3 } })).toEqual(
    breaker({ max_requests: 1, max_connections: 3 }),
  );
});

test('stands in one entry with the bound of the retries, since Envoy reads one alone', () => {
  const { bootstrap } = assemble({ upstream: { host: 'api', port: 8080, circuitBreaker: { maxRequests: 9 } } });
  expect(upstreamOf(bootstrap).circuit_breakers).toEqual({
    thresholds: [bounds({ max_requests: 9, max_retries: 1_024 })],
  });
});

const literal = 'write it as a literal number in that range';
test.each<[CircuitBreakerOptions, string]>([
  [
    { maxConnections: 0 },
    `circuitBreaker.maxConnections must be a whole number from 1 to 2147483647, got 0; ${literal}`,
  ],
  [
    { maxPendingRequests: 0 },
    `circuitBreaker.maxPendingRequests must be a whole number from 1 to 2147483647, got 0; ${literal}`,
  ],
  [
    { maxRequests: 2 ** 31 },
    `circuitBreaker.maxRequests must be a whole number from 1 to 2147483647, got 2147483648; ${literal}`,
  ],
  [
    { maxConnectionsPerHost: 1.5 },
    `circuitBreaker.maxConnectionsPerHost must be a whole number from 1 to 2147483647, got 1.5; ${literal}`,
  ],
  [
    { maxConnectionsPerHost: 11, maxConnections: 10 },
    'circuitBreaker.maxConnectionsPerHost must not be above circuitBreaker.maxConnections (10), got 11; raise that one, too, or leave this one out',
  ],
  [{ openOn: 'errors' } as never, 'circuitBreaker.openOn is not an option, got "errors"; remove it'],
])('refuses %j', (options, message) => {
  expect(() => circuitBreaker.upstream(options)).toThrow(new Error(message));
});
