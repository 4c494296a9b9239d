import { assemble } from '../../../envoy';
import { rateLimit } from '../../../envoy/features/rate-limit';
import { DEFAULT_FILTERS, DEFAULT_LAST_FILTERS, managerOf } from '../../helpers';
import { always, bucket, enforced, header, percent } from './rates-of';

const perClient = {
  entries: [{ key: 'masked_remote_address' }],
  action: { masked_remote_address: { v4_prefix_mask_len: 32, v6_prefix_mask_len: 64 } },
};

test('is off by default', () => {
  expect(rateLimit).not.toHaveProperty('onByDefault');
});

test.each([
  { name: 'a rate as text', options: '100/min' },
  { name: 'total', options: { total: '100/min' } },
] as const)('limits all requests by one bucket with $name, always enforced', ({ options }) => {
  expect(rateLimit.proxy(options)).toEqual({
    httpFilters: [
      {
        name: 'envoy.filters.http.local_ratelimit',
        typed_config: {
          ...always,
          stat_prefix: 'rate_limit',
          token_bucket: bucket(100, '60s'),
          ...enforced('1'),
        },
      },
    ],
  });
});

test('for each client, and for each value of a header, with the bucket for all behind', () => {
  const { httpFilters } = rateLimit.proxy({
    total: '10/s',
    perClient: '5/hour',
    perHeader: { name: 'X-API-Key', rate: '60/day' },
    maxTrackedClients: 5_000,
  });
  expect(httpFilters).toEqual([
    {
      name: 'envoy.filters.http.local_ratelimit',
      typed_config: {
        ...always,
        stat_prefix: 'rate_limit',
        token_bucket: bucket(10, '1s'),
        max_dynamic_descriptors: 5_000,
        descriptors: [
          { entries: perClient.entries, token_bucket: bucket(5, '3600s') },
          { entries: [{ key: 'header' }], token_bucket: bucket(60, '86400s') },
        ],
        rate_limits: [
          { actions: [perClient.action] },
          {
            actions: [
              {
                extension: {
                  name: 'envoy.rate_limit_descriptors.expr',
                  typed_config: {
                    '@type': 'type.googleapis.com/envoy.extensions.rate_limit_descriptors.expr.v3.Descriptor',
                    descriptor_key: 'header',
                    text: '"x-api-key" in request.headers && size(bytes(request.headers["x-api-key"])) <= 256 ? request.headers["x-api-key"] : ""',
                  },
                },
              },
            ],
          },
        ],
        // Of the three, the slowest to have room again.
        ...enforced('1440'),
      },
    },
  ]);
});

test('a client alone has no bucket for all behind it', () => {
  expect(rateLimit.proxy({ perClient: '5/hour' }).httpFilters?.[0]?.typed_config).toEqual({
    ...always,
    stat_prefix: 'rate_limit',
    descriptors: [{ entries: perClient.entries, token_bucket: bucket(5, '3600s') }],
    rate_limits: [{ actions: [perClient.action] }],
    ...enforced('720'),
  });
});

test('without enforcement, the API is told, and clients are told nothing', () => {
  expect(rateLimit.proxy({ total: '10/s', shadow: true }).httpFilters?.[0]?.typed_config).toEqual({
    ...always,
    stat_prefix: 'rate_limit',
    token_bucket: bucket(10, '1s'),
    filter_enforced: percent(0),
    request_headers_to_add_when_not_enforced: [header('x-rate-limited', 'true')],
  });
});

const FILTER_CONFIG = 'type.googleapis.com/envoy.config.route.v3.FilterConfig';

test("a route's own is a filter of its own, in place of that of the proxy, with what it says nothing of", () => {
  expect(rateLimit.route({ perClient: '5/min' }, { inherited: '10/s', name: '/v1.0/login', servers: [] })).toEqual({
    httpFilters: [
      {
        name: 'envoy.filters.http.local_ratelimit./v1.0/login',
        disabled: true,
        typed_config: {
          ...always,
          stat_prefix: 'rate_limit_/v1_0/login',
          token_bucket: bucket(10, '1s'),
          descriptors: [{ entries: perClient.entries, token_bucket: bucket(5, '60s') }],
          rate_limits: [{ actions: [perClient.action] }],
          ...enforced('12'),
        },
      },
    ],
    route: {
      typed_per_filter_config: {
        'envoy.filters.http.local_ratelimit./v1.0/login': { '@type': FILTER_CONFIG, config: {} },
        'envoy.filters.http.local_ratelimit': { '@type': FILTER_CONFIG, disabled: true },
      },
    },
  });
});

