import type { DescEnum, DescField, DescMessage, FileRegistry } from '@bufbuild/protobuf';
import type { Deprecated, EnumValue, Field } from '../../envoy/messages/schema/model';
import { categoryOf } from './categories';
import type { Comments } from './comments';
import { type Extensions, withJoined } from './extensions';
import { isRequired, option, rulesOf } from './rules';

/** The API of one minor, in the words of the model. */
export interface Minor {
  readonly messages: ReadonlyMap<string, { fields: ReadonlyMap<string, Field>; required: readonly string[] }>;
  readonly enums: ReadonlyMap<string, ReadonlyMap<string, EnumValue>>;
  readonly extensions: Extensions;
  /** The messages that the binary has beside those. */
  readonly others: readonly string[];
}

/** What stands in an `Any` without being an extension, and where a configuration begins. */
const roots = [
  'envoy.config.bootstrap.v3.Bootstrap',
  'envoy.config.route.v3.FilterConfig',
  'udpa.type.v1.TypedStruct',
  'xds.type.v3.TypedStruct',
];

export function readMinor(
  registry: FileRegistry,
  extensions: Extensions,
  linked: readonly string[],
  comments: Comments,
): Minor {
  const messages = new Map<string, DescMessage>();
  const enums = new Map<string, DescEnum>();
  const add = (message: DescMessage): void => {
    if (isWellKnown(message.typeName) || messages.has(message.typeName)) {
      return;
    }
    messages.set(message.typeName, message);
    for (const field of message.fields) {
      if (field.enum) {
        enums.set(field.enum.typeName, field.enum);
      }
      if (field.message) {
        add(field.message);
      }
    }
  };
  for (const name of [...roots, ...[...extensions.values()].flatMap((types) => [...types])]) {
    if (isWellKnown(name)) {
      continue;
    }
    const message = registry.getMessage(name);
    if (!message) {
      throw new Error(`the module of the API has no ${name}, which Envoy's binary has`);
    }
    add(message);
  }
  const read = mapValues(messages, (message) => ({
    fields: new Map(message.fields.map((field) => [field.name, fieldOf(registry, field, comments)])),
    required: message.oneofs.filter((oneof) => isRequired(registry, oneof)).map((oneof) => oneof.name),
  }));
  const fields = [...read.values()].flatMap((message) => [...message.fields.values()]);
  return {
    messages: read,
    enums: mapValues(enums, (each) => new Map(each.values.map((value) => [value.name, enumValue(registry, value)]))),
    extensions: withJoined(
      extensions,
      fields.flatMap((field) => field.category ?? []),
    ),
    others: linked.filter((name) => !messages.has(name) && !isWellKnown(name)),
  };
}

/** The types with a JSON of their own, which whoever reads a configuration knows by name. */
export function isWellKnown(type: string): boolean {
  return type.startsWith('google.protobuf.');
}

function mapValues<A, B>(map: ReadonlyMap<string, A>, change: (value: A) => B): Map<string, B> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}

function fieldOf(registry: FileRegistry, field: DescField, comments: Comments): Field {
  const category = categoryOf(field, comments);
  const rules = rulesOf(registry, field);
  const deprecated = deprecation(registry, field.proto.options, 'envoy.annotations.disallowed_by_default');
  return {
    type: typeOf(field),
    ...(field.fieldKind === 'list' && { repeated: true as const }),
    ...(field.fieldKind === 'map' && { map: scalars[field.mapKey] as string }),
    ...(field.oneof && { oneof: field.oneof.name }),
    ...(category !== undefined && { category }),
    ...(deprecated && { deprecated }),
    ...(rules && { rules }),
  };
}

function typeOf(field: DescField): string {
  const type = field.message?.typeName ?? field.enum?.typeName ?? (field.scalar && scalars[field.scalar]);
  if (type === undefined) {
    throw new Error(`no type is known of ${field}`);
  }
  return type;
}

const scalars: Readonly<Record<number, string>> = {
  1: 'double',
  2: 'float',
  3: 'int64',
  4: 'uint64',
  5: 'int32',
  6: 'fixed64',
  7: 'fixed32',
  8: 'bool',
  9: 'string',
  12: 'bytes',
  13: 'uint32',
  15: 'sfixed32',
  16: 'sfixed64',
  17: 'sint32',
  18: 'sint64',
};

function enumValue(registry: FileRegistry, value: DescEnum['values'][number]): EnumValue {
  const deprecated = deprecation(registry, value.proto.options, 'envoy.annotations.disallowed_by_default_enum');
  return { number: value.number, ...(deprecated && { deprecated }) };
}

type Options = Parameters<typeof option>[1] & { readonly deprecated?: boolean };

/** Envoy looks at its own annotation only where the plain mark of Protocol Buffers stands too. */
function deprecation(registry: FileRegistry, options: Options | undefined, refused: string): Deprecated | undefined {
  if (!options?.deprecated) {
    return undefined;
  }
  return option(registry, options, refused) === true ? 'refused' : 'warned';
}
