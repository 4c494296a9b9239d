import { shortName } from '../../messages/schema/descriptors';
import { child, descendant, error, has, isWithin, type Node, typeName } from '../message-reader';
import type { Rule } from '../rule';

const GENERIC = 'envoy.extensions.filters.network.generic_proxy.matcher.v3';
const MODULES = 'envoy.extensions.matching';

/** Inputs that are no text, by the only matcher that reads them. */
const MATCHERS: Readonly<Record<string, string>> = {
  'xds.type.matcher.v3.HttpAttributesCelMatchInput': 'xds.type.matcher.v3.CelMatcher',
  [`${GENERIC}.RequestMatchInput`]: `${GENERIC}.RequestMatcher`,
  [`${MODULES}.http.dynamic_modules.v3.HttpDynamicModuleMatchInput`]: `${MODULES}.input_matchers.dynamic_modules.v3.DynamicModuleMatcher`,
};
/** Matchers that read no text. A dynamic module may read text too. */
const INPUTS: Readonly<Record<string, string>> = {
  'xds.type.matcher.v3.CelMatcher': 'xds.type.matcher.v3.HttpAttributesCelMatchInput',
  [`${GENERIC}.RequestMatcher`]: `${GENERIC}.RequestMatchInput`,
};

const MATCHER = ['xds.type.matcher.v3.Matcher', 'envoy.config.common.matcher.v3.Matcher'];

/** A matcher reads the kind of input that stands beside it. */
export const matcherInput: Rule = (messages) => [
  ...MATCHER.flatMap((type) => messages(`${type}.MatcherList.Predicate.SinglePredicate`)).flatMap((predicate) => {
    const input = child(predicate, 'input');
    const type = inputType(predicate);
    const by = typeName(descendant(predicate, 'custom_match', 'typed_config')) ?? '';
    const matcher = own(MATCHERS, type);
    const needed = own(INPUTS, by);
    if (matcher !== undefined && by !== matcher) {
      return [error('matcher-input', input, `is read by ${shortName(matcher)} alone; set custom_match to it`)];
    }
    return needed !== undefined && type !== needed && has(predicate, 'input')
      ? [error('matcher-input', input, `is nothing that ${shortName(by)} reads; use ${shortName(needed)}`)]
      : [];
  }),
  ...MATCHER.flatMap((type) => messages(`${type}.MatcherTree`))
    .filter((tree) => own(MATCHERS, inputType(tree)) !== undefined)
    .map((tree) => error('matcher-input', child(tree, 'input'), 'is no text, which a matcher_tree looks up')),
];

const inputType = (holder: Node) => typeName(descendant(holder, 'input', 'typed_config')) ?? '';
const own = (record: Readonly<Record<string, string>>, key: string) =>
  Object.hasOwn(record, key) ? record[key] : undefined;

const NETWORK = 'envoy.extensions.matching.common_inputs.network.v3';
const HTTP = 'envoy.type.matcher.v3';

/** What is not known yet when RBAC decides, or what it does not look at. */
const BEYOND_RBAC: Readonly<Record<string, readonly string[]>> = {
  'envoy.extensions.filters.http.rbac.v3.RBAC': [
    `${NETWORK}.SourceTypeInput`,
    `${HTTP}.HttpRequestQueryParamMatchInput`,
    `${HTTP}.HttpRequestTrailerMatchInput`,
    `${HTTP}.HttpResponseHeaderMatchInput`,
    `${HTTP}.HttpResponseLocalReplyMatchInput`,
    `${HTTP}.HttpResponseStatusCodeClassMatchInput`,
    `${HTTP}.HttpResponseStatusCodeMatchInput`,
    `${HTTP}.HttpResponseTrailerMatchInput`,
  ],
  'envoy.extensions.filters.network.rbac.v3.RBAC': ['ApplicationProtocol', 'SourceType', 'TransportProtocol'].map(
    (input) => `${NETWORK}.${input}Input`,
  ),
};

/** RBAC decides by what is known of a request or a connection when it begins. */
export const rbacInput: Rule = (messages) =>
  Object.entries(BEYOND_RBAC).flatMap(([type, refused]) =>
    messages(type)
      .flatMap((filter) => ['matcher', 'shadow_matcher'].map((field) => child(filter, field)))
      .flatMap((matcher) =>
        MATCHER.flatMap((one) => [
          ...messages(`${one}.MatcherList.Predicate.SinglePredicate`),
          ...messages(`${one}.MatcherTree`),
        ])
          .filter((holder) => isWithin(holder, matcher) && refused.includes(inputType(holder)))
          .map((holder) =>
            error(
              'rbac-input',
              child(holder, 'input'),
              `is ${shortName(inputType(holder))}, which RBAC can't match on`,
            ),
          ),
      ),
  );
