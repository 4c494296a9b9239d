import type { Bootstrap } from '../messages/builders';
import { isRecord } from '../messages/is-record';
import { TYPED_STRUCT_TYPES, typeFromUrl } from '../messages/schema/any-type';
import { camelCase, own, variantsOf, wrapped } from '../messages/schema/descriptors';
import { loadModel } from '../messages/schema/load';
import type { Field, Model } from '../messages/schema/model';
import { isReference } from '../options/terraform-tokens';

/**
 * A configuration in the one spelling in which this library writes it. Envoy also reads camelCase, an object for a list of one,
 * numbers in quotes, durations in parts and a `TypedStruct` for a message. What Envoy would refuse stays as it is, for the check
 * to name.
 */
export function normalizeBootstrap(bootstrap: Bootstrap): Bootstrap {
  return normalizeMessage(loadModel(), 'envoy.config.bootstrap.v3.Bootstrap', { ...bootstrap }) as Bootstrap;
}

const NUMBERS: ReadonlySet<string> = new Set(['int32', 'uint32', 'double', 'float']);

function normalizeValue(model: Model, type: string, value: unknown): unknown {
  const scalar = wrapped(type) ?? type;
  if (isReference(value)) {
    return value;
  }
  if (typeof value === 'string' && NUMBERS.has(scalar) && /^-?\d+(\.\d+)?$/.test(value)) {
    return Number(value);
  }
  if (typeof value === 'string' && scalar === 'bool' && /^(true|false)$/i.test(value)) {
    return value.toLowerCase() === 'true';
  }
  const enumeration = own(model.enums, type);
  if (enumeration) {
    const isIt = ([name, { number }]: [string, { readonly number: number }]) =>
      number === value || name === String(value).toUpperCase();
    return Object.entries(enumeration.values).find(isIt)?.[0] ?? value;
  }
  if (!isRecord(value)) {
    return value;
  }
  if (type === 'google.protobuf.Duration') {
    return `${Number(value.seconds ?? 0) + Number(value.nanos ?? 0) / 1e9}s`;
  }
  if (scalar !== type) {
    return 'value' in value ? normalizeValue(model, scalar, value.value) : value;
  }
  return type === 'google.protobuf.Any' ? normalizeAny(model, value) : normalizeMessage(model, type, value);
}

/** A message that says by `@type` what it is. */
function normalizeAny(model: Model, value: Fields): Fields {
  const type = typeOf(value['@type']);
  const inner = typeOf(value.type_url ?? value.typeUrl);
  if (type !== undefined && TYPED_STRUCT_TYPES.has(type) && inner !== undefined && own(model.messages, inner)) {
    const fields = isRecord(value.value) ? value.value : {};
    return { '@type': `type.googleapis.com/${inner}`, ...normalizeMessage(model, inner, fields) };
  }
  return type === undefined ? value : normalizeMessage(model, type, value);
}

function normalizeMessage(model: Model, type: string, value: Fields): Fields {
  const fields = own(model.messages, type)?.fields;
  if (!fields) {
    return value;
  }
  const names = new Map(Object.keys(fields).map((name) => [camelCase(name), name]));
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, child]) => {
      const name = Object.hasOwn(fields, key) ? key : (names.get(key) ?? key);
      const field = own(fields, name);
      return child === null ? [] : [[name, field ? normalizeField(model, variantsOf(field), child) : child]];
    }),
  );
}

/** What a field is set to; the newest minor that has the field says what that is. */
function normalizeField(model: Model, variants: readonly Field[], value: unknown): unknown {
  const { type, map, repeated } = variants.at(-1) as Field;
  if (map !== undefined) {
    return isRecord(value)
      ? Object.fromEntries(Object.entries(value).map(([key, child]) => [key, normalizeValue(model, type, child)]))
      : value;
  }
  if (!repeated || isReference(value)) {
    return normalizeValue(model, type, value);
  }
  const list = Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : [value];
  return list.map((item) => normalizeValue(model, type, item));
}

function typeOf(url: unknown): string | undefined {
  return typeof url === 'string' ? typeFromUrl(url) : undefined;
}

type Fields = Readonly<Record<string, unknown>>;
