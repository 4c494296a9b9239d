import type { Feature, ScopeContext } from '../features/feature';
import { features, type ProxyOptions, type RouteOptions, type UpstreamOptions } from '../features/registry';
import { malformedFilter, malformedReplies } from '../features/shared/deny-filter';
import type { ProxyFragment, RouteFragment, UpstreamFragment } from '../fragments/fragment';
import type { Part } from '../fragments/merge';
import type { HttpConnectionManager, HttpFilter } from '../messages/builders';
import { hasFallback, type Server } from '../options/endpoints';
import { invalidOption, within } from '../options/validate';
import type { CustomFragment } from './custom-fragment';

/** An object, or the short form that some features have. */
type FeatureOptions = object | string;

/** A feature in its place among the others, with what was chosen for the whole proxy: `false` where it is off. */
export interface Source {
  readonly name: string;
  readonly feature: Feature;
  readonly whole: FeatureOptions | false;
  /** Whether an upstream that has fallbacks has it all the same. */
  readonly withFallback: boolean;
  /** What it adds to the whole proxy, and so to each route and upstream that says nothing of its own. */
  readonly fragment: ProxyFragment | undefined;
}

const FEATURES = Object.entries(features) as [keyof ProxyOptions, Feature][];

/** All features in the order of the registry, and the custom fragments in their places between them. */
export function resolveFeatures(
  options: ProxyOptions,
  custom: readonly CustomFragment[],
  withDefaults: boolean,
  routes: readonly RouteOptions[],
): Source[] {
  const result = FEATURES.map(([name, feature]): Source => {
    const whole = options[name] ?? (feature.onByDefault && withDefaults ? {} : false);
    const routeOptions = routes
      .map((route) => (route as ProxyOptions)[name])
      .filter((own) => own !== undefined && own !== false);
    const fragment = whole === false ? undefined : feature.proxy?.(whole, { routeOptions });
    const withFallback = feature.onWithFallback === true && options[name] === undefined;
    return { name, feature, whole, withFallback, fragment };
  });
  for (const [index, { before, after, ...fragment }] of custom.entries()) {
    const name = `custom[${index}]`;
    result.splice(placeOfCustom(result, name, before, after), 0, {
      name,
      feature: {},
      whole: {},
      withFallback: false,
      fragment,
    });
  }
  return result;
}

/** Where a custom fragment goes: at the end, if it doesn't say. */
function placeOfCustom(
  sources: readonly Source[],
  at: string,
  before: string | undefined,
  after: string | undefined,
): number {
  if (before !== undefined && after !== undefined) {
    invalidOption(`${at}.after`, 'must not be given together with before', after, 'choose one of them');
  }
  const name = before ?? after;
  if (name === undefined) {
    return sources.length;
  }
  const neighbour = sources.findIndex((source) => source.name === name);
  if (neighbour < 0) {
    const known = sources.map((source) => source.name).join(', ');
    invalidOption(
      `${at}.${before === undefined ? 'after' : 'before'}`,
      'must name a feature',
      name,
      `they are ${known}`,
    );
  }
  if (before !== undefined) {
    return neighbour;
  }
  const behind = sources.slice(neighbour + 1).findIndex((source) => Object.hasOwn(features, source.name));
  return behind < 0 ? sources.length : neighbour + 1 + behind;
}

/** What the whole proxy gains in one of its slots, with who adds it. */
export function slot<Name extends keyof ProxyFragment>(
  all: readonly Source[],
  name: Name,
): Part<NonNullable<ProxyFragment[Name]>>[] {
  return all.flatMap(({ name: by, fragment }) => {
    const value = fragment?.[name];
    return value === undefined ? [] : [{ by, value }];
  });
}

/** What the connection manager gains, with who adds it. */
export function connectionManagerParts(all: readonly Source[]): Part<Partial<HttpConnectionManager>>[] {
  return all.flatMap(({ name: by, fragment: { refusals, connectionManager } = {} }) => [
    ...(refusals ? [{ by, value: malformedReplies(refusals) }] : []),
    ...(connectionManager ? [{ by, value: connectionManager }] : []),
  ]);
}

/** A part with the feature that it comes from: `by` says with which options, as `routes[0].cors`. */
export interface ScopedPart<T> extends Part<T> {
  readonly source: string;
}

/**
 * What one upstream gains.
 *
 * @param name - of its own among all
 */
export function upstreamParts(
  all: readonly Source[],
  scope: string,
  own: UpstreamOptions,
  name: string,
  servers: readonly Server[],
): ScopedPart<UpstreamFragment>[] {
  return all.flatMap((source) => part(source, 'upstream', scope, own, name, servers));
}

