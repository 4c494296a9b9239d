import { assemble, type EnvoyOptions } from '../../../envoy';
import { features } from '../../../envoy/features/registry';
import { actionsOf, managerOf, upstreamOf } from '../../helpers';

const upstream = { host: 'api', port: 8080 };
const healthCheckOf = (options: EnvoyOptions) => upstreamOf(assemble(options).bootstrap).health_checks;

test('the router is the last HTTP filter', () => {
  expect(managerOf(assemble({ upstream }).bootstrap).http_filters?.at(-1)?.name).toBe('envoy.filters.http.router');
});

test('clients are served on 8800 unless another port is given', () => {
  const address = (options: EnvoyOptions) => assemble(options).bootstrap.static_resources?.listeners?.[0]?.address;
  expect(address({ upstream })).toEqual({ socket_address: { address: '0.0.0.0', port_value: 8800 } });
  expect(address({ upstream, port: 9000 })).toEqual({ socket_address: { address: '0.0.0.0', port_value: 9000 } });
});

test('the ports are those of clients and of the admin view', () => {
  expect(assemble({ upstream, port: 9000 }).ports).toEqual([{ name: 'http', port: 9000 }]);
});

test('the admin interface is bound to loopback and answers just its harmless pages and the start of the drain', () => {
  expect(assemble({ upstream }).bootstrap.admin).toEqual({
    address: { socket_address: { address: '127.0.99.1', port_value: 9901 } },
    allow_paths: [
      {
        safe_regex: {
          regex: '(/|/certs|/clusters|/help|/listeners|/memory|/ready|/server_info|/stats|/stats/prometheus)(\\?.*)?',
        },
      },
      { exact: '/drain_listeners?graceful' },
    ],
  });
});

test('the upstream is reached at its host and port', () => {
  expect(upstreamOf(assemble({ upstream: { host: '::1', port: 1 } }).bootstrap).load_assignment).toEqual({
    cluster_name: 'api',
    endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: '::1', port_value: 1 } } } }] }],
  });
});

describe('routes', () => {
  const onlyRetries = { upstream, timeouts: false } as const;

  test('methods that may be repeated have one of their own, before that of all', () => {
    const [repeatable, all] = managerOf(assemble(onlyRetries).bootstrap).route_config?.virtual_hosts?.[0]?.routes ?? [];
    expect(repeatable?.match).toEqual({
      prefix: '/',
      headers: [{ name: ':method', string_match: { safe_regex: { regex: 'GET|HEAD|OPTIONS|PUT|DELETE' } } }],
    });
    expect(repeatable?.route).toMatchObject({ retry_policy: { retry_on: 'connect-failure,refused-stream,reset' } });
    expect(all?.match).toEqual({ prefix: '/' });
    expect(all?.route).toMatchObject({ retry_policy: { retry_on: 'connect-failure,refused-stream' } });
  });

  test.each([{ retries: false }, { retries: { retryOnIdempotent: [] } }, { retries: { numRetries: 0 } }] as const)(
    'there is only one with %j',
    (options) => {
      expect(actionsOf(assemble({ ...onlyRetries, ...options }).bootstrap)).toHaveLength(1);
    },
  );

  test('what holds for every method holds for both', () => {
    const actions = actionsOf(assemble({ upstream, timeouts: { request: '7s' } }).bootstrap);
    expect(actions.map((action) => action?.timeout)).toEqual(['7s', '7s']);
  });
});

