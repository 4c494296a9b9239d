import { shortName } from '../../messages/schema/descriptors';
import { error, getField, getMessageType, hasField, type Node } from '../message-reader';
import type { Rule } from '../rule';

const GENERIC = 'envoy.extensions.filters.network.generic_proxy.matcher.v3';
const MODULES = 'envoy.extensions.matching';

/** Inputs that are no text, by the only matcher that reads them. */
const MATCHER_OF_INPUT: Readonly<Record<string, string>> = {
  'xds.type.matcher.v3.HttpAttributesCelMatchInput': 'xds.type.matcher.v3.CelMatcher',
  [`${GENERIC}.RequestMatchInput`]: `${GENERIC}.RequestMatcher`,
  [`${MODULES}.http.dynamic_modules.v3.HttpDynamicModuleMatchInput`]: `${MODULES}.input_matchers.dynamic_modules.v3.DynamicModuleMatcher`,
};
/** Matchers that read no text. A dynamic module may read text too. */
const INPUT_OF_MATCHER: Readonly<Record<string, string>> = {
  'xds.type.matcher.v3.CelMatcher': 'xds.type.matcher.v3.HttpAttributesCelMatchInput',
  [`${GENERIC}.RequestMatcher`]: `${GENERIC}.RequestMatchInput`,
};

export const MATCHER_TYPES = ['xds.type.matcher.v3.Matcher', 'envoy.config.common.matcher.v3.Matcher'];

/** A matcher reads the kind of input that stands beside it. */
export const matcherInput: Rule = (messages) => [
  ...MATCHER_TYPES.flatMap((type) => messages(`${type}.MatcherList.Predicate.SinglePredicate`)).flatMap((predicate) => {
    const input = getField(predicate, 'input');
    const type = inputType(predicate);
    const by = getMessageType(getField(predicate, 'custom_match', 'typed_config')) ?? '';
    const matcher = lookUp(MATCHER_OF_INPUT, type);
    const needed = lookUp(INPUT_OF_MATCHER, by);
    if (matcher !== undefined && by !== matcher) {
      return [error('matcher-input', input, `is read by ${shortName(matcher)} alone; set custom_match to it`)];
    }
    return needed !== undefined && type !== needed && hasField(predicate, 'input')
      ? [error('matcher-input', input, `is nothing that ${shortName(by)} reads; use ${shortName(needed)}`)]
      : [];
  }),
  ...MATCHER_TYPES.flatMap((type) => messages(`${type}.MatcherTree`))
    .filter((tree) => lookUp(MATCHER_OF_INPUT, inputType(tree)) !== undefined)
    .map((tree) => error('matcher-input', getField(tree, 'input'), 'is no text, which a matcher_tree looks up')),
];

export const inputType = (holder: Node) => getMessageType(getField(holder, 'input', 'typed_config')) ?? '';
const lookUp = (record: Readonly<Record<string, string>>, key: string) =>
  Object.hasOwn(record, key) ? record[key] : undefined;
