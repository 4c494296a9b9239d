import { malformedFilter, malformedReplies } from '../../../envoy/features/shared/deny-filter';

const permission = { header: { name: 'x', present_match: true } };
const policy = { permissions: [permission], principals: [{ any: true }] };
const answer = { status_code: 405, body: { inline_string: 'No' } };

test('one filter refuses what any feature names, whoever asks', () => {
  const one = { by: 'one', value: { first: { permission }, second: { permission, answer } } };
  const other = { by: 'other', value: { third: { permission } } };
  expect(malformedFilter([one, other])).toEqual({
    name: 'envoy.filters.http.rbac.malformed',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC',
      rules: { action: 'DENY', policies: { first: policy, second: policy, third: policy } },
      rules_stat_prefix: 'malformed',
      track_per_rule_stats: true,
    },
  });
});

test('the answer is 400, or the one that the feature names', () => {
  const filter = (name: string) => ({
    extension_filter: {
      name: 'envoy.access_loggers.extension_filters.cel',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter',
        expression: `response.code_details == 'rbac_access_denied_matched_policy[${name}]'`,
      },
    },
  });
  const badRequest = { status_code: 400, body: { inline_string: 'Bad Request' } };
  expect(malformedReplies({ first: { permission }, second: { permission, answer } })).toEqual({
    local_reply_config: {
      mappers: [
        { filter: filter('first'), ...badRequest },
        { filter: filter('second'), ...answer },
      ],
    },
  });
});
