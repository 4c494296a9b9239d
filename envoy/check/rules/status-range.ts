import { error, getField, getItems, type Node, readNumber, warning } from '../message-reader';
import type { Rule, RuleProblem } from '../rule';

/** Ranges of numbers: the end is not part of them. */
export const statusRange: Rule = (messages) => [
  ...messages('envoy.config.core.v3.HealthCheck.HttpHealthCheck').flatMap((check) =>
    ['expected_statuses', 'retriable_statuses'].flatMap((field) => getItems(check, field).flatMap(checkStatuses)),
  ),
  ...messages('envoy.config.route.v3.HeaderMatcher').flatMap((matcher) => {
    const range = getField(matcher, 'range_match');
    const { start, end } = getEnds(range);
    return range.value !== undefined && start >= end
      ? [warning('status-range', range, `is from ${start} to before ${end}, which no number is; swap or widen them`)]
      : [];
  }),
  ...messages('envoy.config.route.v3.RetryPolicy').flatMap((policy) =>
    getItems(policy, 'retriable_status_codes').flatMap((code) => {
      const status = readNumber(code);
      return status !== undefined && (status < 100 || status > 599)
        ? [warning('status-range', code, `is ${status}, which no response has; write a status from 100 to 599`)]
        : [];
    }),
  ),
];

function checkStatuses(range: Node): readonly RuleProblem[] {
  const { start, end } = getEnds(range);
  const say = (problem: string) => [
    error('status-range', range, `is from ${start} to before ${end}, ${problem}; write for example start 200, end 300`),
  ];
  if (start >= end) {
    return say('which no status is');
  }
  if (start < 100) {
    return say('and statuses start at 100');
  }
  return end > 600 ? say('and statuses end before 600') : [];
}

/** What is not set is 0. */
function getEnds(range: Node): { readonly start: number; readonly end: number } {
  const at = (name: string) => readNumber(getField(range, name)) ?? 0;
  return { start: at('start'), end: at('end') };
}
