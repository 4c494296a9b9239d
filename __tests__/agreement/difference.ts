import { pathText } from '../../envoy/messages/path';
import { isObject, type Json } from './tree';

type Path = readonly (string | number)[];

/** What differs between two configurations, a line each: where, what was there, and what is there now. */
export function difference(before: Json | undefined, after: Json | undefined, path: Path = []): string[] {
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => difference(before[key], after[key], [...path, key]));
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }).flatMap((_, index) => difference(before[index], after[index], [...path, index]));
  }
  return JSON.stringify(before) === JSON.stringify(after)
    ? []
    : [`${pathText(path)}: ${short(before)} → ${short(after)}`];
}

function short(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= 160 ? text : `${text.slice(0, 160)}…`;
}
