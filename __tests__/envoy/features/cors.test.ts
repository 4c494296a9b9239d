import { type CorsOptions, cors } from '../../../envoy/features/cors';

const origins = ['https://app.example.com'];

function policyOf(fragment: ReturnType<typeof cors.route>) {
  return fragment.route?.typed_per_filter_config as Record<string, unknown>;
}

function policy(changes: object = {}) {
  return {
    'envoy.filters.http.cors': {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy',
      allow_origin_string_match: [{ exact: 'https://app.example.com' }],
      max_age: '600',
      allow_credentials: false,
      ...changes,
    },
  };
}

test('adds the filter once, and a policy to the route', () => {
  expect(cors.route({ origins })).toEqual({
    httpFilters: [
      {
        name: 'vary_origin',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation',
          mutations: {
            response_mutations: [
              { append: { header: { key: 'vary', value: 'Origin' }, append_action: 'APPEND_IF_EXISTS_OR_ADD' } },
            ],
          },
        },
      },
      {
        name: 'envoy.filters.http.cors',
        typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.cors.v3.Cors' },
      },
    ],
    route: { typed_per_filter_config: policy() },
  });
});

test.each<[CorsOptions, object]>([
  [{ methods: ['PUT', 'DELETE'] }, { allow_methods: 'PUT,DELETE' }],
  [{ headers: ['authorization', 'x-a'] }, { allow_headers: 'authorization,x-a' }],
  [{ expose: ['x-request-id'] }, { expose_headers: 'x-request-id' }],
  [{ credentials: true }, { allow_credentials: true }],
  [{ maxAge: '1h' }, { max_age: '3600' }],
  [
    { origins: ['https://a.example:8443', '*'] },
    { allow_origin_string_match: [{ exact: 'https://a.example:8443' }, { exact: '*' }] },
  ],
])('%j', (options, changes) => {
  expect(policyOf(cors.route({ origins, ...options }))).toEqual(policy(changes));
});

test("a route's own options lie over those of the proxy", () => {
  expect(policyOf(cors.route({ maxAge: '5s' }, { inherited: { origins, credentials: true } }))).toEqual(
    policy({ max_age: '5', allow_credentials: true }),
  );
});

const site = 'must be a scheme and a host';
test.each<[CorsOptions, string]>([
  [{ origins: [] }, `cors.origins must name a site, got []; write for example ['https://example.com']`],
  [{ origins: ['example.com'] }, `cors.origins[0] ${site}, got "example.com"; write for example 'https://example.com'`],
  [
    { origins: ['*', 'https://example.com/'] },
    `cors.origins[1] ${site}, got "https://example.com/"; write for example 'https://example.com'`,
  ],
  // Any page can have the origin `null`: a sandboxed frame is enough.
  [{ origins: ['null'] }, `cors.origins[0] ${site}, got "null"; write for example 'https://example.com'`],
  [
    { origins: ['*'], credentials: true },
    "cors.credentials must not be true with origins: ['*'], got true; name the sites, or leave credentials out",
  ],
  [
    { headers: ['x-a, x-b'] },
    'cors.headers[0] must be a name without spaces, got "x-a, x-b"; write one name an element',
  ],
  [{ methods: [''] }, 'cors.methods[0] must be a name without spaces, got ""; write one name an element'],
  [
    { maxAge: '10' as never },
    `cors.maxAge must be a number with a unit (ms, s, m or h), got "10"; write for example '250ms' or '15s'`,
  ],
  [{ origin: '*' } as never, 'cors.origin is not an option, got "*"; remove it'],
])('refuses %j', (options, message) => {
  expect(() => cors.route({ origins, ...options })).toThrow(new Error(message));
});
