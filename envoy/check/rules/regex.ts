import { child, error, has, type Node, number, text } from '../message-reader';
import type { Messages, Rule, RuleProblem } from '../rule';
import { readRe2 } from '../syntax/re2';

/** How many instructions Envoy takes of an expression. */
const LARGEST = 100;

/** Regular expressions are RE2's, and small enough. */
export const regex: Rule = (messages) => {
  const otherEngine = messages('envoy.config.bootstrap.v3.Bootstrap').some((bootstrap) =>
    has(bootstrap, 'default_regex_engine'),
  );
  if (otherEngine) {
    return [];
  }
  const largest = raised(messages) ? Number.POSITIVE_INFINITY : LARGEST;
  return ['envoy.type.matcher.v3.RegexMatcher', 'xds.type.matcher.v3.RegexMatcher'].flatMap((type) =>
    messages(type).flatMap((matcher) => {
      const own = number(child(child(matcher, 'google_re2'), 'max_program_size'));
      return wrong(child(matcher, 'regex'), own ?? largest);
    }),
  );
};

function wrong(node: Node, largest: number): readonly RuleProblem[] {
  const pattern = text(node);
  if (pattern === undefined) {
    return [];
  }
  const { fault, size } = readRe2(pattern);
  if (fault !== undefined) {
    return [error('regex', node, `${fault}; it is ${shown(pattern)}`)];
  }
  return size > largest
    ? [
        error(
          'regex-size',
          node,
          `is ${shown(pattern)}, at least ${size} instructions of RE2, and Envoy takes ${largest}; shorten it, or set the runtime key re2.max_program_size.error_level`,
        ),
      ]
    : [];
}

const shown = (pattern: string) => `'${pattern.length > 80 ? `${pattern.slice(0, 77)}...` : pattern}'`;

/** Whether a layer of the runtime has a say in it. */
function raised(messages: Messages): boolean {
  return messages('envoy.config.bootstrap.v3.RuntimeLayer').some((layer) =>
    JSON.stringify(layer.value).includes('re2'),
  );
}
