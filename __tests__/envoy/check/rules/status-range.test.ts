import { statusRange } from '../../../../envoy/check/rules/status-range';
import { runRule } from './run-rule';

test('ranges of a health check', () => {
  expect(
    runRule(statusRange, {
      'envoy.config.core.v3.HealthCheck.HttpHealthCheck': [
        {
          expected_statuses: [
            {
              start: 200,
              end: 200,
            },
            {
              start: 99,
              end: 200,
            },
            {
              start: 100,
              end: 601,
            },
            {
              start: 100,
              end: 600,
            },
            {},
          ],
          retriable_statuses: [
            {
              start: 300,
              end: 200,
            },
          ],
        },
      ],
    }),
  ).toEqual([
    'error status-range at HttpHealthCheck[0].expected_statuses[0]: is from 200 to before 200, which no status is; write for example start 200, end 300',
    'error status-range at HttpHealthCheck[0].expected_statuses[1]: is from 99 to before 200, and statuses start at 100; write for example start 200, end 300',
    'error status-range at HttpHealthCheck[0].expected_statuses[2]: is from 100 to before 601, and statuses end before 600; write for example start 200, end 300',
    'error status-range at HttpHealthCheck[0].expected_statuses[4]: is from 0 to before 0, which no status is; write for example start 200, end 300',
    'error status-range at HttpHealthCheck[0].retriable_statuses[0]: is from 300 to before 200, which no status is; write for example start 200, end 300',
  ]);
});

test('a header range that holds nothing, and statuses that no response has', () => {
  expect(
    runRule(statusRange, {
      'envoy.config.route.v3.HeaderMatcher': [
        {
          range_match: {
            start: 5,
            end: 1,
          },
        },
        {
          range_match: {
            start: 1,
            end: 5,
          },
        },
        {},
      ],
      'envoy.config.route.v3.RetryPolicy': [
        {
          retriable_status_codes: [503, 600, 99],
        },
      ],
    }),
  ).toEqual([
    'warning status-range at HeaderMatcher[0].range_match: is from 5 to before 1, which no number is; swap or widen them',
    'warning status-range at RetryPolicy[0].retriable_status_codes[1]: is 600, which no response has; write a status from 100 to 599',
    'warning status-range at RetryPolicy[0].retriable_status_codes[2]: is 99, which no response has; write a status from 100 to 599',
  ]);
});
