import { assemble, type GlobalRateLimitOptions } from '../../../envoy';
import { globalRateLimit } from '../../../envoy/features/global-rate-limit';
import { globalLimits, serviceConfig } from '../../../envoy/features/global-rate-limit/limits';
import { DEFAULT_FILTERS, DEFAULT_LAST_FILTERS, managerOf } from '../../helpers';
import { among, CLIENT, ISSUER, named, ORG_ID, percent, USER } from './rates-of';

const options: GlobalRateLimitOptions = {
  service: { host: 'ratelimit' },
  domain: 'sidecars',
  limits: { total: '10/s' },
  failureMode: 'deny',
};
const all = { generic_key: { descriptor_key: 'all', descriptor_value: 'all' } };
const HTTP2 = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/** How the service is asked, within this time. */
const asked = (timeout: string) => ({
  transport_api_version: 'V3',
  grpc_service: {
    envoy_grpc: { cluster_name: 'global_rate_limit' },
    retry_policy: {
      retry_on: 'reset',
      num_retries: 2,
      retry_back_off: { base_interval: '0.001s', max_interval: timeout },
      retry_host_predicate: [{ name: 'envoy.retry_host_predicates.previous_hosts', typed_config: expect.anything() }],
      host_selection_retry_max_attempts: 20,
    },
  },
});

const filter = {
  name: 'envoy.filters.http.ratelimit',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimit',
    domain: 'sidecars',
    stat_prefix: 'global_rate_limit',
    timeout: '0.25s',
    failure_mode_deny: true,
    status_on_error: { code: 'ServiceUnavailable' },
    rate_limited_as_resource_exhausted: true,
    filter_enabled: percent(100),
    filter_enforced: percent(100),
    enable_x_ratelimit_headers: 'DRAFT_VERSION_03',
    response_headers_to_add: [
      {
        header: { key: 'retry-after', value: '%RESP(x-ratelimit-reset)%' },
        append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
      },
    ],
    rate_limits: [{ actions: [all] }],
    rate_limit_service: asked('0.25s'),
  },
};

test('is off by default', () => {
  expect(globalRateLimit).not.toHaveProperty('onByDefault');
});

test('asks a service of HTTP/2 that is asked each second whether it is well', () => {
  expect(globalRateLimit.proxy(options)).toEqual({
    httpFilters: [filter],
    requires: [],
    clusters: [
      {
        name: 'global_rate_limit',
        connect_timeout: '0.125s',
        cluster_type: {
          name: 'envoy.cluster.dns',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.clusters.dns.v3.DnsCluster',
            dns_lookup_family: 'V4_PREFERRED',
            dns_refresh_rate: '1s',
            dns_failure_refresh_rate: { base_interval: '0.5s', max_interval: '1s' },
          },
        },
        load_assignment: {
          cluster_name: 'global_rate_limit',
          endpoints: [
            {
              lb_endpoints: [{ endpoint: { address: { socket_address: { address: 'ratelimit', port_value: 8081 } } } }],
            },
          ],
        },
        typed_extension_protocol_options: {
          [HTTP2]: { '@type': `type.googleapis.com/${HTTP2}`, explicit_http_config: { http2_protocol_options: {} } },
        },
        common_lb_config: { healthy_panic_threshold: {} },
        health_checks: [
          {
            timeout: '0.5s',
            interval: '1s',
            no_traffic_interval: '1s',
            unhealthy_threshold: 2,
            healthy_threshold: 1,
            grpc_health_check: { service_name: 'ratelimit' },
          },
        ],
        circuit_breakers: { thresholds: [{ max_requests: 10_000, max_pending_requests: 10_000, max_retries: 10_000 }] },
      },
    ],
  });
});

test.each(['10.0.0.7', 'fd00::7'])('the service at the address %s is not looked up', (host) => {
  const [cluster] = globalRateLimit.proxy({ ...options, service: { host, port: 9081 } }).clusters ?? [];
  expect(cluster).toMatchObject({ type: 'STATIC' });
  expect(cluster).not.toHaveProperty('cluster_type');
  expect(cluster?.load_assignment?.endpoints).toEqual([
    { lb_endpoints: [{ endpoint: { address: { socket_address: { address: host, port_value: 9081 } } } }] },
  ]);
});

