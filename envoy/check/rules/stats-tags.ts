import { error, getField, hasField, isFilled, readText } from '../message-reader';
import type { Rule } from '../rule';
import { checkStdRegex } from '../syntax/std-regex';

/** A tag of one's own says what it is, by a name and an expression; only Envoy's own have an expression without. */
export const statsTag: Rule = (messages) =>
  messages('envoy.config.metrics.v3.TagSpecifier').flatMap((tag) => {
    const name = getField(tag, 'tag_name');
    const regex = getField(tag, 'regex');
    const pattern = readText(regex);
    if (hasField(tag, 'fixed_value')) {
      return [];
    }
    if (name.value === undefined || name.value === '') {
      return [error('stats-tag', tag, 'has no name; set tag_name')];
    }
    const fault = pattern === undefined ? undefined : checkStdRegex(pattern);
    if (fault !== undefined) {
      return [error('stats-tag', regex, `${fault}; it is '${pattern}'`)];
    }
    return !isFilled(regex) && readText(name)?.startsWith('envoy.') === false
      ? [error('stats-tag', tag, `is '${name.value}', which is none of Envoy's own tags; set regex or fixed_value`)]
      : [];
  });
