import { isRecord } from '../messages/is-record';
import type { Path } from '../messages/path';

/** A part of something merged, with the name of whoever wrote it. */
export interface Part<T> {
  readonly by: string;
  readonly value: T;
}

/** Who set what, in the results of `merge`: for each object and list of them, by key or place. */
const owners = new WeakMap<object, Map<string | number, string>>();

/**
 * Lists whose items merge by a key: of two items with one key, Envoy reads the first alone. By the last two keys of their path,
 * with the key's value in an item that does not set it.
 */
const MERGE_KEYS: Readonly<Record<string, MergeKey | undefined>> = {
  'circuit_breakers.thresholds': { key: 'priority', unset: 'DEFAULT' },
  'circuit_breakers.per_host_thresholds': { key: 'priority', unset: 'DEFAULT' },
};

interface MergeKey {
  readonly key: string;
  readonly unset: string;
}

/** The one merge rule: lists append, or merge by their key; objects merge; a value set twice is an error that names both. */
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
      const mergeKey = MERGE_KEYS[path.slice(-2).join('.')];
      const items = present ?? [];
      put(target, key, mergeKey ? mergeItems(items, value, owner, path, mergeKey) : append(items, value, owner));
    } else if (isRecord(value) && (present === undefined || isRecord(present))) {
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

function append(present: readonly unknown[], more: readonly unknown[], by: string): unknown[] {
  const result = [...present, ...more];
  const ownersOf = (list: readonly unknown[]) => list.map((_, place) => owners.get(list)?.get(place) ?? by);
  [...ownersOf(present), ...ownersOf(more)].forEach((owner, place) => {
    own(result, place, owner);
  });
  return result;
}

function mergeItems(
  present: readonly unknown[],
  more: readonly unknown[],
  by: string,
  at: Path,
  { key, unset }: MergeKey,
): unknown[] {
  const keyOf = (item: unknown) => (isRecord(item) ? (item[key] ?? unset) : undefined);
  const result = append(present, [], by);
  const added = more.filter((one) => {
    const place = isRecord(one) ? present.findIndex((other) => keyOf(other) === keyOf(one)) : -1;
    if (place >= 0) {
      const { [key]: _, ...rest } = one as Fields;
      const whole: Fields = {};
      into(whole, result[place] as Fields, owners.get(result)?.get(place) ?? by, at);
      into(whole, rest, by, [...at, place]);
      result[place] = whole;
    }
    return place < 0;
  });
  return append(result, added, by);
}

/** The first to set something stays its owner. */
function own(target: object, key: string | number, by: string): void {
  const known = owners.get(target) ?? new Map<string | number, string>();
  owners.set(target, known);
  if (!known.has(key)) {
    known.set(key, by);
  }
}