describe('false', () => {
  const traces: Record<string, string[]> = {
    accessLog: ['"access_log"'],
    localReplies: ['application/problem+json'],
    limits: ['"overload_manager"', 'http2_protocol_options', 'per_connection_buffer_limit_bytes'],
    pathNormalization: ['merge_slashes', 'path_with_escaped_slashes_action', 'climbing_path', 'control_character'],
    clientIp: ['use_remote_address'],
    requestHeaders: ['internal_address_config', 'headers_with_underscores_action', 'malformed_authority', 'trace'],
    timeouts: ['request_timeout', 'stream_idle_timeout', '"timeout"', 'connect_timeout'],
    requestBuffering: ['filters.http.buffer', 'adaptive_concurrency'],
    streaming: ['rq-timeout-ms'],
    upgrades: ['upgrade_configs'],
    retries: ['retry_policy', 'max_retries'],
    discovery: ['cluster_type'],
    loadBalancing: ['load_balancing_policy', 'common_lb_config'],
    circuitBreaker: ['max_pending_requests', 'track_remaining'],
  };

  test.each(Object.entries(features).filter(([, feature]) => 'onByDefault' in feature))(
    'turns %s off without a trace',
    (name) => {
      const byAddress = { upstream: { host: '10.0.0.5', port: 8080 } };
      const on = JSON.stringify(assemble(byAddress));
      const off = JSON.stringify(assemble({ ...byAddress, [name]: false }));
      const found = (text: string) => traces[name]?.filter((trace) => text.includes(trace));
      expect(found(on)).toEqual(traces[name]);
      expect(found(off)).toEqual([]);
    },
  );

  test('is also a way to say that what is off stays off', () => {
    expect(assemble({ upstream, healthCheck: false }).bootstrap).toEqual(assemble({ upstream }).bootstrap);
  });

  test('at the upstream turns off there what the proxy asks for', () => {
    const healthCheck = { path: '/health' };
    expect(healthCheckOf({ upstream, healthCheck })).toHaveLength(1);
    expect(healthCheckOf({ upstream: { ...upstream, healthCheck: false }, healthCheck })).toBeUndefined();
    const off = { retries: false, circuitBreaker: false } as const;
    expect(upstreamOf(assemble({ upstream: { ...upstream, ...off } }).bootstrap)).not.toHaveProperty(
      'circuit_breakers',
    );
  });

  test('at the proxy is overruled by options at the upstream', () => {
    expect(
      healthCheckOf({ upstream: { ...upstream, healthCheck: { path: '/up' } }, healthCheck: false }),
    ).toMatchObject([{ http_health_check: { path: '/up' } }]);
  });
});

test("the upstream's own options lie over the proxy's, property by property", () => {
  expect(
    healthCheckOf({
      upstream: { ...upstream, healthCheck: { path: '/own', timeout: '2s' } },
      healthCheck: { path: '/all', interval: '3s' },
    }),
  ).toMatchObject([{ http_health_check: { path: '/own' }, timeout: '2s', interval: '3s' }]);
});

describe('patch', () => {
  test('has the last word: gets all and is written as it is', () => {
    const patch = jest.fn(() => ({ node: { id: 'mine' } }));
    expect(assemble({ upstream, patch }).bootstrap).toEqual({ node: { id: 'mine' } });
    expect(patch).toHaveBeenCalledWith(assemble({ upstream }).bootstrap);
  });

  test('leaves files and ports alone', () => {
    const { files, ports } = assemble({ upstream });
    expect(assemble({ upstream, patch: () => ({}) })).toMatchObject({ files, ports });
  });
});

describe('without a way to look it up', () => {
  const off = [{ discovery: false }, { discovery: { type: 'STATIC' } }] as const;

  test.each(off)('the upstream must be an address: %j', (options) => {
    expect(() => assemble({ upstream, ...options })).toThrow(
      new Error(
        `upstream.host must be an IP address with discovery.type 'STATIC' or without discovery, got "api"; leave discovery out`,
      ),
    );
  });

  test.each(['10.0.0.5', '::1', 'fd00::10.0.0.5', '${TfToken[TOKEN.1]}'])('%s may be one', (host) => {
    for (const options of off) {
      expect(() => assemble({ upstream: { host, port: 8080 }, ...options })).not.toThrow();
    }
  });
});

const range = 'must be a whole number from 1 to 65535';
const literal = 'write it as a literal number in that range';
test.each<[object, string]>([
  [{ timeout: { request: '1s' } }, `timeout is not an option, got ["request"]; remove it (did you mean 'timeouts'?)`],
  [{ port: 0 }, `port ${range}, got 0; ${literal}`],
  [{ port: 65_536 }, `port ${range}, got 65536; ${literal}`],
  [{ port: 8081, adminView: {} }, "adminView.port is also that of 'http', got 8081; give one of them another port"],
  [{ upstream: { host: 'api', port: 0 } }, `upstream.port ${range}, got 0; ${literal}`],
  [
    { upstream: { host: '', port: 1 } },
    `upstream.host must be a host name or an address, got ""; write for example 'api'`,
  ],
  ...['my api', 'http://api', 'api:8080', 'api/v1'].map((host): [object, string] => [
    { upstream: { host, port: 1 } },
    `upstream.host must be a host name or an address, got "${host}"; write for example 'api'`,
  ]),
  [
    { healthCheck: {} },
    "healthCheck.path is needed, since the upstream names no health path, got undefined; write for example '/health', or tcp: true",
  ],
])('refuses %j', (options, message) => {
  expect(() => assemble({ upstream, ...options })).toThrow(new Error(message));
});

test.each([
  ['healtCheck', { path: '/' }],
  ['timeouts', { request: '1s' }],
])('refuses %s among the options of the upstream', (name, value) => {
  expect(() => assemble({ upstream: { ...upstream, [name]: value } })).toThrow(`upstream.${name} is not an option`);
});
