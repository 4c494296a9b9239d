import { own, type Shapes, type Slot } from '../../envoy/messages/schema/descriptors';
import { isObject, type Json } from './tree';

const ANY = 'google.protobuf.Any';

/** The same configuration with its fields in camelCase, which Envoy takes too. Keys of maps and what is in JSON stay. */
export function toCamelCase(shapes: Shapes, value: Json, type = 'envoy.config.bootstrap.v3.Bootstrap'): Json {
  const shape = shapes.of(type === ANY && isObject(value) ? typeOf(value) : type);
  if (!isObject(value) || shape === undefined) {
    return Array.isArray(value) ? value.map((item) => toCamelCase(shapes, item, type)) : value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const slot = shape.bySpelling.get(key);
      return [slot ? camelSpelling(shape.bySpelling, slot) : key, slot ? ofField(shapes, slot, inner) : inner];
    }),
  );
}

function ofField(shapes: Shapes, { field }: Slot, value: Json): Json {
  if (own(shapes.model.enums, field.type) !== undefined) {
    return value;
  }
  return field.map !== undefined && isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toCamelCase(shapes, inner, field.type)]))
    : toCamelCase(shapes, value, field.type);
}

const typeOf = (value: { readonly [key: string]: Json }) => String(value['@type'] ?? '').replace(/^.*\//, '');

function camelSpelling(spellings: ReadonlyMap<string, Slot>, slot: Slot): string {
  return [...spellings].find(([spelling, each]) => each === slot && spelling !== slot.name)?.[0] ?? slot.name;
}
