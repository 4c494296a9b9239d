import type { Authenticator } from '../../features/registry';
import { checkMatch, type RouteMatchOptions } from '../../options/route-match';
import { invalidOption, within } from '../../options/validate';
import type { UpstreamGroup } from '../clusters';
import { routeParts, type Source } from '../resolve-features';
import { expandAnyOf } from './any-of';
import { describeMatch, EVERYTHING } from './match';
import type { RouteOrder, RouteRule } from './options';
import { coverSpellings } from './path-variants';
import { publicRouteOptions, toPublicRoutes, unauthenticatedAt } from './public-paths';
import { assertNoneTakenAsSpelling, sortRoutes } from './reachable';
import type { ResolvedRoute } from './resolved-route';

/** What the whole proxy says of authentication. */
export interface Authentication {
  readonly public: readonly RouteMatchOptions['path'][] | undefined;
  readonly anyOf: readonly Authenticator[] | undefined;
}

/** The rules in the order in which Envoy tries them, and everything else last; and what is to be told of them. */
export function resolveRoutes(
  all: readonly Source[],
  routes: readonly RouteRule[],
  upstream: Pick<UpstreamGroup, 'servers'>,
  upstreams: ReadonlyMap<string, Pick<UpstreamGroup, 'servers'>>,
  { public: paths = [], anyOf: ofAll }: Authentication,
  order: RouteOrder = 'mostSpecificFirst',
): { readonly rules: ResolvedRoute[]; readonly warnings: readonly string[] } {
  // Public paths are before what is written where that is the order.
  const written: (readonly [string, RouteRule])[] = [
    ...toPublicRoutes(paths, routes).map((rule, index) => [`public[${index}].`, rule] as const),
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
    const first = routes.findIndex((other) => describeMatch(other) === describeMatch(match));
    if (first >= 0 && first < index) {
      invalidOption(`${scope}path`, `is also that of routes[${first}]`, path, 'make one of them');
    }
    const led = to === undefined ? upstream : upstreams.get(to);
    if (!led) {
      return invalidOption(
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
    const options = isPublic === undefined ? given : publicRouteOptions(all, scope, isPublic, anyOf, given);
    const parts = routeParts(all, scope, options, led.servers, describeMatch(match));
    return {
      options,
      anyOf,
      forwardCredentials,
      ofAll: isPublic === undefined ? ofAll : undefined,
      match,
      action,
      scope,
      open: unauthenticatedAt(all, parts.off),
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
  const { rules: inOrder, warnings } = coverSpellings(all, sortRoutes(own, order), others);
  assertNoneTakenAsSpelling(inOrder);
  return {
    rules: [...inOrder, others].flatMap(({ options, anyOf, ofAll, forwardCredentials, servers: _, ...rule }) =>
      expandAnyOf(all, rule, options, anyOf, ofAll, forwardCredentials),
    ),
    warnings,
  };
}
