import type { Path } from '../messages/path';

/** A part of something merged, with the name of whoever wrote it. */
export interface Part<T> {
  readonly by: string;
  readonly value: T;
}

/** Who set what, in the results of `merge`: for each object and list of them, by key or place. */
const owners = new WeakMap<object, Map<string | number, string>>();

/**
 * The one merge rule: lists append, objects merge, a value set twice is an error that names both. The bounds of circuit
 * breakers merge by priority, since of two for one priority Envoy reads the first alone.
 */
export function merge<T extends object>(parts: readonly Part<T>[]): T {
  const result: Fields = {};
  for (const { by, value } of parts) {
    into(result, value as Fields, by, []);
  }
  return result as T;
}

/** Who set what stands at this path of a merged object, or what is nearest above it. */
export function ownerOf(root: object, path: Path): string | undefined {
  let owner: string | undefined;
  let here: unknown = root;
  for (const key of path) {
    if (typeof here !== 'object' || here === null) {
      break;
    }
    owner = owners.get(here)?.get(key) ?? owner;
    here = (here as Fields)[key];
  }
  return owner;
}

type Fields = Record<string, unknown>;

function into(target: Fields, source: Fields, by: string, at: Path): void {
  for (const [key, value] of Object.entries(source)) {
    if (value === undefined) {
      continue;
    }
    const path = [...at, key];
    // What is merged of merged parts belongs to those who made the parts.
    const owner = owners.get(source)?.get(key) ?? by;
    const present = Object.hasOwn(target, key) ? target[key] : undefined;
    if (Array.isArray(value) && (present === undefined || Array.isArray(present))) {
      const append = path.at(-2) === 'circuit_breakers' ? appendedByPriority : appended;
      put(target, key, append(present ?? [], value, owner, path));
    } else if (isObject(value) && (present === undefined || isObject(present))) {
      const inner = present ?? {};
      put(target, key, inner);
      into(inner, value, owner, path);
    } else if (present === undefined) {
      put(target, key, value);
    } else {
      throw new Error(
        `${path.join('.')} is set by ${owners.get(target)?.get(key)} to ${JSON.stringify(present)} and by ${owner} to ${JSON.stringify(value)}; set it in one of them`,
      );
    }
    own(target, key, owner);
  }
}

/** Also a key like `__proto__` is one of its own. */
function put(target: Fields, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}

function appended(present: readonly unknown[], more: readonly unknown[], by: string): unknown[] {
  const result = [...present, ...more];
  const ownersOf = (list: readonly unknown[]) => list.map((_, place) => owners.get(list)?.get(place) ?? by);
  [...ownersOf(present), ...ownersOf(more)].forEach((owner, place) => {
    own(result, place, owner);
  });
  return result;
}

function appendedByPriority(present: readonly unknown[], more: readonly unknown[], by: string, at: Path): unknown[] {
  const result = appended(present, [], by);
  const added = more.filter((one) => {
    const place = isObject(one) ? present.findIndex((other) => priorityOf(other) === priorityOf(one)) : -1;
    if (place >= 0) {
      const { priority: _, ...bounds } = one as Fields;
      const whole: Fields = {};
      into(whole, result[place] as Fields, owners.get(result)?.get(place) ?? by, at);
      into(whole, bounds, by, [...at, place]);
      result[place] = whole;
    }
    return place < 0;
  });
  return appended(result, added, by);
}

function priorityOf(bounds: unknown): unknown {
  return isObject(bounds) ? (bounds.priority ?? 'DEFAULT') : undefined;
}

/** The first to set something stays its owner. */
function own(target: object, key: string | number, by: string): void {
  const known = owners.get(target) ?? new Map<string | number, string>();
  owners.set(target, known);
  if (!known.has(key)) {
    known.set(key, by);
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