/** What upstreams gain in one of their slots, with who adds it. */
export function upstreamSlot<Name extends keyof UpstreamFragment>(
  parts: readonly Part<UpstreamFragment>[],
  name: Name,
): Part<NonNullable<UpstreamFragment[Name]>>[] {
  return parts.flatMap(({ by, value: fragment }) => {
    const value = fragment[name];
    return value === undefined ? [] : [{ by, value }];
  });
}

/** What one route gains, and the features that are off there. */
export interface RouteParts {
  readonly parts: readonly ScopedPart<RouteFragment>[];
  readonly off: readonly string[];
}

/**
 * @param servers - those that it leads to
 * @param route - the name of the route, of its own among all; none for all other requests
 */
export function routeParts(
  all: readonly Source[],
  scope: string,
  own: RouteOptions,
  servers: readonly Server[],
  route = '',
): RouteParts {
  const isOff = ({ name, whole }: Source) => ((own as ProxyOptions)[name as keyof ProxyOptions] ?? whole) === false;
  return {
    parts: all.flatMap((source) => part(source, 'route', scope, own, route, servers)),
    off: all.filter(isOff).map(({ name }) => name),
  };
}

/** The HTTP filters of the whole proxy: those of each source once, in its place, with who brought them. */
export function httpFilters(all: readonly Source[], routes: readonly RouteParts[]): Part<HttpFilter>[] {
  const refusals = slot(all, 'refusals');
  return all.flatMap(({ name, fragment }) => {
    const ofRoutes = routes.flatMap(({ parts }) => parts.filter(({ source }) => source === name));
    const malformed = name === refusals[0]?.by ? [malformedFilter(refusals)] : [];
    const filters = [
      ...malformed,
      ...(fragment?.httpFilters ?? []),
      ...ofRoutes.flatMap(({ value }) => value.httpFilters ?? []),
    ];
    const distinct = new Map(filters.map((filter) => [filter.name, filter]));
    return [...distinct.values()].map((value) => ({ by: name, value }));
  });
}

/** The context in which a feature sees what is set for the whole proxy. */
export function contextOf(whole: FeatureOptions | false): ScopeContext<FeatureOptions> {
  return whole === false ? {} : { inherited: whole };
}

function part(
  source: Source,
  scope: 'route',
  at: string,
  own: object,
  where: string,
  servers: readonly Server[],
): ScopedPart<RouteFragment>[];
function part(
  source: Source,
  scope: 'upstream',
  at: string,
  own: object,
  where: string,
  servers: readonly Server[],
): ScopedPart<UpstreamFragment>[];
function part(
  { name, feature, whole, withFallback, fragment }: Source,
  scope: 'route' | 'upstream',
  at: string,
  own: object,
  where: string,
  servers: readonly Server[],
) {
  const options = (own as Readonly<Record<string, FeatureOptions | false | undefined>>)[name];
  const isOn = whole !== false || (withFallback && hasFallback(servers));
  const setting = settingOf({
    options,
    hasFragment: fragment !== undefined,
    hasProxyScope: feature.proxy !== undefined,
    isOn,
  });
  if (setting === 'off') {
    return [];
  }
  if (setting === 'inherit') {
    const inherited = fragment?.[scope];
    const value = typeof inherited === 'function' ? inherited(servers) : inherited;
    return value === undefined ? [] : [{ source: name, by: name, value }];
  }
  const context = { ...contextOf(whole), name: where, servers };
  const [by, value] =
    setting === 'own'
      ? [`${at}${name}`, within(at, () => feature[scope]?.(options, context))]
      : [name, feature[scope]?.({}, context)];
  return value === undefined ? [] : [{ source: name, by, value }];
}

/** What holds for a feature at a route or an upstream. */
type Setting =
  | 'off'
  /** The options of the route or upstream. */
  | 'own'
  /** What the fragment of the whole proxy adds there. */
  | 'inherit'
  /** The feature's options without any of its own, which then has those of the whole proxy. */
  | 'defaults';

export function settingOf({
  options,
  hasFragment,
  hasProxyScope,
  isOn,
}: {
  readonly options: unknown;
  /** Whether the feature adds a fragment to the whole proxy. */
  readonly hasFragment: boolean;
  /** Whether the feature can add one. */
  readonly hasProxyScope: boolean;
  readonly isOn: boolean;
}): Setting {
  if (options !== undefined) {
    return options === false ? 'off' : 'own';
  }
  if (hasFragment) {
    return 'inherit';
  }
  return hasProxyScope || !isOn ? 'off' : 'defaults';
}
