import type { Path } from '../messages/path';
import { camelCase } from '../messages/schema/descriptors';
import type { Problem } from './problem';
import { DEEPEST } from './walk/context';

/** Problems in the order in which their places come in the configuration. What is missing comes last in its object. */
export function inOrder(config: unknown, problems: readonly Problem[]): Problem[] {
  const keys = new Map<object, ReadonlyMap<string, number>>();
  return problems
    .map((problem) => ({ problem, place: placeOf(config, problem.path, keys) }))
    .sort((one, other) => compare(one.place, other.place))
    .map(({ problem }) => problem);
}

/** The way to a place as it is written there, by that which rules see: `Report.named`. */
export function asWritten(config: unknown, path: Path): Path {
  let value = config;
  return path.flatMap((step): Path => {
    if (typeof value !== 'object' || value === null) {
      return [step];
    }
    if (typeof step === 'number') {
      const places = Array.isArray(value) ? (placeIn(value, step) ?? [step]) : [];
      value = places.reduce<unknown>((list, place) => (list as readonly unknown[] | undefined)?.[place], value);
      return places;
    }
    const camel = camelCase(step);
    const key = !Object.hasOwn(value, step) && Object.hasOwn(value, camel) ? camel : step;
    value = (value as Record<string, unknown>)[key];
    return [key];
  });
}

/** Where the item of this number is in a list, with those of the lists within it. */
function placeIn(list: readonly unknown[], number: number): readonly number[] | undefined {
  let before = -1;
  function find(items: readonly unknown[], depth: number): readonly number[] | undefined {
    for (const [place, item] of items.entries()) {
      if (Array.isArray(item) && depth < DEEPEST) {
        const inner = find(item, depth + 1);
        if (inner) {
          return [place, ...inner];
        }
      } else {
        before += 1;
        if (before === number) {
          return [place];
        }
      }
    }
    return undefined;
  }
  return find(list, 0);
}

/** For each step of a path, how many come before it. */
function placeOf(config: unknown, path: Path, cache: Map<object, ReadonlyMap<string, number>>): number[] {
  let value = config;
  return path.map((step) => {
    if (typeof step === 'number' || typeof value !== 'object' || value === null) {
      value = Array.isArray(value) ? value[Number(step)] : undefined;
      return Number(step) || 0;
    }
    const keys = cache.get(value) ?? new Map(Object.keys(value).map((key, place) => [key, place]));
    cache.set(value, keys);
    value = keys.has(step) ? (value as Record<string, unknown>)[step] : undefined;
    return keys.get(step) ?? keys.size;
  });
}

function compare(one: readonly number[], other: readonly number[]): number {
  const length = Math.min(one.length, other.length);
  for (let step = 0; step < length; step += 1) {
    const difference = (one[step] ?? 0) - (other[step] ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return one.length - other.length;
}
