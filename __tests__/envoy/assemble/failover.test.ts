import { assemble, type Cluster, type EnvoyOptions, type ProxyOptions } from '../../../envoy';
import { discovery } from '../../../envoy/features/discovery';
import { outlierDetection } from '../../../envoy/features/outlier-detection';
import { upstreamTls } from '../../../envoy/features/upstream-tls';
import { managerOf } from '../../helpers';

const api = { host: 'api', port: 8080 };
const spare = { host: 'spare', port: 9090 };
const fallback = { service: spare, fallback: true } as const;

const clusters = (options: EnvoyOptions) => assemble(options).bootstrap.static_resources?.clusters ?? [];
const cluster = (upstream: EnvoyOptions['upstream'], more: ProxyOptions = {}) =>
  clusters({ upstream, ...more })[0] as Cluster;
const at = (address: string, port_value: number) => ({
  endpoint: { address: { socket_address: { address, port_value } } },
});

test('one service in a list is one without', () => {
  expect(assemble({ upstream: [api] }).bootstrap).toEqual(assemble({ upstream: api }).bootstrap);
  expect(assemble({ upstream: [{ service: api, fallback: false }] }).bootstrap).toEqual(
    assemble({ upstream: api }).bootstrap,
  );
});

test('several are balanced together, and nothing else is set with them', () => {
  expect(cluster([api, spare])).toEqual({
    ...cluster(api),
    load_assignment: { cluster_name: 'api', endpoints: [{ lb_endpoints: [at('api', 8080), at('spare', 9090)] }] },
  });
});

test('fallbacks come after all others, in whatever order they are written', () => {
  const last = { service: { host: 'last', port: 1 }, fallback: true } as const;
  expect(cluster([fallback, api, last, { host: 'api2', port: 2 }]).load_assignment).toEqual({
    cluster_name: 'api',
    endpoints: [
      { priority: 0, lb_endpoints: [at('api', 8080), at('api2', 2)] },
      { priority: 1, lb_endpoints: [at('spare', 9090), at('last', 1)] },
    ],
    policy: { overprovisioning_factor: 10_000 },
  });
});

test('how many replicas there are is for the retries alone', () => {
  const tries = (upstream: EnvoyOptions['upstream']) =>
    /"update_frequency":(\d)/.exec(JSON.stringify(managerOf(assemble({ upstream }).bootstrap).route_config))?.[1];
  expect(tries([api, fallback])).toBe('1');
  expect(
    tries([
      { ...api, replicas: 3 },
      { ...fallback, service: { ...spare, replicas: 2 } },
    ]),
  ).toBe('2');
  expect(cluster([{ ...api, replicas: 3 }, fallback])).toEqual(cluster([api, fallback]));
  expect(assemble({ upstream: { ...api, replicas: 3 } }).bootstrap).toEqual(assemble({ upstream: api }).bootstrap);
});

describe('what belongs to a failover is on with it', () => {
  const tcp = { tcp_health_check: {} };

  test('a health check of connections, and outlier detection', () => {
    expect(cluster([api, fallback])).toMatchObject({
      health_checks: [tcp],
      outlier_detection: { enforcing_consecutive_5xx: 0, consecutive_gateway_failure: 3, max_ejection_percent: 100 },
    });
    expect(cluster([api, spare])).not.toHaveProperty('health_checks');
    expect(cluster([api, spare])).not.toHaveProperty('outlier_detection');
  });

  test('for the upstream that has one alone', () => {
    const [one, other] = clusters({
      upstream: api,
      upstreams: { v2: [{ host: 'v2', port: 1 }, fallback] },
      routes: [{ path: '/v2', upstream: 'v2' }],
    });
    expect(one).not.toHaveProperty('health_checks');
    expect(other).toMatchObject({ name: 'v2', health_checks: [tcp], outlier_detection: {} });
  });

  test('one of both can be off', () => {
    expect(cluster([api, fallback], { healthCheck: false })).not.toHaveProperty('health_checks');
    expect(cluster([api, fallback], { outlierDetection: false })).not.toHaveProperty('outlier_detection');
  });

  test('what is set for it counts', () => {
    expect(
      cluster([{ ...api, healthCheck: { path: '/health' } }, fallback], {
        outlierDetection: { maxEjectionPercent: 40, consecutive5xx: 7 },
      }),
    ).toMatchObject({
      health_checks: [{ http_health_check: { path: '/health' } }],
      outlier_detection: { consecutive_5xx: 7, max_ejection_percent: 40 },
    });
    expect(cluster([api, fallback], { healthCheck: { interval: '5s' } })).toMatchObject({
      health_checks: [{ interval: '5s', ...tcp }],
    });
  });
});

