import type { Authenticator, ProxyOptions, RouteOptions } from '../../features/registry';
import { placeOf } from '../../features/shared/credential-match';
import { requiresNormalizedPaths } from '../../features/shared/requirements';
import { isMet } from '../../fragments/requirements';
import type { HttpConnectionManager } from '../../messages/builders';
import { checkPath, type RouteMatchOptions } from '../../options/route-match';
import { fail, keysOf, within } from '../../options/validate';
import { contextOf, type Source } from '../resolve-features';
import { removeCredentials } from './remove-credentials';
import type { Rule } from './resolved-route';

/** What a route says of authentication as a whole. */
export interface RouteAuthentication {
  /**
   * Whether anybody may come, without showing who it is: all authentication is off there.
   *
   * @default - no
   */
  readonly public?: true;
  /**
   * The ways to authenticate of which one is enough here, as `anyOf` of the whole proxy.
   *
   * @default - that of the whole proxy
   */
  readonly anyOf?: readonly Authenticator[];
  /**
   * Passes credentials to the API where authentication is off, for an API that checks its own there. Without, `forward: false`
   * of `jwt`, `apiKeys` and `basicAuth` holds on this route as on others.
   *
   * @default - no
   */
  readonly forwardCredentials?: true;
}

/** The routes of public paths. */
export function publicRoutes(paths: readonly RouteMatchOptions['path'][], routes: readonly RouteMatchOptions[]) {
  return paths.map((path, index) => {
    checkPath(`public[${index}]`, path);
    const same = (other: RouteMatchOptions['path']) => JSON.stringify(other) === JSON.stringify(path);
    const route = routes.findIndex((other) => same(other.path));
    if (route >= 0) {
      fail(`public[${index}]`, `is also the path of routes[${route}]`, path, 'write public: true there instead');
    }
    const first = paths.findIndex(same);
    if (first < index) {
      fail(`public[${index}]`, `is also public[${first}]`, path, 'leave one of them out');
    }
    return { path, public: true as const };
  });
}

/** The options of a public route: all authentication is off there. */
export function withoutAuthentication(
  all: readonly Source[],
  scope: string,
  isPublic: unknown,
  anyOf: unknown,
  options: RouteOptions,
): RouteOptions {
  const option = scope.startsWith('public') ? scope.slice(0, -1) : `${scope}public`;
  const names = all.flatMap(({ name, feature }) => (feature.authenticates ? [name] : []));
  if (isPublic !== true) {
    fail(option, 'must be true', isPublic, 'leave it out where the route is not public');
  }
  if (!all.some(({ feature, whole }) => feature.authenticates && whole !== false)) {
    fail(option, 'has no effect without authentication', isPublic, `leave it out, or set one of ${names.join(', ')}`);
  }
  const given = Object.entries({ ...options, anyOf }).find(
    ([name, own]) => [...names, 'anyOf'].includes(name) && own !== undefined && own !== false,
  );
  if (given) {
    fail(`${scope}${given[0]}`, 'must not be set on a public route', keysOf(given[1]), 'leave out one of them');
  }
  return { ...options, ...Object.fromEntries(names.map((name) => [name, false])) };
}

/** The authentication of the whole proxy that is off at a route. */
export function openAt(all: readonly Source[], off: readonly string[]): string[] {
  return all.flatMap(({ name, feature, whole }) =>
    feature.authenticates && whole !== false && off.includes(name) ? [name] : [],
  );
}

/**
 * One rule for each way to authenticate, if one of several is enough: for the requests that show something of that kind, with
 * the other ways off there. The last one is for all that is left. So exactly one judges each request, and none is open.
 * See docs/decisions/0012-one-of-several-ways-to-authenticate.md.
 */
export function alternatives(
  all: readonly Source[],
  rule: Rule,
  own: RouteOptions,
  ofRule: readonly Authenticator[] | undefined,
  ofAll: readonly Authenticator[] | undefined,
  forwardCredentials: true | undefined,
): Rule[] {
  const withoutCredentials = (one: Rule, off: readonly string[]) =>
    removingCredentials(all, one, off, forwardCredentials);
  const names = ofRule ?? ofAll;
  const chosen = names ? waysOf(all, ofRule ? rule.scope : '', names) : [];
  refuseUnjudged(`${ofRule ? rule.scope : ''}anyOf`, chosen);
  const ways = chosen.filter(({ name }) => !rule.off.includes(name));
  if (ofRule && ways.length < chosen.length) {
    fail(`${rule.scope}anyOf`, 'must name what is on here', ofRule, 'leave out what the route turns off');
  }
  refuseUnjudged(`${rule.scope}anyOf`, ways);
  if (ways.length < 2) {
    return [withoutCredentials(rule, rule.off)];
  }
  return ways.flatMap((way, place) => {
    // What judges connections can't be off for a request.
    const others = ways.flatMap(({ name, feature }) => (name === way.name || !feature.authenticates ? [] : [name]));
    const only = {
      ...rule,
      parts: rule.parts.filter(({ source }) => !others.includes(source)),
      off: [...rule.off, ...others],
    };
    const options = (own as ProxyOptions)[way.name as Authenticator];
    const matches = within(options ? rule.scope : '', () =>
      way.feature.credentialMatches?.(options || {}, contextOf(way.whole)),
    );
    // What shows a way before this one is for the rules before this one.
    const later = ways.slice(place + 1).map(({ name }) => name);
    const clean = withoutCredentials(only, [...rule.off, ...later]);
    return place === ways.length - 1 ? [clean] : (matches ?? []).map((shown) => ({ ...clean, shown }));
  });
}

