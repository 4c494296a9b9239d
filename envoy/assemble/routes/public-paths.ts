import type { RouteOptions } from '../../features/registry';
import { requiresNormalizedPaths } from '../../features/shared/requirements';
import { isMet } from '../../fragments/requirements';
import type { HttpConnectionManager } from '../../messages/builders';
import { checkPath, type RouteMatchOptions } from '../../options/route-match';
import { invalidOption, keysOf } from '../../options/validate';
import type { Source } from '../resolve-features';
import type { ResolvedRoute } from './resolved-route';

/** The option of the whole proxy that makes paths public. */
export const PUBLIC_PATHS = 'authentication.publicPaths';

const isPublicPath = (scope: string) => scope.startsWith(PUBLIC_PATHS);

/** The routes of public paths. */
export function toPublicRoutes(paths: readonly RouteMatchOptions['path'][], routes: readonly RouteMatchOptions[]) {
  return paths.map((path, index) => {
    checkPath(`${PUBLIC_PATHS}[${index}]`, path);
    const same = (other: RouteMatchOptions['path']) => JSON.stringify(other) === JSON.stringify(path);
    const route = routes.findIndex((other) => same(other.path));
    if (route >= 0) {
      invalidOption(
        `${PUBLIC_PATHS}[${index}]`,
        `is also the path of routes[${route}]`,
        path,
        'write authentication: { public: true } there instead',
      );
    }
    const first = paths.findIndex(same);
    if (first < index) {
      invalidOption(`${PUBLIC_PATHS}[${index}]`, `is also ${PUBLIC_PATHS}[${first}]`, path, 'leave one of them out');
    }
    return { path, authentication: { public: true as const } };
  });
}

/** The options of a public route: all authentication is off there. */
export function publicRouteOptions(
  all: readonly Source[],
  scope: string,
  isPublic: unknown,
  anyOf: unknown,
  options: RouteOptions,
): RouteOptions {
  const option = isPublicPath(scope) ? scope.slice(0, -1) : `${scope}authentication.public`;
  const names = all.flatMap(({ name, feature }) => (feature.authenticates ? [name] : []));
  if (isPublic !== true) {
    invalidOption(option, 'must be true', isPublic, 'leave it out where the route is not public');
  }
  if (!all.some(({ feature, whole }) => feature.authenticates && whole !== false)) {
    invalidOption(
      option,
      'has no effect without authentication',
      isPublic,
      `leave it out, or set one of ${names.join(', ')}`,
    );
  }
  const given = Object.entries({ ...options, 'authentication.anyOf': anyOf }).find(
    ([name, own]) => [...names, 'authentication.anyOf'].includes(name) && own !== undefined && own !== false,
  );
  if (given) {
    invalidOption(
      `${scope}${given[0]}`,
      'must not be set on a public route',
      keysOf(given[1]),
      'leave out one of them',
    );
  }
  return { ...options, ...Object.fromEntries(names.map((name) => [name, false])) };
}

/** The authentication of the whole proxy that is off at a route. */
export function unauthenticatedAt(all: readonly Source[], off: readonly string[]): string[] {
  return all.flatMap(({ name, feature, whole }) =>
    feature.authenticates && whole !== false && off.includes(name) ? [name] : [],
  );
}

/** Refuses rules that open part of the paths where Envoy and the API may read paths differently. */
export function rejectAmbiguousPublicPaths(
  rules: readonly ResolvedRoute[],
  manager: Partial<HttpConnectionManager>,
): void {
  if (requiresNormalizedPaths(PUBLIC_PATHS).every((need) => isMet(need, manager))) {
    return;
  }
  for (const { match, scope, open } of rules) {
    const [name] = open;
    if (name !== undefined && match.path !== '/' && (typeof match.path === 'string' || !('exact' in match.path))) {
      invalidOption(
        isPublicPath(scope) ? scope.slice(0, -1) : `${scope}path`,
        `must not be open without ${name} while paths have several spellings, as '/open/../closed'`,
        match.path,
        'leave pathNormalization as it is by default, set it with baseConfig, or write { exact: ... }',
      );
    }
  }
}
