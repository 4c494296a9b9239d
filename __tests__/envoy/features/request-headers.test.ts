import { type RequestHeaderOptions, requestHeaders } from '../../../envoy/features/request-headers';

const early = (...mutations: object[]) => ({
  name: 'envoy.http.early_header_mutation.header_mutation',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation',
    mutations,
  },
});

const SPECIAL = { remove_on_match: { key_matcher: { safe_regex: { regex: '.*[!-,./^`|~].*' } } } };

function believed(action: string) {
  const authority = '([A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*\\.?|\\[[0-9A-Fa-f:.]+\\])(:[0-9]+)?';
  return {
    untrustedRequests: expect.any(Array),
    refusals: {
      malformed_authority: {
        permission: {
          not_rule: { header: { name: ':authority', string_match: { safe_regex: { regex: authority } } } },
        },
      },
      trace: {
        permission: { header: { name: ':method', string_match: { exact: 'TRACE' } } },
        answer: {
          status_code: 405,
          body: { inline_string: 'Method Not Allowed' },
          headers_to_add: [{ header: { key: 'allow', value: 'GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH' } }],
        },
      },
    },
    connectionManager: {
      http_protocol_options: { ignore_http_11_upgrade: [{ safe_regex: { regex: '(?i)(h2c|tls/.*)(,.*)?' } }] },
      internal_address_config: { cidr_ranges: [{ address_prefix: '255.255.255.255', prefix_len: 32 }] },
      common_http_protocol_options: { headers_with_underscores_action: action },
      early_header_mutation_extensions: [early(SPECIAL)],
    },
  };
}

test('is on by default', () => {
  expect(requestHeaders.onByDefault).toBe(true);
});

test('by default takes nobody for internal, and rejects underscores, malformed hosts and TRACE', () => {
  expect(requestHeaders.proxy({})).toEqual(believed('REJECT_REQUEST'));
});

test.each([
  ['reject', 'REJECT_REQUEST'],
  ['drop', 'DROP_HEADER'],
  ['allow', 'ALLOW'],
] as const)('headersWithUnderscores: %s is %s', (headersWithUnderscores, action) => {
  expect(requestHeaders.proxy({ headersWithUnderscores })).toEqual(believed(action));
});

describe('forwarding headers', () => {
  const removals = (options: RequestHeaderOptions) => requestHeaders.proxy(options).untrustedRequests;

  test('are removed by their names where there is one spelling', () => {
    expect(removals({})).toContainEqual({ remove_on_match: { key_matcher: { prefix: 'x-forwarded-' } } });
    expect(removals({})).toContainEqual({ remove: 'x-real-ip' });
    expect(removals({ headersWithUnderscores: 'drop' })).toEqual(removals({}));
  });

  test.each<RequestHeaderOptions>([{ headersWithUnderscores: 'allow' }, { headersWithSpecialCharacters: 'allow' }])(
    'are removed in each spelling with %j',
    (options) => {
      const matching = (regex: string) => ({ remove_on_match: { key_matcher: { safe_regex: { regex } } } });
      expect(removals(options)).toContainEqual(matching('x[!-/^-`|~]forwarded[!-/^-`|~].*'));
      expect(removals(options)).toContainEqual(matching('x[!-/^-`|~]real[!-/^-`|~]ip'));
    },
  );

  test('stay where they are allowed', () => {
    expect(removals({ allowedForwardingHeaders: ['x-real-ip'] })).not.toContainEqual({ remove: 'x-real-ip' });
  });

  test.each([
    ['x-forwarded-host', 'not be a header that only proxies send', 'name the proxies in clientIp, as trustedCidrs'],
    ['forwarded', 'not be a header that only proxies send', 'name the proxies in clientIp, as trustedCidrs'],
    ['x-mine', 'be a forwarding header, and others are passed on anyway', 'leave it out'],
  ])('%s is no name to allow', (name, problem, remedy) => {
    expect(() => requestHeaders.proxy({ allowedForwardingHeaders: ['x-real-ip', name as never] })).toThrow(
      new Error(`requestHeaders.allowedForwardingHeaders[1] must ${problem}, got "${name}"; ${remedy}`),
    );
  });
});

test('allows special characters', () => {
  const { connectionManager } = requestHeaders.proxy({ headersWithSpecialCharacters: 'allow' });
  expect(connectionManager).not.toHaveProperty('early_header_mutation_extensions');
});

test('refuses another word', () => {
  expect(() => requestHeaders.proxy({ headersWithUnderscores: 'keep' as never })).toThrow(
    new Error(
      `requestHeaders.headersWithUnderscores must be one of 'reject', 'drop', 'allow', got "keep"; choose one of these`,
    ),
  );
});

test('refuses an unknown option', () => {
  expect(() => requestHeaders.proxy({ underscore: 'drop' } as never)).toThrow(
    new Error('headers.underscore is not an option, got "drop"; remove it'),
  );
});
