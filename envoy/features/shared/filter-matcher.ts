import { extension, type HttpFilter } from '../../messages/builders';
import type { envoy, xds } from '../../messages/schema/types';

type ExtensionWithMatcher = envoy.extensions.common.matching.v3.ExtensionWithMatcher;
export type Predicate = xds.type.matcher.v3.Matcher.MatcherList.Predicate;

/** Returns the filter under this name, skipped for the requests that match. */
export function skipFilterFor(
  predicate: Predicate,
  name: string,
  filter: ExtensionWithMatcher['extension_config'],
): HttpFilter {
  const action = extension('skip', 'envoy.extensions.filters.common.matcher.action.v3.SkipFilter', {});
  return extension(name, 'envoy.extensions.common.matching.v3.ExtensionWithMatcher', {
    extension_config: filter,
    xds_matcher: { matcher_list: { matchers: [{ predicate, on_match: { action } }] } },
  });
}

/** Matches requests with a header whose whole value fits the expression. */
export function matchHeader(header_name: string, regex: string): Predicate {
  const input = extension('header', 'envoy.type.matcher.v3.HttpRequestHeaderMatchInput', { header_name });
  return { single_predicate: { input, value_match: { safe_regex: { google_re2: {}, regex } } } };
}

export const not = (predicate: Predicate): Predicate => ({ not_matcher: predicate });
export const anyOf = (...predicate: Predicate[]): Predicate => ({ or_matcher: { predicate } });
export const allOf = (...predicate: Predicate[]): Predicate => ({ and_matcher: { predicate } });

/** Matches requests that Envoy upgrades: it removes `upgrade` from all others. */
export const IS_UPGRADE = matchHeader('upgrade', '.+');
