import { error, getField, hasField, type Node, readNumber, readText } from '../message-reader';
import type { Messages, Rule, RuleProblem } from '../rule';
import { readRe2 } from '../syntax/re2';

/** How many instructions Envoy takes of an expression. */
const LARGEST = 100;

/** Regular expressions are RE2's, and small enough. */
export const regex: Rule = (messages) => {
  const otherEngine = messages('envoy.config.bootstrap.v3.Bootstrap').some((bootstrap) =>
    hasField(bootstrap, 'default_regex_engine'),
  );
  if (otherEngine) {
    return [];
  }
  const largest = isLimitRaised(messages) ? Number.POSITIVE_INFINITY : LARGEST;
  return ['envoy.type.matcher.v3.RegexMatcher', 'xds.type.matcher.v3.RegexMatcher'].flatMap((type) =>
    messages(type).flatMap((matcher) => {
      const own = readNumber(getField(getField(matcher, 'google_re2'), 'max_program_size'));
      return checkPattern(getField(matcher, 'regex'), own ?? largest);
    }),
  );
};

function checkPattern(node: Node, largest: number): readonly RuleProblem[] {
  const pattern = readText(node);
  if (pattern === undefined) {
    return [];
  }
  const { fault, size } = readRe2(pattern);
  if (fault !== undefined) {
    return [error('regex', node, `${fault}; it is ${shortPattern(pattern)}`)];
  }
  return size > largest
    ? [
        error(
          'regex-size',
          node,
          `is ${shortPattern(pattern)}, at least ${size} instructions of RE2, and Envoy takes ${largest}; shorten it, or set the runtime key re2.max_program_size.error_level`,
        ),
      ]
    : [];
}

const shortPattern = (pattern: string) => `'${pattern.length > 80 ? `${pattern.slice(0, 77)}...` : pattern}'`;

/** Whether a layer of the runtime has a say in it. */
function isLimitRaised(messages: Messages): boolean {
  return messages('envoy.config.bootstrap.v3.RuntimeLayer').some((layer) =>
    JSON.stringify(layer.value).includes('re2'),
  );
}
