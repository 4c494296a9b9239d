import { merge, type Part } from '../../fragments/merge';
import { DISABLED, type HttpFilter, type Route, type RouteMatch } from '../../messages/builders';
import { CREDENTIALS_FILTER } from '../../messages/resource-names';
import { IDEMPOTENT, type Method } from '../../options/route-match';
import { invalidOption, within } from '../../options/validate';
import type { RouteParts } from '../resolve-features';
import { toRouteAction } from './action';
import { toRouteMatch } from './match';
import { applyPerTryTimeout } from './per-try-timeout';
import type { ResolvedRoute } from './resolved-route';

/** The routes of a rule. */
export function toRoutes(rule: ResolvedRoute, cluster: string, filters: readonly Part<HttpFilter>[]): Route[] {
  const { match, scope, shown, spellings } = rule;
  const action = within(scope, () => toRouteAction(rule.action, match.path, cluster, spellings));
  const route = (among?: readonly Method[]): Part<Partial<Route>> | undefined => {
    const fitting = toRouteMatch(match, among, spellings);
    return fitting && { by: 'the route', value: { match: mergeMatches(fitting, shown), ...action } };
  };
  if (action.route) {
    return applyFragments(route, rule, filters, match.methods?.every((method) => IDEMPOTENT.includes(method)) ?? false);
  }
  const idle = rule.parts.find(({ by, value }) => by.startsWith(scope) && scope !== '' && value.action);
  if (idle) {
    invalidOption(idle.by, 'has no effect where Envoy answers by itself', Object.keys(rule.action), 'leave it out');
  }
  const parts = rule.parts.map(({ value: { action: _, idempotentAction: __, ...value }, ...part }) => ({
    ...part,
    value,
  }));
  return applyFragments(route, { ...rule, parts }, filters, false);
}

/** A match of what has this, too. */
export function mergeMatches(match: RouteMatch, shown: Partial<RouteMatch> = {}): RouteMatch {
  return merge<Partial<RouteMatch>>([
    { by: 'the route', value: match },
    { by: 'authentication.anyOf', value: shown },
  ]) as RouteMatch;
}

/**
 * A route with what the features add. Where one of them tells methods apart, there is one more before it for those that
 * may be repeated, or that one alone if it is for no others.
 */
export function applyFragments(
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
    (routes, { by, value: { retryTiming } }) =>
      retryTiming ? routes.map((one) => applyPerTryTimeout(one, retryTiming, by)) : routes,
    merged,
  );
}
