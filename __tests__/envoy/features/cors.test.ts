import { type CorsOptions, cors } from '../../../envoy/features/cors';

const allowOrigins = ['https://app.example.com'];

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
  expect(cors.route({ allowOrigins })).toEqual({
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
  [{ allowMethods: ['PUT', 'DELETE'] }, { allow_methods: 'PUT,DELETE' }],
  [{ allowHeaders: ['authorization', 'x-a'] }, { allow_headers: 'authorization,x-a' }],
  [{ exposeHeaders: ['x-request-id'] }, { expose_headers: 'x-request-id' }],
  [{ allowCredentials: true }, { allow_credentials: true }],
  [{ maxAge: '1h' }, { max_age: '3600' }],
  [
    { allowOrigins: ['https://a.example:8443', '*'] },
    { allow_origin_string_match: [{ exact: 'https://a.example:8443' }, { exact: '*' }] },
  ],
])('%j', (options, changes) => {
  expect(policyOf(cors.route({ allowOrigins, ...options }))).toEqual(policy(changes));
});

test("a route's own options lie over those of the proxy", () => {
  expect(policyOf(cors.route({ maxAge: '5s' }, { inherited: { allowOrigins, allowCredentials: true } }))).toEqual(
    policy({ max_age: '5', allow_credentials: true }),
  );
});

const site = 'must be a scheme and a host';
test.each<[CorsOptions, string]>([
  [{ allowOrigins: [] }, `cors.allowOrigins must name a site, got []; write for example ['https://example.com']`],
  [
    { allowOrigins: ['example.com'] },
    `cors.allowOrigins[0] ${site}, got "example.com"; write for example 'https://example.com'`,
  ],
  [
    { allowOrigins: ['*', 'https://example.com/'] },
    `cors.allowOrigins[1] ${site}, got "https://example.com/"; write for example 'https://example.com'`,
  ],
  // Any page can have the origin `null`: a sandboxed frame is enough.
  [{ allowOrigins: ['null'] }, `cors.allowOrigins[0] ${site}, got "null"; write for example 'https://example.com'`],
  [
    { allowOrigins: ['*'], allowCredentials: true },
    "cors.allowCredentials must not be true with allowOrigins: ['*'], got true; name the sites, or leave allowCredentials out",
  ],
  [
    { allowHeaders: ['x-a, x-b'] },
    'cors.allowHeaders[0] must be a name without spaces, got "x-a, x-b"; write one name an element',
  ],
  [{ allowMethods: [''] }, 'cors.allowMethods[0] must be a name without spaces, got ""; write one name an element'],
  [
    { maxAge: '10' as never },
    `cors.maxAge must be a number with a unit (ms, s, m or h), got "10"; write for example '250ms' or '15s'`,
  ],
  [{ origin: '*' } as never, 'cors.origin is not an option, got "*"; remove it'],
])('refuses %j', (options, message) => {
  expect(() => cors.route({ allowOrigins, ...options })).toThrow(new Error(message));
});
