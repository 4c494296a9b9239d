import { descriptorExpression, rateLimitOff } from '../../../../envoy/check/rules/rate-limits';
import { runRule } from './run-rule';

test('a limit that is neither on nor enforced', () => {
  expect(
    runRule(rateLimitOff, {
      'envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit': [
        {},
        {
          filter_enabled: {},
        },
        {
          filter_enabled: {},
          filter_enforced: {},
        },
      ],
    }),
  ).toEqual([
    'warning rate-limit-off at LocalRateLimit[0]: limits nothing, since filter_enabled and filter_enforced are not set, which means 0 %; set a default_value of 100 %',
    'warning rate-limit-off at LocalRateLimit[1]: limits nothing, since filter_enforced is not set, which means 0 %; set a default_value of 100 %',
  ]);
});

test('a rate limit by an expression has one', () => {
  expect(
    runRule(descriptorExpression, {
      'envoy.extensions.rate_limit_descriptors.expr.v3.Descriptor': [
        { descriptor_key: 'a' },
        { descriptor_key: 'b', text: 'request.path' },
        { descriptor_key: 'c', parsed: {} },
      ],
    }),
  ).toEqual(['error descriptor-expression at Descriptor[0]: counts by no expression; set text']);
});
