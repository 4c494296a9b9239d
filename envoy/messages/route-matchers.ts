import { extension } from './builders';

/** Matches requests with one of these methods. */
export function methodMatcher(methods: readonly string[]) {
  return { name: ':method', string_match: { safe_regex: { regex: methods.join('|') } } };
}

/** The value of a header: a text, `true` for any value, or an expression for the whole value. */
export type HeaderValue = string | true | { readonly regex: string };

/** Matches requests with this header. */
export function headerMatcher(name: string, value: HeaderValue) {
  if (value === true) {
    return { name, present_match: true };
  }
  return { name, string_match: typeof value === 'string' ? { exact: value } : { safe_regex: { regex: value.regex } } };
}

/** Matches paths by a template: `/users/{id}`. */
export function templateMatch(template: string) {
  return extension(
    'envoy.path.match.uri_template.uri_template_matcher',
    'envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig',
    { path_template: template },
  );
}
