import type { Feature, ScopeContext } from '../../features/feature';
import type { RouteFragment } from '../../fragments/fragment';
import { contextOf, type ScopedPart, type Source } from '../resolve-features';
import { spellingsOf } from './path-spellings';
import { covers, mayOverlap } from './precedence';
import type { ResolvedRoute } from './resolved-route';
import { coversNeeded, coversWays, isAtLeast, type Strictness, strictnessOf } from './strictness';

interface Place<One> {
  readonly rule: One;
  readonly strictness: Strictness;
}

/**
 * The rules in their order, and what is to be told. One that refuses what another would let through takes its path in all
 * spellings; what it opens, it opens in the one spelling alone. See docs/decisions/0017-routes-in-all-spellings.md.
 *
 * @param others - the rule for all requests that no other takes
 */
export function coverSpellings(
  all: readonly Source[],
  sorted: readonly ResolvedRoute[],
  others: ResolvedRoute,
): { readonly routes: readonly ResolvedRoute[]; readonly warnings: readonly string[] } {
  const place = (rule: ResolvedRoute) => ({
    rule,
    strictness: strictnessOf(all, rule.options, rule.anyOf ?? rule.ofAll),
  });
  const places = [...sorted, others].map(place);
  const warnings = new Set<string>();
  const routes = places.slice(0, -1).flatMap((one, index) => {
    const { rule } = one;
    const after = places.slice(index + 1).filter((other) => mayOverlap(rule.match, other.rule.match));
    const rivals = after.filter((other) => !answers(other.rule) && (answers(rule) || sameServers(rule, other.rule)));
    if (!restricts(one, rivals) || after.some((other) => refuses(other.rule) && covers(other.rule.match, rule.match))) {
      return [rule];
    }
    const spellings = spellingsOf(rule.match.path);
    if (typeof spellings === 'string') {
      warnings.add(warning(rule, `the path ${spellings}`, 'write a text or a template, with {name} for long segments'));
      return [rule];
    }
    if (refuses(rule) || rivals.every((other) => isAtLeast(one.strictness, other.strictness))) {
      return [{ ...rule, spellings }];
    }
    const strict = strictest(all, [one, ...rivals]);
    if (typeof strict === 'string') {
      const reason = `a route for those refuses others by ${strict}`;
      warnings.add(warning(rule, reason, `let ${strict} of one of the two refuse all that the other refuses`));
      return [rule];
    }
    return [rule, { ...rule, ...strict, spellings }];
  });
  return { routes, warnings: [...warnings] };
}

const refuses = ({ action }: ResolvedRoute) => (action.directResponse?.status ?? 0) >= 400;

/** Whether nothing reaches the API. */
const answers = ({ action }: ResolvedRoute) => action.directResponse !== undefined || action.redirect !== undefined;

const sameServers = (one: ResolvedRoute, other: ResolvedRoute) =>
  JSON.stringify(one.servers) === JSON.stringify(other.servers);

/** Whether it refuses what one of the others would not; all paths have no other spelling. */
function restricts({ rule, strictness }: Place<ResolvedRoute>, rivals: readonly Place<ResolvedRoute>[]): boolean {
  return (
    rule.match.path !== '/' &&
    (answers(rule)
      ? refuses(rule) && rivals.length > 0
      : rivals.some((other) => !isAtLeast(other.strictness, strictness)))
  );
}

type Strict = Pick<ResolvedRoute, 'parts' | 'off' | 'open' | 'options' | 'anyOf' | 'ofAll' | 'forwardCredentials'>;

/** Of each feature what refuses the most, or the name of one where nothing does. */
function strictest(
  all: readonly Source[],
  places: readonly [Place<ResolvedRoute>, ...Place<ResolvedRoute>[]],
): Strict | string {
  const [first] = places;
  const isGroup = places.some(({ strictness }) => strictness.ways.length > 0);
  const group = isGroup ? authentication(all, places) : first;
  if (group === undefined) {
    return 'authentication.anyOf';
  }
  const parts: ScopedPart<RouteFragment>[] = [];
  const off: string[] = [];
  for (const { name, feature, whole } of all) {
    const inGroup = isGroup && feature.credentialMatches !== undefined;
    const most = inGroup ? group : feature.restrictions ? strictestOf(places, name) : first;
    if (most) {
      parts.push(...most.rule.parts.filter(({ source }) => source === name));
      off.push(...most.rule.off.filter((one) => one === name));
      continue;
    }
    const combined = combine(feature, contextOf(whole), name, places);
    if (combined === undefined) {
      return name;
    }
    parts.push(...combined);
  }
  const open = first.rule.open.filter((name) => off.includes(name));
  const { options, anyOf, ofAll } = group.rule;
  return {
    parts,
    off,
    open,
    // Its requests have to show credentials, so the filters that read them remove them.
    forwardCredentials: undefined,
    ...(isGroup ? { options, anyOf, ofAll } : { options: {}, anyOf: undefined, ofAll: undefined }),
  };
}

const strictestOf = (places: readonly Place<ResolvedRoute>[], name: string) =>
  places.find((one) => places.every((other) => coversNeeded(one.strictness, other.strictness, name)));

/** What asks for at least what all others ask for, taken together since one way may stand for another. */
function authentication(all: readonly Source[], places: readonly Place<ResolvedRoute>[]) {
  const names = all.flatMap(({ name, feature }) => (feature.credentialMatches ? [name] : []));
  return places.find(({ strictness: one }) =>
    places.every(
      ({ strictness: other }) => coversWays(one, other) && names.every((name) => coversNeeded(one, other, name)),
    ),
  );
}

/** What several routes say of one feature, all at once. */
function combine(
  feature: Feature,
  context: ScopeContext<object | string>,
  name: string,
  places: readonly Place<ResolvedRoute>[],
): ScopedPart<RouteFragment>[] | undefined {
  const parts = [...new Set(places.flatMap(({ rule }) => rule.parts.filter(({ source }) => source === name)))];
  if (feature.stackable) {
    return parts.map((part) => ({ ...part, value: { ...part.value, route: withoutDisabled(part.value) } }));
  }
  if (!feature.combine) {
    return undefined;
  }
  const owns = places.map(({ rule }) => (rule.options as Record<string, unknown>)[name]).filter(Boolean);
  const requires = parts.flatMap(({ value }) => value.requires ?? []);
  return [{ source: name, by: parts[0]?.by ?? name, value: { ...feature.combine(owns, context), requires } }];
}

/** The limits of the whole proxy hold as well. */
function withoutDisabled({ route = {} }: RouteFragment): NonNullable<RouteFragment['route']> {
  const configs = Object.entries(route.typed_per_filter_config ?? {});
  return {
    ...route,
    typed_per_filter_config: Object.fromEntries(configs.filter(([, config]) => !('disabled' in config))),
  };
}

function warning({ scope, match }: ResolvedRoute, reason: string, remedy: string): string {
  return (
    `${scope}path: what the route refuses holds for ${JSON.stringify(match.path)} as it is written alone, since ` +
    `${reason}; other spellings, in other letters, with a slash or ';' at the end, fall to other routes; ${remedy}`
  );
}
