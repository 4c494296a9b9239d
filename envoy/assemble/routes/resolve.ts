import type { Authenticator, RouteOptions } from '../../features/registry';
import { merge, type Part } from '../../fragments/merge';
import { DISABLED, type HttpFilter, type Route, type RouteMatch } from '../../messages/builders';
import { CREDENTIALS_FILTER } from '../../messages/resource-names';
import { checkMatch, IDEMPOTENT, type Method, type RouteMatchOptions } from '../../options/route-match';
import { fail, oneOf, within } from '../../options/validate';
import type { Group } from '../clusters';
import { type RouteParts, routeParts, type Source } from '../resolve-features';
import { type RouteActionOptions, routeAction } from './action';
import { alternatives, openAt, publicRoutes, type RouteAuthentication, withoutAuthentication } from './authentication';
import { hostsApart } from './host-match';
import { EVERYTHING, routeMatch } from './match';
import { inAllSpellings } from './path-variants';
import { withTries } from './per-try-timeout';
import { covers, coversInAnySpelling, mostSpecificFirst } from './precedence';
import type { Rule } from './resolved-route';

/** Requests that have options of their own: which, what becomes of them, and the features there. */
export interface RouteRule extends RouteMatchOptions, RouteActionOptions, RouteAuthentication, RouteOptions {}

/** What the whole proxy says of authentication. */
export interface Authentication {
  readonly public: readonly RouteMatchOptions['path'][] | undefined;
  readonly anyOf: readonly Authenticator[] | undefined;
}

/** Which route is tried first. */
export type RouteOrder = 'mostSpecificFirst' | 'asWritten';

/** The rules in the order in which Envoy tries them, and everything else last; and what is to be told of them. */
export function rules(
  all: readonly Source[],
  routes: readonly RouteRule[],
  upstream: Pick<Group, 'servers'>,
  upstreams: ReadonlyMap<string, Pick<Group, 'servers'>>,
  { public: paths = [], anyOf: ofAll }: Authentication,
  order: RouteOrder = 'mostSpecificFirst',
): { readonly rules: Rule[]; readonly warnings: readonly string[] } {
  // Public paths are before what is written where that is the order.
  const written: (readonly [string, RouteRule])[] = [
    ...publicRoutes(paths, routes).map((rule, index) => [`public[${index}].`, rule] as const),
    ...routes.map((rule, index) => [`routes[${index}].`, rule] as const),
  ];
  const own = written.map(([scope, rule], place) => {
    const {
      path,
      hosts,
      methods,
      headers,
      to,
      redirect,
      respond,
      rewrite,
      public: isPublic,
      anyOf,
      forwardCredentials,
      ...given
    } = rule;
    const match = { path, ...(hosts && { hosts }), ...(methods && { methods }), ...(headers && { headers }) };
    within(scope, () => checkMatch(match, redirect !== undefined || respond !== undefined));
    const index = place - paths.length;
    const first = routes.findIndex((other) => nameOf(other) === nameOf(match));
    if (first >= 0 && first < index) {
      fail(`${scope}path`, `is also that of routes[${first}]`, path, 'make one of them');
    }
    const led = to === undefined ? upstream : upstreams.get(to);
    if (!led) {
      return fail(
        `${scope}to`,
        'must name one of upstreams',
        to,
        `they are ${[...upstreams.keys()].join(', ') || 'none'}`,
      );
    }
    const action = {
      ...(to !== undefined && { to }),
      ...(redirect && { redirect }),
      ...(respond && { respond }),
      ...(rewrite !== undefined && { rewrite }),
    };
    const options = isPublic === undefined ? given : withoutAuthentication(all, scope, isPublic, anyOf, given);
    const parts = routeParts(all, scope, options, led.servers, nameOf(match));
    return {
      options,
      anyOf,
      forwardCredentials,
      ofAll: isPublic === undefined ? ofAll : undefined,
      match,
      action,
      scope,
      open: openAt(all, parts.off),
      servers: led.servers,
      ...parts,
    };
  });
  const others = {
    match: EVERYTHING,
    action: {},
    scope: '',
    open: [],
    servers: upstream.servers,
    ...routeParts(all, '', {}, upstream.servers),
    options: {},
    anyOf: undefined,
    ofAll,
    forwardCredentials: undefined,
  };
  const { rules: inOrder, warnings } = inAllSpellings(all, ordered(own, order), others);
  refuseTaken(inOrder);
  return {
    rules: [...inOrder, others].flatMap(({ options, anyOf, ofAll, forwardCredentials, servers: _, ...rule }) =>
      alternatives(all, rule, options, anyOf, ofAll, forwardCredentials),
    ),
    warnings,
  };
}