test('services may say the same of their one cluster', () => {
  const healthCheck = { path: '/health' };
  expect(
    cluster([
      { ...api, healthCheck },
      { service: { ...spare, healthCheck }, fallback: true },
    ]),
  ).toEqual(cluster([{ ...api, healthCheck }, fallback]));
});

test.each<[EnvoyOptions['upstream'], ProxyOptions, string]>([
  [
    [fallback],
    {},
    'upstream must have a service that is no fallback, got 1; write for example [api, { service: spare, fallback: true }]',
  ],
  [
    [],
    {},
    'upstream must have a service that is no fallback, got 0; write for example [api, { service: spare, fallback: true }]',
  ],
  [
    [api, fallback],
    { healthCheck: false, outlierDetection: false },
    'upstream has a fallback that is never used, since healthCheck and outlierDetection are both off, got ["spare"]; leave one of them on',
  ],
  [[api, spare, { ...api }], {}, 'upstream[2] is also upstream[0], got "api:8080"; name each once'],
  [
    [api, { service: api, fallback: true }],
    {},
    'upstream[1].service is also upstream[0], got "api:8080"; name each once',
  ],
  [
    [
      { ...api, healthCheck: { path: '/a' } },
      { service: { ...spare, healthCheck: { path: '/b' } }, fallback: true },
    ],
    {},
    'upstream[1].service.healthCheck must be the same for all services of one upstream, which Envoy treats alike, got ["path"]; set it at one of them',
  ],
  [
    [api, { service: { host: 'a b', port: 1 }, fallback: true }],
    {},
    `upstream[1].service.host must be a host name or an address, got "a b"; write for example 'api'`,
  ],
  [
    [api, { host: 'b', port: 0 }],
    {},
    'upstream[1].port must be a whole number from 1 to 65535, got 0; write it as a literal number in that range',
  ],
  [
    [{ host: '10.0.0.1', port: 1 }, fallback],
    { discovery: { type: 'STATIC' } },
    `upstream[1].service.host must be an IP address with discovery.type 'STATIC' or without discovery, got "spare"; leave discovery out`,
  ],
  [
    [api, { service: spare, fallback: true, weight: 3 } as never],
    {},
    'upstream[1].weight is not an option, got 3; remove it',
  ],
  [
    [api, fallback],
    { discovery: { type: 'LOGICAL_DNS' } },
    'discovery.type must be another for an upstream of 2 services, since Envoy takes one name with it, got "LOGICAL_DNS"; leave it out',
  ],
  [
    [{ ...api, replicas: 0 }, fallback],
    {},
    'upstream[0].replicas must be a whole number from 1 to 1000, got 0; write it as a literal number in that range',
  ],
  [
    { host: '10.0.0.1', port: 1, replicas: 2 },
    {},
    'upstream.replicas must be 1 at an address, which is that of one, got 2; give a list, or a host name',
  ],
  [
    [api, { host: '10.0.0.1', port: 1 }],
    { upstreamTls: {} },
    'upstreamTls.serverName is needed, since one of several services is at the address 10.0.0.1, got undefined; write the name that their certificates are made out to, or reach each by its name',
  ],
])('refuses %j with %j', (upstream, more, message) => {
  expect(() => assemble({ upstream, ...more })).toThrow(new Error(message));
});

test('a configuration of the user has endpoints of its own', () => {
  const baseConfig = assemble({ upstream: api }).bootstrap;
  expect(() => assemble({ upstream: [api, fallback], baseConfig })).toThrow(
    new Error('upstream must be one with a baseConfig, which has its own endpoints, got 2; name one of them'),
  );
  expect(() => assemble({ upstream: [api], baseConfig })).not.toThrow();
});

test('several by one name of their certificates, or of any, may be at addresses', () => {
  const servers = ['10.0.0.1', '10.0.0.2'].map((host) => ({ host, port: 443, fallback: false }));
  expect(upstreamTls.upstream({ serverName: 'api.test' }, { name: 'api', servers })).toEqual(
    upstreamTls.upstream({ serverName: 'api.test' }, { name: 'api', servers: servers.slice(0, 1) }),
  );
  expect(() => upstreamTls.upstream({ insecureSkipVerify: true }, { name: 'api', servers })).not.toThrow();
});

test('one name alone may be LOGICAL_DNS', () => {
  expect(() =>
    discovery.upstream({ type: 'LOGICAL_DNS' }, { name: 'a', servers: [{ ...api, fallback: false }] }),
  ).not.toThrow();
});

test('outlier detection is on without being asked for only with a fallback', () => {
  expect(outlierDetection).toMatchObject({ onWithFallback: true });
  expect(outlierDetection).not.toHaveProperty('onByDefault');
});