test('a route alone has nothing to take the place of', () => {
  expect(rateLimit.route('5/min', { name: '/login', servers: [] }).route).toEqual({
    typed_per_filter_config: { 'envoy.filters.http.local_ratelimit./login': { '@type': FILTER_CONFIG, config: {} } },
  });
});

test('a lower rate for all on a route may overrule that for each client', () => {
  expect(() =>
    rateLimit.route({ total: '5/min' }, { inherited: { perClient: '100/min' }, name: '/login', servers: [] }),
  ).not.toThrow();
});

test('comes after cors and before the router, and a filter once for both routes of a path', () => {
  const { bootstrap } = assemble({
    upstream: { host: 'api', port: 8080 },
    cors: { allowOrigins: ['*'] },
    rateLimit: '10/s',
    routes: [
      { path: '/login', rateLimit: '1/s' },
      { path: '/search', methods: ['PUT', 'GET'], headers: { 'x-version': '2' }, rateLimit: '2/s' },
      { path: { exact: '/search' }, rateLimit: '3/s' },
    ],
  });
  expect(managerOf(bootstrap).http_filters?.map(({ name }) => name)).toEqual([
    ...DEFAULT_FILTERS,
    'vary_origin',
    'envoy.filters.http.cors',
    'envoy.filters.http.local_ratelimit',
    'envoy.filters.http.local_ratelimit.exact "/search"',
    'envoy.filters.http.local_ratelimit.GET,PUT /search x-version="2"',
    'envoy.filters.http.local_ratelimit./login',
    ...DEFAULT_LAST_FILTERS,
    'envoy.filters.http.router',
  ]);
});

test.each([
  [{}, "rateLimit must have a rate, got {}; write for example { total: '1000/s', perClient: '100/min' }"],
  [{ shadow: false }, /^rateLimit must have a rate, got \{"shadow":false\}; /],
  ['100', /^rateLimit\.total must be requests in a time \(s, min, hour or day\), got "100"; /],
  [{ perClient: '0.5/s' }, `rateLimit.perClient must be a whole number of requests, got "0.5/s"; write '30/min'`],
  [{ total: '10/s', burst: 5 }, 'rateLimit.burst is not an option, got 5; remove it'],
  [
    { perHeader: { name: 'x-api-key', rate: '1/s' } },
    'rateLimit.perHeader must not stand alone: a new value is a new bucket, got {"name":"x-api-key","rate":"1/s"}; give total or perClient',
  ],
  [
    { total: '1/s', perHeader: { name: 'x api key', rate: '1/min' } },
    `rateLimit.perHeader.name must be the name of a header, got "x api key"; write for example 'x-api-key'`,
  ],
  [
    { total: '100/s', perHeader: { name: 'x-api-key', rate: '1/month' } },
    `rateLimit.perHeader.rate must be requests in a time (s, min, hour or day), got "1/month"; write for example '100/min'`,
  ],
  [
    { total: '100/min', perClient: '1000/s' },
    `rateLimit.perClient must be less than total ('100/min'), or it bounds nothing, got "1000/s"; lower it or leave it out`,
  ],
  [
    { total: '100/min', perHeader: { name: 'x-api-key', rate: '100/min' } },
    `rateLimit.perHeader.rate must be less than total ('100/min'), or it bounds nothing, got "100/min"; lower it or leave it out`,
  ],
  [
    { total: '10/s', maxTrackedClients: 20 },
    'rateLimit.maxTrackedClients must be a whole number from 1000 to 10000000, got 20; write it as a literal number in that range',
  ],
])('refuses %j', (options, message) => {
  expect(() => rateLimit.proxy(options as never)).toThrow(message instanceof RegExp ? message : new Error(message));
});

test('a refusal on a route names the route', () => {
  const routes = [{ path: '/login', rateLimit: { perClient: '0.5/min' as const } }];
  expect(() => assemble({ upstream: { host: 'api', port: 8080 }, routes })).toThrow(
    new Error(`routes[0].rateLimit.perClient must be a whole number of requests, got "0.5/min"; write '30/hour'`),
  );
});