/** Finds the first rule that takes requests of a scope, if the rules before those of the scope leave none of its requests. */
function takers<One extends Pick<Rule, 'scope'>>(inOrder: readonly One[], takes: (one: One, rule: One) => boolean) {
  const before = (rule: One) => inOrder.slice(0, inOrder.indexOf(rule)).find((one) => takes(one, rule));
  return (scope: string): One | undefined => {
    const [first, ...more] = inOrder.filter((rule) => rule.scope === scope).map(before);
    return more.includes(undefined) ? undefined : first;
  };
}

/** Refuses a rule whose path another one takes as a spelling of its own. */
function refuseTaken(inOrder: readonly Rule[]): void {
  const takerOf = takers(
    inOrder,
    (one, rule) =>
      one.spellings !== undefined && one.scope !== rule.scope && coversInAnySpelling(one.match, rule.match),
  );
  for (const { scope, match } of inOrder) {
    const first = takerOf(scope);
    if (first) {
      fail(
        scope.slice(0, -1),
        `can never match, since ${first.scope.slice(0, -1)} refuses its requests as another spelling of its own`,
        nameOf(match),
        "put it before that one, with routeOrder: 'asWritten'",
      );
    }
  }
}

/** Refuses a rule that no request is left for. */
function ordered<One extends Pick<Rule, 'match' | 'scope'>>(own: readonly One[], order: RouteOrder): One[] {
  oneOf('routeOrder', order, ['mostSpecificFirst', 'asWritten']);
  const apart = own.flatMap((rule) =>
    hostsApart(rule.match.hosts).map((hosts) => ({ ...rule, match: { ...rule.match, ...(hosts && { hosts }) } })),
  );
  const sorted =
    order === 'asWritten' ? [...own] : apart.sort((one, other) => mostSpecificFirst(one.match, other.match));
  const takerOf = takers(sorted, (one, rule) => covers(one.match, rule.match));
  for (const { scope, match } of own) {
    const first = takerOf(scope);
    if (first) {
      fail(
        scope.slice(0, -1),
        `can never match, since ${first.scope.slice(0, -1)} is tried before it and takes all its requests`,
        nameOf(match),
        order === 'asWritten' ? 'write it first' : "narrow that one, or choose the order with routeOrder: 'asWritten'",
      );
    }
  }
  return sorted;
}

/** What a route is for in one line, `/api` or `GET,POST /api`: the same for matches that fit the same requests, and no others. */
function nameOf({ path, hosts = [], methods = [], headers = {} }: RouteMatchOptions): string {
  const where =
    typeof path === 'string' ? [path] : Object.entries(path).map(([kind, text]) => `${kind} ${JSON.stringify(text)}`);
  const having = Object.entries(headers).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const either = [methods, hosts].flatMap((all) => (all.length > 0 ? [[...all].sort().join(',')] : []));
  return [...either, ...where, ...having.sort()].join(' ');
}

/** The routes of a rule. */
export function routesOf(rule: Rule, cluster: string, filters: readonly Part<HttpFilter>[]): Route[] {
  const { match, scope, shown, spellings } = rule;
  const action = within(scope, () => routeAction(rule.action, match.path, cluster, spellings));
  const route = (among?: readonly Method[]): Part<Partial<Route>> | undefined => {
    const fitting = routeMatch(match, among, spellings);
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
      .filter(({ by, value }) => rule.off.includes(by) && value.name !== CREDENTIALS_FILTER)
      .map(({ by, value }) => ({ by, value: { typed_per_filter_config: { [value.name]: DISABLED } } })),
  ];
  const tellsApart = rule.parts.some(({ value }) => value.idempotentAction !== undefined);
  const idempotent = tellsApart ? route(IDEMPOTENT) : undefined;
  const all = idempotent && isIdempotent ? undefined : route();
  const merged = [
    ...(idempotent ? [merge([idempotent, ...parts('idempotentAction')]) as Route] : []),
    ...(all ? [merge([all, ...parts('action')]) as Route] : []),
  ];
  return rule.parts.reduce(
    (routes, { by, value: { tries } }) => (tries ? routes.map((one) => withTries(one, tries, by)) : routes),
    merged,
  );
}