test('each choice changes what it says', () => {
  const chosen = { ...options, failureMode: 'allow', timeout: '1s', shadow: true } as const;
  const { enable_x_ratelimit_headers, response_headers_to_add, ...rest } = filter.typed_config;
  expect(globalRateLimit.proxy(chosen).httpFilters?.[0]?.typed_config).toEqual({
    ...rest,
    rate_limit_service: asked('1s'),
    failure_mode_deny: false,
    timeout: '1s',
    filter_enforced: percent(0),
  });
});

const everything = {
  perHeader: { name: 'X-API-Key', rate: '60/day' },
  total: '100/s',
  perClient: '10/s',
  perClaim: { claim: 'org.id', rate: '20/min' },
  perApiClient: '30/hour',
  perUser: '40/hour',
} as const;

const TOKEN = '"envoy.filters.http.jwt_authn" in metadata.filter_metadata';

test('Envoy asks by the keys that the service knows', () => {
  const { httpFilters, identityHeaders, requires } = globalRateLimit.proxy({ ...options, limits: everything });
  expect(httpFilters?.[0]?.typed_config).toMatchObject({
    rate_limits: [
      { actions: [all] },
      { actions: [{ masked_remote_address: { v4_prefix_mask_len: 32, v6_prefix_mask_len: 64 } }] },
      { actions: [ISSUER, ORG_ID, among(TOKEN, `${CLIENT} || ${USER}`)] },
      { actions: [named('api_client', 'x-api-client'), among(CLIENT, `${TOKEN} || ${USER}`)] },
      { actions: [named('user', 'x-user-name'), among(USER, `${TOKEN} || ${CLIENT}`)] },
      { actions: [named('header', 'x-api-key')] },
    ],
  });
  expect(identityHeaders).toEqual(['x-api-client', 'x-user-name']);
  expect(requires).toEqual([
    { option: 'globalRateLimit.limits.perClaim', filter: 'envoy.filters.http.jwt_authn', remedy: 'set jwt' },
    { option: 'globalRateLimit.limits.perApiClient', filter: 'envoy.filters.http.api_key_auth', remedy: 'set apiKeys' },
    { option: 'globalRateLimit.limits.perUser', filter: 'envoy.filters.http.basic_auth', remedy: 'set basicAuth' },
  ]);
  const limit = (unit: string, requests_per_unit: number) => ({ rate_limit: { unit, requests_per_unit } });
  expect(serviceConfig('sidecars', globalLimits('limits', everything))).toEqual({
    domain: 'sidecars',
    descriptors: [
      { key: 'all', ...limit('second', 100) },
      { key: 'masked_remote_address', ...limit('second', 10) },
      { key: 'issuer', descriptors: [{ key: 'claim', descriptors: [{ key: 'identity', ...limit('minute', 20) }] }] },
      { key: 'api_client', descriptors: [{ key: 'identity', ...limit('hour', 30) }] },
      { key: 'user', descriptors: [{ key: 'identity', ...limit('hour', 40) }] },
      { key: 'header', ...limit('day', 60) },
    ],
  });
});

test('a route counts as more in the same counts', () => {
  const { limits } = options;
  expect(globalRateLimit.route({ cost: 5 }, { inherited: { limits } })).toEqual({
    route: {
      typed_per_filter_config: {
        'envoy.filters.http.ratelimit': {
          '@type': 'type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute',
          rate_limits: [{ actions: [all], hits_addend: { number: 5 } }],
        },
      },
    },
  });
});

