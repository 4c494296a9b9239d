import { isReference } from '../references';
import { type Context, REFERENCE } from './context';
import { visitElement } from './field';
import { visitFields } from './message';
import { isObject } from './report';
import { wrapped } from './shapes';
import { readType, TYPED_STRUCT, withoutPrefix } from './types';
import { isText } from './well-known';

type Fields = Readonly<Record<string, unknown>>;

/** Envoy's own pages write `config: {}` in one, to say no more than the rest of it. */
const FILTER_CONFIG = 'envoy.config.route.v3.FilterConfig';

/** Checks a message that says itself, by `@type`, what it is, and gives it back as Envoy understands it. */
export function visitAny(context: Context, value: unknown, category: string | undefined): unknown {
  if (!isObject(value)) {
    context.add([{ rule: 'any', message: "must be an object with '@type'", got: value }]);
  } else if (Object.keys(value).length === 0 && context.parents.at(-1)?.type === FILTER_CONFIG) {
    return value;
  } else if (value['@type'] === undefined) {
    context.add([{ rule: 'any.missing', message: "needs '@type', the name of the message that it is" }]);
  } else {
    const type = typeAt(context, '@type', value, category);
    if (type !== undefined) {
      return { '@type': value['@type'], ...visitTyped(context, type, value, category) };
    }
  }
  return value;
}

/** The type that stands at this key, with its problems told. */
function typeAt(context: Context, key: string, value: Fields, category: string | undefined): string | undefined {
  const url = value[key];
  if (isReference(url)) {
    context.report.at(key, () => context.add([REFERENCE]));
    return undefined;
  }
  const { type, faults } = readType(context.shapes, url, category);
  const prefix = key === '@type' && typeof url === 'string' ? withoutPrefix(url) : undefined;
  context.report.at(key, () => context.add(prefix && faults.length === 0 ? [prefix] : faults));
  return type;
}

function visitTyped(context: Context, type: string, value: Fields, category: string | undefined): Fields {
  const shape = context.shapes.of(type);
  if (TYPED_STRUCT.has(type)) {
    return visitTypedStruct(context, type, value, category);
  }
  if (shape && !isText(type) && wrapped(type) === undefined && type !== 'google.protobuf.ListValue') {
    return visitFields(context, shape, value, { typed: true });
  }
  // What is no object in JSON stands in `value` here.
  const inner: Record<string, unknown> = {};
  context.each(Object.entries(value), (key, child) => {
    if (key === 'value') {
      inner.value = visitElement(context, type, undefined, child);
    } else if (key !== '@type') {
      context.add([{ rule: 'unknown-field', message: `is not a field: a ${type} stands in 'value' here` }]);
    }
  });
  return inner;
}

/** JSON in `value`, of the type that `type_url` beside it names. */
function visitTypedStruct(context: Context, type: string, struct: Fields, category: string | undefined): Fields {
  const { value, ...rest } = struct;
  const shape = context.shapes.of(type);
  const key = 'typeUrl' in rest ? 'typeUrl' : 'type_url';
  const fields = shape ? visitFields(context, shape, rest, { typed: true }) : rest;
  if (typeof rest[key] !== 'string') {
    context.add([{ rule: 'any.missing', message: 'needs type_url, the name of the message that value is' }]);
    return fields;
  }
  const inner = typeAt(context, key, rest, category);
  if (inner === undefined) {
    return fields;
  }
  let read: unknown;
  context.report.at('value', () => {
    read = context.visit(context, inner, value ?? {});
  });
  return { ...fields, value: read };
}
