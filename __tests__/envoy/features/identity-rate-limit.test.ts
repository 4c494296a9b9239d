import { assemble } from '../../../envoy';
import { identityRateLimit } from '../../../envoy/features/identity-rate-limit';
import { DEFAULT_FILTERS, DEFAULT_LAST_FILTERS, managerOf } from '../../helpers';
import { always, among, bucket, CLIENT, enforced, header, ISSUER, named, percent, SUB, USER } from './rates-of';

const own = { ...always, stat_prefix: 'identity_rate_limit' };

test('is off by default', () => {
  expect(identityRateLimit).not.toHaveProperty('onByDefault');
});

test('a claim has a bucket for each of its values of each issuer, always enforced', () => {
  expect(identityRateLimit.proxy({ perClaim: { claim: 'sub', rate: '5/hour' } })).toEqual({
    httpFilters: [
      {
        name: 'envoy.filters.http.local_ratelimit.identity',
        typed_config: {
          ...own,
          descriptors: [{ entries: [{ key: 'issuer' }, { key: 'claim' }], token_bucket: bucket(5, '3600s') }],
          rate_limits: [{ actions: [ISSUER, SUB] }],
          ...enforced('720'),
        },
      },
    ],
    requires: [{ option: 'identityRateLimit.perClaim', filter: 'envoy.filters.http.jwt_authn', remedy: 'set jwt' }],
  });
});

test('clients and users have buckets by headers that are taken from what clients send', () => {
  expect(identityRateLimit.proxy({ perApiClient: '5/hour', perUser: '10/min', maxTrackedClients: 5_000 })).toEqual({
    httpFilters: [
      {
        name: 'envoy.filters.http.local_ratelimit.identity',
        typed_config: {
          ...own,
          max_dynamic_descriptors: 5_000,
          descriptors: [
            { entries: [{ key: 'api_client' }, { key: 'identity' }], token_bucket: bucket(5, '3600s') },
            { entries: [{ key: 'user' }, { key: 'identity' }], token_bucket: bucket(10, '60s') },
          ],
          rate_limits: [
            { actions: [named('api_client', 'x-api-client'), among(CLIENT, USER)] },
            { actions: [named('user', 'x-user-name'), among(USER, CLIENT)] },
          ],
          ...enforced('720'),
        },
      },
    ],
    identityHeaders: ['x-api-client', 'x-user-name'],
    requires: [
      { option: 'identityRateLimit.perApiClient', filter: 'envoy.filters.http.api_key_auth', remedy: 'set apiKeys' },
      { option: 'identityRateLimit.perUser', filter: 'envoy.filters.http.basic_auth', remedy: 'set basicAuth' },
    ],
  });
});

test('without enforcement, the API is told, and clients are told nothing', () => {
  const perClaim = { claim: 'sub', rate: '10/s' } as const;
  expect(identityRateLimit.proxy({ perClaim, shadow: true }).httpFilters?.[0]?.typed_config).toEqual({
    ...own,
    descriptors: [{ entries: [{ key: 'issuer' }, { key: 'claim' }], token_bucket: bucket(10, '1s') }],
    rate_limits: [{ actions: [ISSUER, SUB] }],
    filter_enforced: percent(0),
    request_headers_to_add_when_not_enforced: [header('x-rate-limited', 'true')],
  });
});

const FILTER_CONFIG = 'type.googleapis.com/envoy.config.route.v3.FilterConfig';

test("a route's own is a filter of its own, in place of that of the proxy, with what it says nothing of", () => {
  expect(
    identityRateLimit.route(
      { perUser: '5/min' },
      { inherited: { perUser: '10/min', maxTrackedClients: 2_000 }, name: '/v1.0/login', servers: [] },
    ),
  ).toEqual({
    httpFilters: [
      {
        name: 'envoy.filters.http.local_ratelimit.identity./v1.0/login',
        disabled: true,
        typed_config: {
          ...own,
          stat_prefix: 'identity_rate_limit_/v1_0/login',
          max_dynamic_descriptors: 2_000,
          descriptors: [{ entries: [{ key: 'user' }], token_bucket: bucket(5, '60s') }],
          rate_limits: [{ actions: [named('user', 'x-user-name')] }],
          ...enforced('12'),
        },
      },
    ],
    route: {
      typed_per_filter_config: {
        'envoy.filters.http.local_ratelimit.identity./v1.0/login': { '@type': FILTER_CONFIG, config: {} },
        'envoy.filters.http.local_ratelimit.identity': { '@type': FILTER_CONFIG, disabled: true },
      },
    },
    requires: [
      { option: 'identityRateLimit.perUser', filter: 'envoy.filters.http.basic_auth', remedy: 'set basicAuth' },
    ],
  });
});

