import { type HttpFilter, type Route, type RouteMatch, typed } from './api';
import { alternatives, openAt, publicRoutes, type RouteAuthentication, withoutAuthentication } from './authentication';
import type { Authenticator, RouteOptions } from './features';
import { merge, type Part } from './fragment';
import { type RouteActionOptions, routeAction } from './route-action';
import {
  checkMatch,
  EVERYTHING,
  IDEMPOTENT,
  type Method,
  type RouteMatchOptions,
  routeMatch,
  specificity,
} from './route-match';
import { type RouteParts, routeParts, type Source } from './scopes';
import { fail, within } from './values';

/** Requests that have options of their own: which, what becomes of them, and the features there. */
export interface RouteRule extends RouteMatchOptions, RouteActionOptions, RouteAuthentication, RouteOptions {}

/** A rule with what the features make of it. */
export interface Rule extends RouteParts {
  readonly match: RouteMatchOptions;
  readonly action: RouteActionOptions;
  /** The option it comes from, with a dot: `routes[0].`. */
  readonly scope: string;
  /** The authentication that is on for the whole proxy, and off here. */
  readonly open: readonly string[];
  /** What a request has, beside the match, to be judged in this way of several. */
  readonly shown?: Partial<RouteMatch>;
}

/** What the whole proxy says of authentication. */
export interface Authentication {
  readonly public: readonly RouteMatchOptions['path'][] | undefined;
  readonly anyOf: readonly Authenticator[] | undefined;
}

/** The rules in the order in which Envoy tries them: what says more comes first, and everything else last. */
export function rules(
  all: readonly Source[],
  routes: readonly RouteRule[],
  upstreams: readonly string[],
  { public: paths = [], anyOf: ofAll }: Authentication,
): Rule[] {
  const written: (readonly [string, RouteRule])[] = [
    ...routes.map((rule, index) => [`routes[${index}].`, rule] as const),
    ...publicRoutes(paths, routes).map((rule, index) => [`public[${index}].`, rule] as const),
  ];
  const own = written.map(([scope, rule], index) => {
    const { path, methods, headers, to, redirect, respond, rewrite, public: isPublic, anyOf, ...given } = rule;
    const match = { path, ...(methods && { methods }), ...(headers && { headers }) };
    within(scope, () => checkMatch(match));
    const first = routes.findIndex((other) => nameOf(other) === nameOf(match));
    if (first >= 0 && first < index) {
      fail(`${scope}path`, `is also that of routes[${first}]`, path, 'make one of them');
    }
    if (to !== undefined && !upstreams.includes(to)) {
      fail(`${scope}to`, 'must name one of upstreams', to, `they are ${upstreams.join(', ') || 'none'}`);
    }
    const action = {
      ...(to !== undefined && { to }),
      ...(redirect && { redirect }),
      ...(respond && { respond }),
      ...(rewrite !== undefined && { rewrite }),
    };
    const options = isPublic === undefined ? given : withoutAuthentication(all, scope, isPublic, anyOf, given);
    const parts = routeParts(all, scope, options, nameOf(match));
    return { options, anyOf, rule: { match, action, scope, open: openAt(all, parts.off), ...parts } };
  });
  own.sort((one, other) => compare(specificity(other.rule.match), specificity(one.rule.match)));
  const others = { match: EVERYTHING, action: {}, scope: '', open: [], ...routeParts(all, '', {}) };
  return [...own, { options: {}, anyOf: undefined, rule: others }].flatMap(({ rule, options, anyOf }) =>
    alternatives(all, rule, options, anyOf, ofAll),
  );
}

/** What a route is for in one line, `/api` or `GET,POST /api`: the same for matches that fit the same requests, and no others. */
function nameOf({ path, methods = [], headers = {} }: RouteMatchOptions): string {
  const where =
    typeof path === 'string' ? [path] : Object.entries(path).map(([kind, text]) => `${kind} ${JSON.stringify(text)}`);
  const having = Object.entries(headers).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [...(methods.length > 0 ? [[...methods].sort().join(',')] : []), ...where, ...having.sort()].join(' ');
}

function compare(one: readonly number[], other: readonly number[]): number {
  const place = one.findIndex((value, index) => value !== other[index]);
  return place < 0 ? 0 : (one[place] ?? 0) - (other[place] ?? 0);
}

/** The routes of a rule. */
export function routesOf(rule: Rule, cluster: string, filters: readonly Part<HttpFilter>[]): Route[] {
  const { match, scope, shown } = rule;
  const action = within(scope, () => routeAction(rule.action, match.path, cluster));
  const route = (among?: readonly Method[]): Part<Partial<Route>> | undefined => {
    const fitting = routeMatch(match, among);
    return fitting && { by: 'the route', value: { match: both(fitting, shown), ...action } };
  };
  if (action.route) {
    return laidOn(route, rule, filters, match.methods?.every((method) => IDEMPOTENT.includes(method)) ?? false);
  }
  const idle = rule.parts.find(({ by, value }) => by.startsWith(scope) && scope !== '' && value.action);
  if (idle) {
    fail(idle.by, 'has no effect where Envoy answers by itself', Object.keys(rule.action), 'leave it out');
  }
  const parts = rule.parts.map(({ value: { action: _, idempotentAction: __, ...value }, ...part }) => ({
    ...part,
    value,
  }));
  return laidOn(route, { ...rule, parts }, filters, false);
}

/** A match of what has this, too. */
export function both(match: RouteMatch, shown: Partial<RouteMatch> = {}): RouteMatch {
  return merge<Partial<RouteMatch>>([
    { by: 'the route', value: match },
    { by: 'anyOf', value: shown },
  ]) as RouteMatch;
}

/**
 * A route with what the features add. Where one of them tells methods apart, there is one more before it for those that
 * may be repeated, or that one alone if it is for no others.
 */
export function laidOn(
  route: (among?: readonly Method[]) => Part<Partial<Route>> | undefined,
  rule: RouteParts,
  filters: readonly Part<HttpFilter>[],
  isIdempotent: boolean,
): Route[] {
  const parts = (action: 'action' | 'idempotentAction'): Part<Partial<Route>>[] => [
    ...rule.parts.flatMap(({ by, value }) => {
      const of = (action === 'idempotentAction' && value.idempotentAction) || value.action;
      return of ? [{ by, value: { route: of } }] : [];
    }),
    ...rule.parts.flatMap(({ by, value }) => (value.route === undefined ? [] : [{ by, value: value.route }])),
    // A filter that others have, and this route has not, is passed by.
    ...filters
      .filter(({ by }) => rule.off.includes(by))
      .map(({ by, value }) => ({ by, value: { typed_per_filter_config: { [value.name]: DISABLED } } })),
  ];
  const tellsApart = rule.parts.some(({ value }) => value.idempotentAction !== undefined);
  const idempotent = tellsApart ? route(IDEMPOTENT) : undefined;
  const all = idempotent && isIdempotent ? undefined : route();
  return [
    ...(idempotent ? [merge([idempotent, ...parts('idempotentAction')]) as Route] : []),
    ...(all ? [merge([all, ...parts('action')]) as Route] : []),
  ];
}

/** @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-filterconfig */
const DISABLED = typed('envoy.config.route.v3.FilterConfig', { disabled: true });
