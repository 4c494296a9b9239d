import { headers } from '../../envoy/features/headers';

function believed(action: string) {
  const authority = '([A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*\\.?|\\[[0-9A-Fa-f:.]+\\])(:[0-9]+)?';
  return {
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
      internal_address_config: { cidr_ranges: [{ address_prefix: '255.255.255.255', prefix_len: 32 }] },
      common_http_protocol_options: { headers_with_underscores_action: action },
    },
  };
}

test('is on by default', () => {
  expect(headers.onByDefault).toBe(true);
});

test('by default takes nobody for internal, and rejects underscores, malformed hosts and TRACE', () => {
  expect(headers.proxy({})).toEqual(believed('REJECT_REQUEST'));
});

test.each([
  ['reject', 'REJECT_REQUEST'],
  ['drop', 'DROP_HEADER'],
  ['allow', 'ALLOW'],
] as const)('underscores: %s is %s', (underscores, action) => {
  expect(headers.proxy({ underscores })).toEqual(believed(action));
});

test('refuses another word', () => {
  expect(() => headers.proxy({ underscores: 'keep' as never })).toThrow(
    new Error(`headers.underscores must be one of 'reject', 'drop', 'allow', got "keep"; choose one of these`),
  );
});

test('refuses an unknown option', () => {
  expect(() => headers.proxy({ underscore: 'drop' } as never)).toThrow(
    new Error('headers.underscore is not an option, got "drop"; remove it'),
  );
});
