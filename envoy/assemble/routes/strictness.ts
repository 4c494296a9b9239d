import type { Authenticator, ProxyOptions, RouteOptions } from '../../features/registry';
import type { Restrictions } from '../../fragments/restrictions';
import { contextOf, type Source } from '../resolve-features';

/** What all features together refuse at one place. */
export interface Strictness {
  readonly restrictions: ReadonlyMap<string, Restrictions>;
  /** The features of which one is enough, if one of several is. */
  readonly ways: readonly string[];
}

/** @param anyOf - of the route or the whole proxy, whichever counts */
export function strictnessOf(
  all: readonly Source[],
  own: RouteOptions,
  anyOf: readonly Authenticator[] | undefined,
): Strictness {
  const optionsOf = ({ name, whole }: Source) => (own as ProxyOptions)[name as keyof ProxyOptions] ?? whole;
  const restrictions = all.flatMap((source): [string, Restrictions][] => {
    const { name, feature, whole } = source;
    const isOff = optionsOf(source) === false;
    const options = (own as ProxyOptions)[name as keyof ProxyOptions] ?? {};
    return feature.restrictions ? [[name, isOff ? {} : feature.restrictions(options, contextOf(whole))]] : [];
  });
  const ways = all.filter((source) => anyOf?.some((name) => name === source.name) && optionsOf(source) !== false);
  return { restrictions: new Map(restrictions), ways: ways.length > 1 ? ways.map(({ name }) => name) : [] };
}

/** Whether the first refuses at least all that the second refuses. */
export function coversRestrictions(one: Restrictions = {}, other: Restrictions = {}): boolean {
  return Object.entries(other).every(([name, theirs]) => {
    const ours = one[name];
    return typeof ours === 'number'
      ? typeof theirs === 'number' && ours <= theirs
      : ours !== undefined && typeof theirs !== 'number' && ours.every((value) => theirs.includes(value));
  });
}

/** Whether the first place refuses at least all that the second refuses. */
export function isAtLeast(one: Strictness, other: Strictness): boolean {
  return coversWays(one, other) && [...other.restrictions.keys()].every((name) => coversNeeded(one, other, name));
}

/** Of what authenticates: who passes the first place has shown at least what is asked for at the second. */
export function coversWays(one: Strictness, other: Strictness): boolean {
  if (other.ways.length === 0) {
    return true;
  }
  const satisfies = (way: string) =>
    other.ways.includes(way) && coversRestrictions(one.restrictions.get(way), other.restrictions.get(way));
  const isNeeded = (way: string) => !one.ways.includes(way) && Object.keys(one.restrictions.get(way) ?? {}).length > 0;
  return (
    (one.ways.length > 0 && one.ways.every(satisfies)) || other.ways.some((way) => isNeeded(way) && satisfies(way))
  );
}

/** Of one feature, unless another one is enough in its place. */
export function coversNeeded(one: Strictness, other: Strictness, name: string): boolean {
  const theirs = other.ways.includes(name) ? {} : other.restrictions.get(name);
  return coversRestrictions(one.ways.includes(name) ? {} : one.restrictions.get(name), theirs);
}
