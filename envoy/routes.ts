import { type HttpFilter, type Route, typed } from './api';
import type { RouteOptions } from './features';
import { merge, type Part } from './fragment';
import { type RouteParts, routeParts, type Source } from './scopes';
import { fail, urlPath, within } from './values';

/** Requests for one path, with options of their own. */
export interface RouteRule extends RouteOptions {
  /**
   * The path, and all paths below it: `/api` is also `/api/users`, and not `/apix`. The longest path that fits counts,
   * whatever the order.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routematch
   */
  readonly path: string;
}

/** A rule with what the features make of it; the last one is for all other requests. */
export interface Rule extends RouteParts {
  readonly path?: string;
}

/** The rules in the order in which Envoy tries them. */
export function rules(all: readonly Source[], routes: readonly RouteRule[]): Rule[] {
  const own = routes.map(({ path, ...options }, index) => {
    const scope = `routes[${index}].`;
    within(scope, () => checkPath(path));
    const twice = routes.findIndex((other) => other.path === path);
    if (twice < index) {
      fail(`${scope}path`, `is also that of routes[${twice}]`, path, 'make one of them');
    }
    return { path, ...routeParts(all, scope, options, path) };
  });
  return [...own.sort((a, b) => b.path.length - a.path.length), routeParts(all, '', {})];
}

function checkPath(path: string): void {
  urlPath('path', path);
  if (path.endsWith('/') || path.includes('?')) {
    fail(
      'path',
      "must not end with '/' and hold no '?'",
      path,
      "write for example '/api'; all paths have the options of the proxy",
    );
  }
}

/** The routes of a rule to a cluster. */
export function routesOf(rule: Rule, cluster: string, filters: readonly Part<HttpFilter>[]): Route[] {
  const match = rule.path === undefined ? { prefix: '/' } : { path_separated_prefix: rule.path };
  return laidOn({ by: 'the route', value: { match, route: { cluster } } }, rule, filters);
}

/** A route with what the features add; where one tells methods apart, one more before it for those that may be repeated. */
export function laidOn(route: Part<Partial<Route>>, rule: Rule, filters: readonly Part<HttpFilter>[]): Route[] {
  const parts = (action: 'action' | 'idempotentAction'): Part<Partial<Route>>[] => [
    ...rule.parts.map(({ by, value }) => ({
      by,
      value: { route: (action === 'idempotentAction' && value.idempotentAction) || value.action || {} },
    })),
    ...rule.parts.flatMap(({ by, value }) => (value.route === undefined ? [] : [{ by, value: value.route }])),
    // A filter that others have, and this route has not, is passed by.
    ...filters
      .filter(({ by }) => rule.off.includes(by))
      .map(({ by, value }) => ({ by, value: { typed_per_filter_config: { [value.name]: DISABLED } } })),
  ];
  const all = merge([route, ...parts('action')]) as Route;
  return rule.parts.some(({ value }) => value.idempotentAction !== undefined)
    ? [merge([route, { by: 'the route', value: { match: IDEMPOTENT } }, ...parts('idempotentAction')]) as Route, all]
    : [all];
}

const IDEMPOTENT = {
  headers: [{ name: ':method', string_match: { safe_regex: { regex: 'GET|HEAD|OPTIONS|TRACE|PUT|DELETE' } } }],
};

/** @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-filterconfig */
const DISABLED = typed('envoy.config.route.v3.FilterConfig', { disabled: true });
