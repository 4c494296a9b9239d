import { type ApiKeyOptions, type ApiKeyRequirement, assemble, toYaml } from '../../../envoy';
import { apiKeys } from '../../../envoy/features/api-keys';

const PARTNER = 'not-a-real-key-of-a-partner';
const SHOP = 'not-a-real-key-of-a-shop';
const keys = { partner: PARTNER, shop: SHOP };
const API_KEY_AUTH = 'type.googleapis.com/envoy.extensions.filters.http.api_key_auth.v3.ApiKeyAuth';

/** The filter, as it stands in its file. */
function filterOf(options: ApiKeyOptions) {
  const [file] = apiKeys.proxy(options).files ?? [];
  return (file?.content as { resources: { typed_config: object }[] } | undefined)?.resources[0]?.typed_config;
}

const filter = {
  '@type': API_KEY_AUTH,
  credentials: [
    { key: PARTNER, client: 'partner' },
    { key: SHOP, client: 'shop' },
  ],
  key_sources: [{ header: 'x-api-key' }],
  forwarding: { header: 'x-api-client', hide_credentials: true },
};

const asking = (value: string) => ({
  filter: {
    and_filter: {
      filters: [
        {
          extension_filter: {
            name: 'envoy.access_loggers.extension_filters.cel',
            typed_config: {
              '@type': 'type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter',
              expression: "response.code == 401 && response.code_details.endsWith('_api_key')",
            },
          },
        },
        {
          header_filter: {
            header: {
              name: 'content-type',
              string_match: { prefix: 'application/grpc' },
              treat_missing_header_as_empty: true,
              invert_match: true,
            },
          },
        },
      ],
    },
  },
  headers_to_add: [{ header: { key: 'www-authenticate', value } }],
});

test('a key in the place of tokens is asked for as one', () => {
  expect(apiKeys.proxy({ keys, fromHeaders: ['x-key', 'Authorization'] }).connectionManager).toEqual({
    local_reply_config: { mappers: [asking('Bearer')] },
  });
});

const credentialMatches = [{ headers: [{ name: 'x-api-key', present_match: true }] }];

test('every request needs a key, and the keys stand in a file of their own', () => {
  expect(apiKeys.proxy({ keys })).toEqual({
    credentials: { headers: ['x-api-key'], params: [], cookies: [] },
    httpFilters: [
      {
        name: 'envoy.filters.http.api_key_auth',
        config_discovery: {
          config_source: { path_config_source: { path: '/etc/envoy/api-keys.yaml' }, resource_api_version: 'V3' },
          type_urls: [API_KEY_AUTH],
        },
      },
    ],
    identityHeaders: ['x-api-client'],
    connectionManager: { local_reply_config: { mappers: [asking('ApiKey')] } },
    route: { credentialMatches },
    files: [
      {
        path: '/etc/envoy/api-keys.yaml',
        content: {
          resources: [
            {
              '@type': 'type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig',
              name: 'envoy.filters.http.api_key_auth',
              typed_config: filter,
            },
          ],
        },
        sensitive: true,
      },
    ],
  });
});

test('no key is in the configuration that everybody may read', () => {
  const { bootstrap, files } = assemble({
    upstream: { host: 'api', port: 8080 },
    apiKeys: { keys },
    routes: [{ path: '/orders', apiKeys: { allowedClients: ['partner'] } }],
  });
  expect(toYaml(bootstrap)).not.toMatch(/not-a-real-key/);
  expect(toYaml(files)).toMatch(/not-a-real-key/);
});

test.each<[Partial<ApiKeyOptions>, object]>([
  [{ forward: true }, { forwarding: { header: 'x-api-client', hide_credentials: false } }],
  [{ fromHeaders: ['X-Key', 'authorization'] }, { key_sources: [{ header: 'x-key' }, { header: 'authorization' }] }],
  [
    { fromParams: ['k'] },
    { key_sources: [{ query: 'k' }], forwarding: { header: 'x-api-client', hide_credentials: false } },
  ],
  [
    { fromCookies: ['c'], fromParams: ['k'], fromHeaders: ['x-key'] },
    {
      key_sources: [{ header: 'x-key' }, { query: 'k' }, { cookie: 'c' }],
      forwarding: { header: 'x-api-client', hide_credentials: false },
    },
  ],
  [{ keys: { a: '${TfToken[1]}' } }, { credentials: [{ key: '${TfToken[1]}', client: 'a' }] }],
])('%j', (options, changes) => {
  expect(filterOf({ keys, ...options })).toEqual({ ...filter, ...changes });
});

