import { rateLimitOff } from '../../../../envoy/check/rules/local-rate-limit';
import { verdict } from './run-rule';

test('a limit that is neither on nor enforced', () => {
  expect(
    verdict(rateLimitOff, {
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
