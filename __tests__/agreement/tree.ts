/** A configuration as JSON has it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** A place in a configuration: the object or list that holds it, and under what. */
export type Place = KeyPlace | ItemPlace;

interface Held {
  /** The key that leads here; of a list's item, the key of the list. */
  readonly name: string;
  readonly value: Json;
}
export interface KeyPlace extends Held {
  readonly holder: JsonObject;
  readonly key: string;
}
export interface ItemPlace extends Held {
  readonly holder: Json[];
  readonly key: number;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isKey(place: Place): place is KeyPlace {
  return typeof place.key === 'string';
}

/** Every place of a configuration, from the root down. */
export function places(root: Json, name = ''): Place[] {
  if (Array.isArray(root)) {
    return root.flatMap((value, key) => [{ holder: root, key, name, value }, ...places(value, name)]);
  }
  if (isObject(root)) {
    return Object.entries(root).flatMap(([key, value]) => [
      { holder: root, key, name: key, value },
      ...places(value, key),
    ]);
  }
  return [];
}

export function put(place: Place, value: Json): void {
  (place.holder as Record<string | number, Json>)[place.key] = value;
}

/** Puts a key in the place of another, among its neighbours. */
export function rename({ holder, key }: KeyPlace, to: string): void {
  const entries = Object.entries(holder);
  for (const [name] of entries) {
    delete holder[name];
  }
  for (const [name, value] of entries) {
    holder[name === key ? to : name] = value;
  }
}