test.each([
  [{ keys }, true],
  [{ keys, forward: true }, false],
])('a route for some clients hides the key as the whole proxy does: %#', (whole, hide_credentials) => {
  expect(apiKeys.route({ allowedClients: ['shop'] }, { inherited: whole })).toEqual({
    credentialMatches,
    route: {
      typed_per_filter_config: {
        'envoy.filters.http.api_key_auth': {
          '@type': 'type.googleapis.com/envoy.extensions.filters.http.api_key_auth.v3.ApiKeyAuthPerRoute',
          allowed_clients: ['shop'],
          forwarding: { header: 'x-api-client', hide_credentials },
        },
      },
    },
  });
  expect(apiKeys.route({}, { inherited: whole })).toEqual({ credentialMatches });
});

test('a key is shown by whatever is in one of its places', () => {
  expect(apiKeys.credentialMatches({}, { inherited: { keys } })).toEqual(credentialMatches);
  expect(
    apiKeys.credentialMatches(
      {},
      { inherited: { keys, fromHeaders: ['x-key'], fromParams: ['k'], fromCookies: ['c'] } },
    ),
  ).toEqual([
    { headers: [{ name: 'x-key', present_match: true }] },
    { query_parameters: [{ name: 'k', present_match: true }] },
    { cookies: [{ name: 'c', string_match: { safe_regex: { regex: '.*' } } }] },
  ]);
});

test.each<[object, string]>([
  [{}, "apiKeys.keys must name a client, got {}; write for example { partner: '...' }"],
  [{ keys: {} }, "apiKeys.keys must name a client, got {}; write for example { partner: '...' }"],
  [
    { keys: { 'a b': PARTNER } },
    `apiKeys.keys.a b must be a name of letters, digits, ., _, @ and -, got "a b"; write for example 'partner'`,
  ],
  [
    { keys: { a: 'only-15-letters' } },
    'apiKeys.keys.a must have at least 16 characters, or it can be guessed, got 15; draw a longer one at random',
  ],
  ...['has a space in its midst', 'ends-with-a-line\n', 'schlüssel-mit-umlaut', ''].map((key): [object, string] => [
    { keys: { a: key } },
    'apiKeys.keys.a must be a text of visible ASCII characters without spaces, got "string"; draw another key',
  ]),
  [
    { keys: { a: 1234567890123456 } },
    'apiKeys.keys.a must be a text of visible ASCII characters without spaces, got "number"; draw another key',
  ],
  [
    { keys: { a: PARTNER, b: SHOP, c: PARTNER } },
    `apiKeys.keys.c has the key of 'a', got "c"; give each client a key of its own`,
  ],
  [
    { keys, fromHeaders: ['x key'] },
    `apiKeys.fromHeaders[0] must be the name of a header, got "x key"; write for example 'x-api-key'`,
  ],
  ...['X-Api-Client', 'x-user-name'].map((name): [object, string] => [
    { keys, fromHeaders: ['x-key', name] },
    `apiKeys.fromHeaders[1] is removed from what clients send, got "${name}"; write for example 'x-api-key'`,
  ]),
  [
    { keys, fromParams: [''] },
    `apiKeys.fromParams[0] must be a name without spaces, got ""; write for example 'api_key'`,
  ],
  [
    { keys, fromCookies: ['a', 'b;c'] },
    `apiKeys.fromCookies[1] must be a name without spaces, got "b;c"; write for example 'api_key'`,
  ],
  [{ keys, fromHeaders: [] }, 'apiKeys.fromHeaders leaves no place for a key, got []; leave it out for x-api-key'],
  [{ keys, key: PARTNER }, 'apiKeys.key is not an option, got "string"; remove it'],
])('refuses %j', (options, message) => {
  expect(() => apiKeys.proxy(options as ApiKeyOptions)).toThrow(new Error(message));
});

test.each<[object, object, string]>([
  [
    { allowedClients: ['a'] },
    {},
    'apiKeys needs the keys of the whole proxy, got {"allowedClients":["a"]}; give them in its apiKeys',
  ],
  [{ allowedClients: [] }, { keys }, 'apiKeys.allowedClients must name a client, got []; leave it out for all clients'],
  [
    { allowedClients: ['shop', 'stop'] },
    { keys },
    `apiKeys.allowedClients[1] must be one of 'partner', 'shop', got "stop"; choose one of these`,
  ],
  [{ keys }, { keys }, 'apiKeys.keys is not an option, got "object"; remove it'],
])('refuses %j on a route', (own, whole, message) => {
  expect(() => apiKeys.route(own as ApiKeyRequirement, { inherited: whole })).toThrow(new Error(message));
});
