import { stringify } from 'yaml';
import { isKey, type Json, places } from './tree';

/**
 * A configuration as YAML in which one key is there twice: the first time with another value, which Envoy forgets. JSON on
 * one line is YAML too.
 */
export function withDuplicateKey(config: Json, at: number, choice: number): string {
  const keys = places(config).filter(isKey);
  const place = keys[at % Math.max(1, keys.length)];
  if (place === undefined) {
    return stringify(config);
  }
  const marker = '__twice__';
  const earlier = [null, 'text', 7, [], {}, structuredClone(place.value)][choice % 6];
  const copy = structuredClone(config);
  const twin = places(copy).filter(isKey)[at % keys.length];
  if (twin !== undefined) {
    const entries = Object.entries(twin.holder);
    for (const [key] of entries) {
      delete twin.holder[key];
    }
    for (const [key, value] of entries) {
      if (key === twin.key) {
        twin.holder[marker] = earlier ?? null;
      }
      twin.holder[key] = value;
    }
  }
  return JSON.stringify(copy, null, 2).replace(`"${marker}":`, `${JSON.stringify(place.key)}:`);
}
