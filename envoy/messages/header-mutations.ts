import { extension } from './builders';
import type { envoy } from './schema/types';

export type HeaderMutation = envoy.config.common.mutation_rules.v3.HeaderMutation;

/** Sets a header, in place of those of that name. */
export function setHeader(key: string, value: string) {
  return { header: { key, value }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' as const };
}

/** Changes the headers of each request before Envoy and its filters read them. */
export function earlyHeaderMutation(mutations: HeaderMutation[]) {
  return extension(
    'envoy.http.early_header_mutation.header_mutation',
    'envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation',
    { mutations },
  );
}

/** Removes the headers whose whole names match. */
export function removeMatching(regex: string): HeaderMutation {
  return { remove_on_match: { key_matcher: { safe_regex: { regex } } } };
}

/** All characters of header names that are neither letter nor digit. CGI makes `_` of each. */
const SEPARATOR = '[!-/^-`|~]';

/** The names, as a regex, that CGI and PHP read as this one. */
export function anySpelling(name: string): string {
  return name.replaceAll(/[-_]/g, SEPARATOR);
}
