import { headers } from '../../envoy/features/headers';
import { refused } from '../../envoy/malformed';

function believed(action: string) {
  const hosts = refused('envoy.filters.http.rbac.several_hosts', 'several_hosts', {
    header: { name: ':authority', string_match: { contains: ',' } },
  });
  const trace = refused(
    'envoy.filters.http.rbac.trace',
    'trace',
    { header: { name: ':method', string_match: { exact: 'TRACE' } } },
    {
      status_code: 405,
      body: { inline_string: 'Method Not Allowed' },
      headers_to_add: [{ header: { key: 'allow', value: 'GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH' } }],
    },
  );
  const both = [hosts, trace];
  return {
    httpFilters: both.flatMap(({ httpFilters = [] }) => httpFilters),
    connectionManager: {
      local_reply_config: {
        mappers: both.flatMap(({ connectionManager }) => connectionManager?.local_reply_config?.mappers ?? []),
      },
      internal_address_config: { cidr_ranges: [{ address_prefix: '255.255.255.255', prefix_len: 32 }] },
      common_http_protocol_options: { headers_with_underscores_action: action },
    },
  };
}

test('is on by default', () => {
  expect(headers.onByDefault).toBe(true);
});

test('by default takes nobody for internal, and rejects underscores, several hosts and TRACE', () => {
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