test('a route alone has nothing to take the place of', () => {
  const own = { perClaim: { claim: 'sub', rate: '5/min' } } as const;
  expect(identityRateLimit.route(own, { name: '/login', servers: [] }).route).toEqual({
    typed_per_filter_config: {
      'envoy.filters.http.local_ratelimit.identity./login': { '@type': FILTER_CONFIG, config: {} },
    },
  });
});

test('each of the two limits on a route has a filter of its own', () => {
  const { bootstrap } = assemble({
    upstream: { host: 'api', port: 8080 },
    rateLimit: '10/s',
    basicAuth: { users: { anna: 'not-a-real-password' } },
    identityRateLimit: { perUser: '5/s' },
    routes: [{ path: '/login', rateLimit: '1/s', identityRateLimit: { perUser: '1/min' } }],
  });
  expect(managerOf(bootstrap).http_filters?.map(({ name }) => name)).toEqual([
    ...DEFAULT_FILTERS,
    'envoy.filters.http.local_ratelimit',
    'envoy.filters.http.local_ratelimit./login',
    'envoy.filters.http.header_to_metadata.basic',
    'envoy.filters.http.header_mutation.basic',
    'envoy.filters.http.basic_auth',
    'envoy.filters.http.local_ratelimit.identity',
    'envoy.filters.http.local_ratelimit.identity./login',
    ...DEFAULT_LAST_FILTERS,
    'envoy.filters.http.router',
  ]);
});

test.each([
  [{}, "identityRateLimit must have a rate, got {}; write for example { perClaim: { claim: 'sub', rate: '100/min' } }"],
  [
    { shadow: false },
    `identityRateLimit must have a rate, got {"shadow":false}; write for example { perClaim: { claim: 'sub', rate: '100/min' } }`,
  ],
  [{ perUser: '0.5/s' }, `identityRateLimit.perUser must be a whole number of requests, got "0.5/s"; write '30/min'`],
  [
    { perApiClient: '1/month' },
    `identityRateLimit.perApiClient must be requests in a time (s, min, hour or day), got "1/month"; write for example '100/min'`,
  ],
  [{ perUser: '10/s', total: '5/s' }, 'identityRateLimit.total is not an option, got "5/s"; remove it'],
  [
    { perClaim: { claim: 'sub', rate: '100' } },
    `identityRateLimit.perClaim.rate must be requests in a time (s, min, hour or day), got "100"; write for example '100/min'`,
  ],
  [
    { perClaim: { claim: 'org.', rate: '1/s' } },
    `identityRateLimit.perClaim.claim must be the name of a claim, got "org."; write for example 'sub'`,
  ],
  [
    { perClaim: { claim: [], rate: '1/s' } },
    `identityRateLimit.perClaim.claim must be the name of a claim, got []; write for example 'sub'`,
  ],
  [
    { perUser: '10/s', maxTrackedClients: 20 },
    'identityRateLimit.maxTrackedClients must be a whole number from 1000 to 10000000, got 20; write it as a literal number in that range',
  ],
])('refuses %j', (options, message) => {
  expect(() => identityRateLimit.proxy(options as never)).toThrow(new Error(message));
});

test.each(['perApiClient', 'perUser'])('on a route alone, %s is refused: its header would be believed', (option) => {
  const routes = [{ path: '/login', identityRateLimit: { [option]: '5/min' } }];
  const perClaim = { claim: 'sub', rate: '5/min' } as const;
  for (const whole of [{}, { identityRateLimit: { perClaim } }]) {
    expect(() => assemble({ upstream: { host: 'api', port: 8080 }, ...whole, routes })).toThrow(
      new Error(
        `routes[0].identityRateLimit.${option} must be given for the whole proxy as well, got "5/min"; give identityRateLimit there a higher one`,
      ),
    );
  }
});

test.each([
  [{ perClaim: { claim: 'sub', rate: '5/min' } }, 'perClaim', 'jwt_authn', 'jwt'],
  [{ perApiClient: '5/min' }, 'perApiClient', 'api_key_auth', 'apiKeys'],
  [{ perUser: '5/min' }, 'perUser', 'basic_auth', 'basicAuth'],
] as const)('%j is refused where nobody finds out who that is', (rates, option, filter, feature) => {
  const upstream = { host: 'api', port: 8080 };
  expect(() => assemble({ upstream, identityRateLimit: rates })).toThrow(
    new Error(`identityRateLimit.${option} needs the filter envoy.filters.http.${filter}, got "none"; set ${feature}`),
  );
});

test('so it is on a route', () => {
  const routes = [{ path: '/a', identityRateLimit: { perClaim: { claim: 'sub', rate: '5/min' } } }] as const;
  expect(() => assemble({ upstream: { host: 'api', port: 8080 }, routes })).toThrow(
    new Error(
      `routes[0].identityRateLimit.perClaim needs the filter envoy.filters.http.jwt_authn, got "none"; set jwt`,
    ),
  );
});
