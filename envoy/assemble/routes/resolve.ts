import type { Authenticator } from '../../features/registry';
import { checkMatch } from '../../options/route-match';
import { invalidOption, within } from '../../options/validate';
import type { UpstreamGroup } from '../clusters';
import { routeParts, type Source } from '../resolve-features';
import { expandAnyOf } from './any-of';
import { describeMatch, EVERYTHING } from './match';
import type { AuthenticationOptions, RouteOrder, RouteRule } from './options';
import { coverSpellings } from './path-variants';
import { PUBLIC_PATHS, publicRouteOptions, toPublicRoutes, unauthenticatedAt } from './public-paths';
import { assertNoneTakenAsSpelling, sortRoutes } from './reachable';
import type { ResolvedRoute } from './resolved-route';

interface GivenRoute {
  /** The option that the route comes from, with a dot: `routes[0].`. */
  readonly scope: string;
  readonly rule: RouteRule;
}

/** What all routes are resolved with. */
interface Surroundings {
  readonly all: readonly Source[];
  readonly upstream: Pick<UpstreamGroup, 'servers'>;
  readonly upstreams: ReadonlyMap<string, Pick<UpstreamGroup, 'servers'>>;
  /** `authentication.anyOf` of the whole proxy. */
  readonly anyOf: readonly Authenticator[] | undefined;
}

/** The routes in the order in which Envoy tries them, with warnings. The last route is for all other requests. */
export function resolveRoutes(
  all: readonly Source[],
  routes: readonly RouteRule[],
  upstream: Surroundings['upstream'],
  upstreams: Surroundings['upstreams'],
  { publicPaths = [], anyOf }: AuthenticationOptions = {},
  order: RouteOrder = 'mostSpecificFirst',
): { readonly routes: ResolvedRoute[]; readonly warnings: readonly string[] } {
  const surroundings = { all, upstream, upstreams, anyOf };
  const given = [...givenRoutes(PUBLIC_PATHS, toPublicRoutes(publicPaths, routes)), ...givenRoutes('routes', routes)];
  assertDistinct(routes);
  const resolved = given.map((one) => resolveRoute(one, surroundings));
  const others = resolveOtherRequests(surroundings);
  const sorted = sortRoutes(resolved, order);
  const { routes: covering, warnings } = coverSpellings(all, sorted, others);
  assertNoneTakenAsSpelling(covering);
  return { routes: [...covering, others].flatMap((route) => expandAnyOf(all, route)), warnings };
}

function givenRoutes(option: typeof PUBLIC_PATHS | 'routes', rules: readonly RouteRule[]): GivenRoute[] {
  return rules.map((rule, index) => ({ scope: `${option}[${index}].`, rule }));
}

/** Rejects two routes for the same requests. */
function assertDistinct(routes: readonly RouteRule[]): void {
  const matches = routes.map(describeMatch);
  for (const [index, match] of matches.entries()) {
    const first = matches.indexOf(match);
    if (first < index) {
      invalidOption(
        `routes[${index}].path`,
        `is also that of routes[${first}]`,
        routes[index]?.path,
        'make one of them',
      );
    }
  }
}

/** A route with the fragments that the features add to it. */
function resolveRoute(
  { scope, rule }: GivenRoute,
  { all, upstream: main, upstreams, anyOf }: Surroundings,
): ResolvedRoute {
  const { path, hosts, methods, headers, upstream, redirect, directResponse, pathRewrite, ...rest } = rule;
  const { authentication: { public: isPublic, anyOf: ownAnyOf, forwardCredentials } = {}, ...features } = rest;
  const match = { path, ...(hosts && { hosts }), ...(methods && { methods }), ...(headers && { headers }) };
  within(scope, () => checkMatch(match, redirect !== undefined || directResponse !== undefined));
  const action = {
    ...(upstream !== undefined && { upstream }),
    ...(redirect && { redirect }),
    ...(directResponse && { directResponse }),
    ...(pathRewrite !== undefined && { pathRewrite }),
  };
  const { servers } = upstream === undefined ? main : upstreamNamed(upstream, scope, upstreams);
  const options = isPublic === undefined ? features : publicRouteOptions(all, scope, isPublic, ownAnyOf, features);
  const { parts, off } = routeParts(all, scope, options, servers, describeMatch(match));
  return {
    scope,
    match,
    action,
    servers,
    options,
    parts,
    off,
    open: unauthenticatedAt(all, off),
    anyOf: ownAnyOf,
    ofAll: isPublic === undefined ? anyOf : undefined,
    forwardCredentials,
  };
}

function upstreamNamed(name: string, scope: string, upstreams: Surroundings['upstreams']) {
  const known = [...upstreams.keys()].join(', ') || 'none';
  return (
    upstreams.get(name) ?? invalidOption(`${scope}upstream`, 'must name one of upstreams', name, `they are ${known}`)
  );
}

/** The route of all requests that no other route matches. */
function resolveOtherRequests({ all, upstream: { servers }, anyOf }: Surroundings): ResolvedRoute {
  return {
    scope: '',
    match: EVERYTHING,
    action: {},
    servers,
    options: {},
    ...routeParts(all, '', {}, servers),
    open: [],
    anyOf: undefined,
    ofAll: anyOf,
    forwardCredentials: undefined,
  };
}