/** A rule that removes the credentials that no filter reads there, but not from where another feature reads its own. */
function removingCredentials(
  all: readonly Source[],
  rule: Rule,
  off: readonly string[],
  forwardCredentials: true | undefined,
): Rule {
  const among = (names: readonly string[]) =>
    all.flatMap(({ name, fragment }) => (names.includes(name) && fragment?.credentials ? [fragment.credentials] : []));
  const sourcesOf = (kind: 'ignored' | 'left') =>
    rule.parts.flatMap(({ source, value }) => (value.credentials === kind ? [source] : []));
  const left = sourcesOf('left');
  const unread = [...off, ...sourcesOf('ignored')];
  if (forwardCredentials !== undefined && (forwardCredentials !== true || among(unread).length === 0)) {
    const problem = forwardCredentials === true ? 'has no effect where nothing would be removed' : 'must be true';
    fail(`${rule.scope}forwardCredentials`, problem, forwardCredentials, 'leave it out');
  }
  const hidden = among(forwardCredentials ? left : [...left, ...unread]);
  if (hidden.length === 0) {
    return rule;
  }
  const reading = rule.parts.filter(({ source }) => ![...left, ...unread].includes(source));
  const needed = reading.flatMap(({ value }) => value.shown ?? []);
  const optional = among(reading.map(({ source }) => source)).flatMap((one) => one.optional ?? []);
  const value = removeCredentials(hidden, [
    ...optional,
    ...needed.flatMap(({ headers = [], query_parameters = [], cookies = [] }) =>
      [...headers, ...query_parameters, ...cookies].map(({ name }) => name),
    ),
  ]);
  // In the place of the last feature that reads credentials, behind its filters.
  const last = all.filter(({ feature }) => feature.credentialMatches).at(-1)?.name ?? '';
  return { ...rule, parts: [...rule.parts, { source: last, by: 'the credentials', value }] };
}

/** The last way has all that is left, so it must be one that asks each request. */
function refuseUnjudged(option: string, ways: readonly Source[]): void {
  const last = ways.at(-1);
  if (last && !last.feature.authenticates) {
    fail(
      option,
      `must not end with ${last.name}, which lets pass what shows nothing`,
      ways.map(({ name }) => name),
      'end with one that refuses it; where anybody may come, write public: true',
    );
  }
}

function waysOf(all: readonly Source[], scope: string, names: readonly string[]): Source[] {
  if (names.length < 2) {
    fail(`${scope}anyOf`, 'must name two or more', names, 'leave it out: all that are on are needed then');
  }
  const able = all.filter(({ feature, whole }) => feature.credentialMatches && whole !== false);
  return names.map((name, index) => {
    const at = `${scope}anyOf[${index}]`;
    const way = able.find((source) => source.name === name);
    if (names.indexOf(name) < index) {
      fail(at, 'is there twice', name, 'leave one of them out');
    }
    return (
      way ??
      fail(
        at,
        'must be authentication that is on',
        name,
        `there is ${able.map((one) => one.name).join(', ') || 'none'}`,
      )
    );
  });
}

/**
 * Refuses what no request can show: two credentials of two features that both look for theirs in the same one place. But not
 * for all that is left, where routes have one of them each: that is closed then.
 */
export function refuseSharedPlace(rules: readonly Rule[]): void {
  const alone = (one: string, other: string) => rules.some(({ off }) => off.includes(other) && !off.includes(one));
  // Other spellings of a route's path may ask for all that several routes ask for: nothing passes them then.
  const isSpelled = ({ scope, spellings }: Rule) =>
    spellings !== undefined && rules.some((other) => other.scope === scope && other.spellings === undefined);
  for (const { parts, scope } of rules.filter((rule) => !isSpelled(rule))) {
    const first = new Map<string, string>();
    for (const { by, value } of parts) {
      const [place, ...others] = new Set(value.shown?.map(placeOf));
      if (place === undefined || others.length > 0) {
        continue;
      }
      const other = first.get(place);
      if (other !== undefined && !(scope === '' && alone(by, other) && alone(other, by))) {
        fail(
          by,
          `can't be needed together with ${other}, as a request has one credential in one place`,
          place,
          'name both in anyOf, so that one is enough, or let one of them look elsewhere',
        );
      }
      first.set(place, by);
    }
  }
}

/** Refuses rules that open part of the paths where Envoy and the API may read paths differently. */
export function refuseOpenPaths(rules: readonly Rule[], manager: Partial<HttpConnectionManager>): void {
  if (requiresNormalizedPaths('public').every((need) => isMet(need, manager))) {
    return;
  }
  for (const { match, scope, open } of rules) {
    const [name] = open;
    if (name !== undefined && match.path !== '/' && (typeof match.path === 'string' || !('exact' in match.path))) {
      fail(
        scope.startsWith('public') ? scope.slice(0, -1) : `${scope}path`,
        `must not be open without ${name} while paths have several spellings, as '/open/../closed'`,
        match.path,
        'leave pathNormalization as it is by default, set it with base, or write { exact: ... }',
      );
    }
  }
}
