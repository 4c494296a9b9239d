import type { Path } from '../messages/path';
import { TYPED_STRUCT_TYPES, typeFromUrl } from '../messages/schema/any-type';
import { isReference } from '../options/terraform-tokens';
import type { Problem } from './problem';

/** A place in a configuration and what stands there, `undefined` where nothing does. */
export interface Node {
  readonly value: unknown;
  readonly path: Path;
}

/** The field of a message, by its name in the .proto file, by which the walk gives it back. */
export function child(node: Node, name: string): Node {
  const fields = node.value;
  return {
    value: isRecord(fields) && Object.hasOwn(fields, name) ? fields[name] : undefined,
    path: [...node.path, name],
  };
}

/** A field of a field. */
export function descendant(node: Node, ...names: readonly string[]): Node {
  return names.reduce(child, node);
}

/** What stands in the list of a field. Envoy takes an object for a list of one. */
export function items(node: Node, name: string): readonly Node[] {
  const list = child(node, name);
  if (isRecord(list.value) && !isReference(list.value)) {
    return [list];
  }
  return flat(list);
}

/** Envoy takes a list within a list for more of the same. */
function flat(list: Node): readonly Node[] {
  return Array.isArray(list.value) && !isReference(list.value)
    ? list.value.flatMap((value, index) => {
        const item = { value, path: [...list.path, index] };
        return Array.isArray(value) && !isReference(value) ? flat(item) : [item];
      })
    : [];
}

/** What stands in the map of a field, by its keys. */
export function entries(node: Node, name: string): readonly (readonly [string, Node])[] {
  const map = child(node, name);
  return isRecord(map.value)
    ? Object.entries(map.value).map(([key, value]) => [key, { value, path: [...map.path, key] }])
    : [];
}

export function has(node: Node, name: string): boolean {
  const { value } = child(node, name);
  return value !== undefined && value !== null;
}

/** The text that stands there, unless it is empty or Terraform alone knows it. */
export function text(node: Node): string | undefined {
  return typeof node.value === 'string' && node.value !== '' && !isReference(node.value) ? node.value : undefined;
}

/** The number that stands there, in quotes or not. */
export function number(node: Node): number | undefined {
  if (typeof node.value === 'string' && /^-?\d+(\.\d+)?$/.test(node.value)) {
    return Number(node.value);
  }
  return typeof node.value === 'number' && !isReference(node.value) ? node.value : undefined;
}

/** The seconds of a duration, as `1.5s` or in its two parts. */
export function duration(node: Node): number | undefined {
  if (isRecord(node.value)) {
    const { seconds = 0, nanos = 0 } = node.value;
    return Number(seconds) + Number(nanos) / 1e9;
  }
  const match = typeof node.value === 'string' ? /^(-?\d+(?:\.\d+)?)s$/.exec(node.value) : null;
  return match ? Number(match[1]) : undefined;
}

/** The full name of the message in a `typed_config`, also of one wrapped into a `TypedStruct`. */
export function typeName(any: Node): string | undefined {
  const url = text(child(any, '@type'));
  const type = url === undefined ? undefined : typeFromUrl(url);
  if (type === undefined || !TYPED_STRUCT_TYPES.has(type)) {
    return type;
  }
  const inner = text(child(any, 'type_url'));
  return inner === undefined ? undefined : typeFromUrl(inner);
}

/** Whether one place is inside of the other, or the same. */
export function isWithin(inner: Node, outer: Node): boolean {
  return outer.path.length <= inner.path.length && outer.path.every((part, index) => part === inner.path[index]);
}

export function error(rule: string, node: Node, message: string): Problem {
  return { severity: 'error', path: node.path, rule, message };
}

export function warning(rule: string, node: Node, message: string): Problem {
  return { severity: 'warning', path: node.path, rule, message };
}

/** Names in a message: `'a', 'b'`, or what is there instead of them. */
export function quoted(names: Iterable<string>, none = 'none'): string {
  const list = [...names];
  const shown = list.slice(0, 10).map((name) => `'${name}'`);
  return list.length === 0 ? none : [...shown, ...(list.length > 10 ? ['...'] : [])].join(', ');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
