import type { RouteMatch } from '../../messages/builders';
import { headerMatcher, methodMatcher, templateMatch } from '../../messages/route-matchers';
import type { Method, RouteMatchOptions } from '../../options/route-match';
import { toHostMatcher } from './host-match';
import type { Spellings } from './path-spellings';

/** Everything, which is what is left after all other routes. */
export const EVERYTHING: RouteMatchOptions = { path: '/' };

/**
 * A match in Envoy's words, for those of its methods that are among these. Nothing where there are none.
 *
 * @param spellings - instead of the path as it is written
 */
export function toRouteMatch(
  options: RouteMatchOptions,
  among?: readonly Method[],
  spellings?: Spellings,
): RouteMatch | undefined {
  const { path, hosts, methods, headers = {} } = options;
  const both = among && methods ? methods.filter((method) => among.includes(method)) : (methods ?? among);
  if (both?.length === 0) {
    return undefined;
  }
  const matchers = [
    ...(hosts ? [toHostMatcher(hosts)] : []),
    ...(both ? [methodMatcher(both)] : []),
    ...Object.entries(headers).map(([name, value]) => headerMatcher(name, value)),
  ];
  return {
    ...toPathMatch(spellings ? { regex: spellings.regex } : path),
    ...(matchers.length > 0 && { headers: matchers }),
  };
}

function toPathMatch(path: RouteMatchOptions['path']): RouteMatch {
  if (typeof path === 'string') {
    return path === '/' ? { prefix: path } : { path_separated_prefix: path };
  }
  if ('exact' in path) {
    return { path: path.exact };
  }
  return 'regex' in path ? { safe_regex: { regex: path.regex } } : { path_match_policy: templateMatch(path.template) };
}

/** What a route is for in one line, `/api` or `GET,POST /api`: the same for matches that fit the same requests, and no others. */
export function describeMatch({ path, hosts = [], methods = [], headers = {} }: RouteMatchOptions): string {
  const where =
    typeof path === 'string' ? [path] : Object.entries(path).map(([kind, text]) => `${kind} ${JSON.stringify(text)}`);
  const having = Object.entries(headers).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const either = [methods, hosts].flatMap((all) => (all.length > 0 ? [[...all].sort().join(',')] : []));
  return [...either, ...where, ...having.sort()].join(' ');
}
