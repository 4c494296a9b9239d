import { type HealthCheckOptions, healthCheck } from '../../../envoy/features/health-check';

const ask = (path: string) => ({ path, retriable_statuses: [{ start: 100, end: 600 }] });

function check(changes: object) {
  const defaults = {
    timeout: '1s',
    interval: '1s',
    no_traffic_interval: '1s',
    unhealthy_threshold: 2,
    healthy_threshold: 1,
    http_health_check: ask('/health'),
  };
  return {
    cluster: {
      health_checks: [{ ...defaults, ...changes }],
    },
  };
}

test('is not on by default: only an upstream that names a path has one', () => {
  expect(healthCheck).not.toHaveProperty('onByDefault');
});

test('by default asks each second and takes two bad answers in a row as illness, one good one as health', () => {
  expect(healthCheck.upstream({ path: '/health' })).toEqual(check({}));
});

test.each<[HealthCheckOptions, object]>([
  [{ path: '/ready?deep=1' }, { http_health_check: ask('/ready?deep=1') }],
  [{ interval: '3s' }, { interval: '3s', no_traffic_interval: '3s' }],
  [{ timeout: '100ms' }, { timeout: '0.1s' }],
  [{ unhealthyThreshold: 3 }, { unhealthy_threshold: 3 }],
  [{ healthyThreshold: 4 }, { healthy_threshold: 4 }],
])('%j changes just that', (options, changes) => {
  expect(healthCheck.upstream({ path: '/health', ...options })).toEqual(check(changes));
});

const range = 'must be a whole number from 1 to 1000';
const literal = 'write it as a literal number in that range';
test.each<[HealthCheckOptions, string]>([
  [
    { path: 'health' },
    `healthCheck.path must start with '/' and hold no space, no '#' and ASCII alone, got "health"; write for example '/health'`,
  ],
  [
    { path: '/a b' },
    `healthCheck.path must start with '/' and hold no space, no '#' and ASCII alone, got "/a b"; write for example '/health'`,
  ],
  [
    { path: '/#top' },
    `healthCheck.path must start with '/' and hold no space, no '#' and ASCII alone, got "/#top"; write for example '/health'`,
  ],
  [{ interval: '0s' }, `healthCheck.interval must be longer than zero, got "0s"; write for example '1s'`],
  [{ timeout: '0ms' }, `healthCheck.timeout must be longer than zero, got "0ms"; write for example '1s'`],
  [
    { interval: '3' as never },
    `healthCheck.interval must be a number with a unit (ms, s, m or h), got "3"; write for example '250ms' or '15s'`,
  ],
  [{ unhealthyThreshold: 0 }, `healthCheck.unhealthyThreshold ${range}, got 0; ${literal}`],
  [{ healthyThreshold: 1.5 }, `healthCheck.healthyThreshold ${range}, got 1.5; ${literal}`],
  [{ healthyThreshold: 1001 }, `healthCheck.healthyThreshold ${range}, got 1001; ${literal}`],
  [{ treshold: 3 } as never, 'healthCheck.treshold is not an option, got 3; remove it'],
])('refuses %j', (options, message) => {
  expect(() => healthCheck.upstream({ path: '/health', ...options })).toThrow(new Error(message));
});

const withFallback = [
  { host: 'a', port: 80, fallback: false },
  { host: 'b', port: 80, fallback: true },
];
const HTTP2 = {
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
    '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
    explicit_http_config: { http2_protocol_options: {} },
  },
};

test('tcp: a connection is enough', () => {
  expect(healthCheck.upstream({ tcp: true })).toEqual(check({ http_health_check: undefined, tcp_health_check: {} }));
});

test.each([
  [{}, {}],
  [{ service: 'shop.Cart' }, { service_name: 'shop.Cart' }],
])('grpc: %j, over HTTP/2 as all that goes there', (grpc, asked) => {
  const { cluster } = check({ http_health_check: undefined, grpc_health_check: asked });
  expect(healthCheck.upstream({ grpc })).toEqual({ cluster: { ...cluster, typed_extension_protocol_options: HTTP2 } });
});

test('where there is a fallback, a connection is asked for where nothing else is', () => {
  const tcp = check({ http_health_check: undefined, tcp_health_check: {} });
  expect(healthCheck.onWithFallback).toBe(true);
  expect(healthCheck.upstream({}, { name: 'a', servers: withFallback })).toEqual(tcp);
  expect(healthCheck.upstream({}, { inherited: { path: '/health' }, name: 'a', servers: withFallback })).toEqual(
    check({}),
  );
});

test('what an upstream asks is asked instead of what the whole proxy does', () => {
  const whole = { path: '/health', interval: '3s' } as const;
  const every = { interval: '3s', no_traffic_interval: '3s' };
  expect(healthCheck.upstream({ tcp: true }, { inherited: whole })).toEqual(
    check({ ...every, http_health_check: undefined, tcp_health_check: {} }),
  );
  expect(healthCheck.upstream({ path: '/deep' }, { inherited: { tcp: true } })).toEqual(
    check({ http_health_check: ask('/deep') }),
  );
});

test.each<[HealthCheckOptions, string]>([
  [
    { path: '/health', tcp: true },
    'healthCheck.tcp must not be given together with path, got true; choose one of them',
  ],
  [{ tcp: true, grpc: {} }, 'healthCheck.grpc must not be given together with tcp, got {}; choose one of them'],
  [{ grpc: { services: 'a' } as never }, 'healthCheck.grpc.services is not an option, got "a"; remove it'],
])('refuses %j', (options, message) => {
  expect(() => healthCheck.upstream(options)).toThrow(new Error(message));
});

test('refuses to be without a path', () => {
  expect(() => healthCheck.upstream({ interval: '3s' })).toThrow(
    new Error(
      "healthCheck.path is needed, since the upstream names no health path, got undefined; write for example '/health', or tcp: true",
    ),
  );
});
