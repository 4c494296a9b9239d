import { refused } from '../../envoy/malformed';

test('a filter that lets all pass but what fits, whoever asks, and the answer to that is 400', () => {
  const permission = { header: { name: 'x', present_match: true } };
  expect(refused('a.filter', 'a_name', permission)).toEqual({
    httpFilters: [
      {
        name: 'a.filter',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC',
          rules: { action: 'DENY', policies: { a_name: { permissions: [permission], principals: [{ any: true }] } } },
          rules_stat_prefix: 'a_name',
        },
      },
    ],
    connectionManager: {
      local_reply_config: {
        mappers: [
          {
            filter: {
              extension_filter: {
                name: 'envoy.access_loggers.extension_filters.cel',
                typed_config: {
                  '@type': 'type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter',
                  expression: "response.code_details == 'rbac_access_denied_matched_policy[a_name]'",
                },
              },
            },
            status_code: 400,
            body: { inline_string: 'Bad Request' },
          },
        ],
      },
    },
  });
});

test('the answer may be another', () => {
  const answer = { status_code: 405, body: { inline_string: 'No' } };
  const { connectionManager } = refused('a.filter', 'a_name', { any: true }, answer);
  expect(connectionManager?.local_reply_config?.mappers).toEqual([{ filter: expect.anything(), ...answer }]);
});
