import type { Path } from '../messages/path';
import type { Problem } from './problem';

/** Problems in the order in which their places come in the configuration. What is missing comes last in its object. */
export function sortProblems(config: unknown, problems: readonly Problem[]): Problem[] {
  const keys = new Map<object, ReadonlyMap<string, number>>();
  return problems
    .map((problem) => ({ problem, place: positionOf(config, problem.path, keys) }))
    .sort((one, other) => comparePositions(one.place, other.place))
    .map(({ problem }) => problem);
}

/** For each step of a path, how many come before it. */
function positionOf(config: unknown, path: Path, cache: Map<object, ReadonlyMap<string, number>>): number[] {
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

function comparePositions(one: readonly number[], other: readonly number[]): number {
  const length = Math.min(one.length, other.length);
  for (let step = 0; step < length; step += 1) {
    const difference = (one[step] ?? 0) - (other[step] ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return one.length - other.length;
}