test('is the last that a request meets before those that hold bodies', () => {
  const { bootstrap } = assemble({
    upstream: { host: 'api', port: 8080 },
    rateLimit: '10/s',
    globalRateLimit: options,
    basicAuth: { users: { anna: 'not-a-real-password' } },
    identityRateLimit: { perUser: '5/s' },
  });
  expect(managerOf(bootstrap).http_filters?.map(({ name }) => name)).toEqual([
    ...DEFAULT_FILTERS,
    'envoy.filters.http.local_ratelimit',
    'envoy.filters.http.header_to_metadata.basic',
    'envoy.filters.http.header_mutation.basic',
    'envoy.filters.http.basic_auth',
    'envoy.filters.http.local_ratelimit.identity',
    'envoy.filters.http.ratelimit',
    ...DEFAULT_LAST_FILTERS,
    'envoy.filters.http.router',
  ]);
});

test.each([
  [
    { failureMode: undefined },
    `globalRateLimit.failureMode must be one of 'allow', 'deny', got undefined; choose one of these`,
  ],
  [
    { domain: 'Side Cars' },
    `globalRateLimit.domain must be small letters, digits, ., - and _, got "Side Cars"; write for example 'api'`,
  ],
  [
    { domain: undefined },
    `globalRateLimit.domain must be small letters, digits, ., - and _, got undefined; write for example 'api'`,
  ],
  [
    { service: { host: 'http://ratelimit' } },
    `globalRateLimit.service.host must be a host name or an address, got "http://ratelimit"; write for example 'ratelimit'`,
  ],
  [
    { service: { host: 'ratelimit', port: 0 } },
    'globalRateLimit.service.port must be a whole number from 1 to 65535, got 0; write it as a literal number in that range',
  ],
  [{ service: { host: 'a', tls: true } }, 'globalRateLimit.service.tls is not an option, got true; remove it'],
  [{ timeout: '0s' }, `globalRateLimit.timeout must be longer than zero, got "0s"; write for example '1s'`],
  [{ failClosed: true }, 'globalRateLimit.failClosed is not an option, got true; remove it'],
  [
    { limits: undefined },
    `globalRateLimit.limits must have a rate, got {}; write for example { total: '1000/s', perClient: '100/min' }`,
  ],
  [{ limits: { total: '1/s', burst: 5 } }, 'globalRateLimit.limits.burst is not an option, got 5; remove it'],
  [
    { limits: { total: '0.5/s' } },
    `globalRateLimit.limits.total must be a whole number of requests, got "0.5/s"; write '30/min'`,
  ],
  [
    { limits: { perClient: '1/month' } },
    `globalRateLimit.limits.perClient must be requests in a time (s, min, hour or day), got "1/month"; write for example '100/min'`,
  ],
  [
    { limits: { perHeader: { name: 'x-api-key', rate: '1/s' } } },
    `globalRateLimit.limits.perHeader must not stand alone: a new value is a new count, got {"name":"x-api-key","rate":"1/s"}; give total or perClient`,
  ],
  [
    { limits: { total: '1/s', perHeader: { name: 'x api key', rate: '1/min' } } },
    `globalRateLimit.limits.perHeader.name must be the name of a header, got "x api key"; write for example 'x-api-key'`,
  ],
  [
    { limits: { total: '100/min', perUser: '100/s' } },
    `globalRateLimit.limits must have lower rates than total ('100/min'), or they bound nothing, got {"total":"100/min","perUser":"100/s"}; lower them or leave total out`,
  ],
])('refuses %j', (changes, message) => {
  expect(() => globalRateLimit.proxy({ ...options, ...changes } as never)).toThrow(new Error(message));
});

test.each([
  [
    { cost: 0 },
    'globalRateLimit.cost must be a whole number from 1 to 1000, got 0; write it as a literal number in that range',
  ],
  [{ cost: 2, total: '1/s' }, 'globalRateLimit.total is not an option, got "1/s"; remove it'],
])('refuses %j on a route', (own, message) => {
  expect(() => globalRateLimit.route(own as never, { inherited: options })).toThrow(new Error(message));
});

test('on a route alone is refused', () => {
  const routes = [{ path: '/report', globalRateLimit: { cost: 5 } }];
  expect(() => assemble({ upstream: { host: 'api', port: 8080 }, routes })).toThrow(
    new Error('routes[0].globalRateLimit needs the limits of the whole proxy, got {"cost":5}; give it globalRateLimit'),
  );
});
