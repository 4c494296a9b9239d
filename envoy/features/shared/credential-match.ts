import type { RouteMatch } from '../../messages/builders';

// How a request shows that it has something to say of who sends it.

/** A header, with what its value begins with, in either case, as schemes of `authorization` are. */
export function withHeader(name: string, prefix = ''): Partial<RouteMatch> {
  const match = prefix === '' ? { present_match: true } : { string_match: { prefix, ignore_case: true } };
  return { headers: [{ name, ...match }] };
}

export function withParameter(name: string): Partial<RouteMatch> {
  return { query_parameters: [{ name, present_match: true }] };
}

export function withCookie(name: string): Partial<RouteMatch> {
  return { cookies: [{ name, string_match: { safe_regex: { regex: '.*' } } }] };
}

/** Where that is, in words. */
export function placeOf({ headers = [], query_parameters = [], cookies = [] }: Partial<RouteMatch>): string {
  const places = { header: headers, parameter: query_parameters, cookie: cookies };
  return Object.entries(places)
    .flatMap(([kind, all]) => all.map(({ name }) => `the ${kind} ${name}`))
    .join(' and ');
}
