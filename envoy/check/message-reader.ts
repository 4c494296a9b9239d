import { isRecord } from '../messages/is-record';
import type { Path } from '../messages/path';
import { TYPED_STRUCT_TYPES, typeFromUrl } from '../messages/schema/any-type';
import { isReference } from '../options/terraform-tokens';
import type { RuleProblem } from './rule';

// Rules read messages as the walk normalizes them: fields by their names in the .proto files, enum values by their names,
// numbers and booleans without quotes, durations as `1.5s`, and each repeated field as one list.

/** A value of a configuration and its path. `undefined` where the field is not set. */
export interface Node {
  readonly value: unknown;
  /** Fields by their names in the .proto files, whatever the spelling in the configuration. */
  readonly protoPath: Path;
}

/** The field of a message, or a field of that field. */
export function getField(node: Node, ...names: readonly string[]): Node {
  return names.reduce<Node>(
    ({ value, protoPath }, name) => ({
      value: isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined,
      protoPath: [...protoPath, name],
    }),
    node,
  );
}

/** The items of a repeated field; none where Terraform alone knows the list. */
export function getItems(node: Node, name: string): readonly Node[] {
  const { value, protoPath } = getField(node, name);
  return Array.isArray(value) && !isReference(value)
    ? value.map((item: unknown, index) => ({ value: item, protoPath: [...protoPath, index] }))
    : [];
}

/** The entries of a map, by key. */
export function getEntries(node: Node, name: string): readonly (readonly [string, Node])[] {
  const { value, protoPath } = getField(node, name);
  return isRecord(value)
    ? Object.entries(value).map(([key, inner]) => [key, { value: inner, protoPath: [...protoPath, key] }])
    : [];
}

/** Whether a field is set. */
export function hasField(node: Node, ...names: readonly string[]): boolean {
  const { value } = getField(node, ...names);
  return value !== undefined && value !== null;
}

/** Whether a value is set to anything but an empty text or list. */
export function isFilled({ value }: Node): boolean {
  return value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
}

/** The text of a value; `undefined` where it is empty, or where Terraform alone knows it. */
export function readText({ value }: Node): string | undefined {
  return typeof value === 'string' && value !== '' && !isReference(value) ? value : undefined;
}

/** The number of a value; `undefined` where Terraform alone knows it. */
export function readNumber({ value }: Node): number | undefined {
  return typeof value === 'number' && !isReference(value) ? value : undefined;
}

/** The seconds of a duration. */
export function readSeconds({ value }: Node): number | undefined {
  const [, seconds] = (typeof value === 'string' && /^(-?\d+(?:\.\d+)?)s$/.exec(value)) || [];
  return seconds === undefined ? undefined : Number(seconds);
}

/** The full name of the message type in a `typed_config`, also of a message in a `TypedStruct`. */
export function getMessageType(any: Node): string | undefined {
  const url = readText(getField(any, '@type'));
  const type = url === undefined ? undefined : typeFromUrl(url);
  if (type === undefined || !TYPED_STRUCT_TYPES.has(type)) {
    return type;
  }
  const inner = readText(getField(any, 'type_url'));
  return inner === undefined ? undefined : typeFromUrl(inner);
}

/** Whether a value is part of another one, or the same. */
export function isWithin(inner: Node, outer: Node): boolean {
  return outer.protoPath.every((step, index) => step === inner.protoPath[index]);
}

export function error(rule: string, { protoPath }: Node, message: string): RuleProblem {
  return { severity: 'error', protoPath, rule, message };
}

export function warning(rule: string, { protoPath }: Node, message: string): RuleProblem {
  return { severity: 'warning', protoPath, rule, message };
}

/** Names in a message: `'a', 'b'`, at most ten of them; `none` where there is no name. */
export function quoteNames(names: Iterable<string>, none = 'none'): string {
  const list = [...names];
  const shown = list.slice(0, 10).map((name) => `'${name}'`);
  return list.length === 0 ? none : [...shown, ...(list.length > 10 ? ['...'] : [])].join(', ');
}
