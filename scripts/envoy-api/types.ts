import type { Enum, Field, Known, Message, Model } from '../../envoy/messages/schema/model';
import type { Comments } from './comments';
import { docComment, plainText } from './text';

/** What the text of every type is made from. */
interface Source {
  readonly model: Model;
  readonly comments: Comments;
  /** By the messages with an `Any` in them of which the field that holds them knows the category: that of their own. */
  readonly generic: ReadonlyMap<string, string>;
}

const head = `// Made by \`npm run envoy-api\` from Envoy's API, with its comments; not to be changed by hand.
// Copyright Envoy Project Authors, Apache License 2.0: see NOTICE.

/** A message in an \`Any\`: it says its type, by its full name. */
export type Typed<Name extends keyof Messages> = Name extends keyof Messages
  ? { '@type': \`type.googleapis.com/\${Name}\` } & Messages[Name]
  : never;

/** What may stand where Envoy takes an extension of a category, or any message of those that it has where none is named. */
export type Any<Category extends keyof Extensions = keyof Extensions> = Typed<Extensions[Category] | TypedStruct>;

type TypedStruct = 'udpa.type.v1.TypedStruct' | 'xds.type.v3.TypedStruct';

`;

/** The TypeScript types of the newest minor of the model. */
export function typesText(model: Model, comments: Comments): string {
  const source = { model, comments, generic: genericMessages(model) };
  const blocks = new Map<string, string[]>();
  const put = (name: string, text: (short: string) => string): void => {
    const at = name.lastIndexOf('.');
    const scope = name.slice(0, at);
    blocks.set(scope, [...(blocks.get(scope) ?? []), text(name.slice(at + 1))]);
  };
  for (const [name, message] of newest(model.messages)) {
    put(name, (short) => interfaceText(source, name, short, message));
  }
  for (const [name, each] of newest(model.enums)) {
    put(name, (short) => enumText(source, name, short, each));
  }
  const namespaces = [...blocks]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([scope, texts]) => `export namespace ${scope} {\n${texts.join('\n')}}\n`);
  return [head, extensionsText(model), ...namespaces].join('\n');
}

/** What the newest minor has. */
function newest<T extends Known>(all: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(all).filter(([, each]) => each.until === undefined);
}

function newestFields(message: Message): [string, Field][] {
  return Object.entries(message.fields).flatMap(([name, field]): [string, Field][] => {
    const current = [field].flat().find((each) => each.until === undefined);
    return current ? [[name, current]] : [];
  });
}

const any = 'google.protobuf.Any';

function genericMessages(model: Model): Source['generic'] {
  const fields = newest(model.messages).flatMap(([, message]) => newestFields(message).map(([, field]) => field));
  const held = fields.filter((field) => field.category !== undefined && field.type !== any).map((field) => field.type);
  return new Map(
    held.map((type) => {
      const message = model.messages[type];
      const inner = message && newestFields(message).find(([, field]) => field.type === any)?.[1];
      return [type, inner?.category === undefined ? 'keyof Extensions' : categoryText(inner.category)];
    }),
  );
}

function categoryText(category: string): string {
  return category
    .split(',')
    .map((each) => `'${each}'`)
    .join(' | ');
}

function extensionsText(model: Model): string {
  const plain = Object.entries(model.extensions).filter(([category]) => !category.includes(','));
  const categories = plain.map(([category, types]) => {
    const names = newest(types).map(([type]) => `\n    | '${type}'`);
    return `  '${category}':${names.length > 0 ? names.join('') : ' never'};\n`;
  });
  const types = new Set(plain.flatMap(([, each]) => newest(each).map(([type]) => type)));
  const structs = ['udpa.type.v1.TypedStruct', 'xds.type.v3.TypedStruct'];
  const messages = [...types, ...structs].sort().map((type) => `  '${type}': ${wellKnownInAny[type] ?? type};\n`);
  return `/** By category: the full names of the messages that configure the extensions that Envoy's release has built in. */
export interface Extensions {
${categories.join('')}}

/** By full name: what may stand in an \`Any\`. */
export interface Messages {
${messages.join('')}}
`;
}

const wellKnownInAny: Readonly<Record<string, string>> = {
  'google.protobuf.Empty': '{ value?: Record<string, never> }',
  'google.protobuf.StringValue': '{ value: string }',
};

function interfaceText(source: Source, name: string, short: string, message: Message): string {
  const own = source.generic.get(name);
  const parameter = own === undefined ? '' : `<Category extends keyof Extensions = ${own}>`;
  const fields = newestFields(message).map(([field, definition]) => {
    const optional = isNeeded(definition) ? '' : '?';
    const doc = docComment(fieldDoc(source, name, message, field, definition), '    ');
    return `${doc}    ${field}${optional}: ${typeText(source, definition, own !== undefined)};\n`;
  });
  const doc = docComment([plainText(source.comments.get(name) ?? ''), since(source, message)], '  ');
  return `${doc}  export interface ${short}${parameter} {\n${fields.join('')}  }\n`;
}

function fieldDoc(source: Source, name: string, message: Message, field: string, definition: Field): string[] {
  const { oneof, deprecated } = definition;
  const others = newestFields(message).filter(([, each]) => oneof !== undefined && each.oneof === oneof);
  const needed = oneof !== undefined && message.required?.includes(oneof) ? ', and one is needed' : '';
  return [
    plainText(source.comments.get(`${name}.${field}`) ?? ''),
    others.length > 1 ? `One of: ${others.map(([each]) => each).join(', ')}${needed}.` : '',
    since(source, definition),
    deprecated === 'refused'
      ? '@deprecated Envoy refuses it unless its runtime allows it.'
      : deprecated
        ? '@deprecated'
        : '',
  ];
}

function since(source: Source, known: Known): string {
  return known.since === undefined ? '' : `Since Envoy ${source.model.versions[known.since]}.`;
}

/** Whether a rule refuses the message without it. In a oneof it may always be another field's turn. */
function isNeeded({ type, repeated, map, oneof, rules }: Field): boolean {
  if (!rules || oneof !== undefined || rules.ignore_empty) {
    return false;
  }
  const number =
    !repeated && map === undefined && !type.includes('.') && (rules.gt ?? -1) >= 0 && rules.lt === undefined;
  const several = (rules.min_items ?? rules.min_pairs ?? 0) > 0;
  const text = !type.includes('.') && !repeated && (rules.len ?? rules.min_len ?? rules.min_bytes ?? 0) > 0;
  return rules.required === true || number || several || text || rules.not_in?.includes(0) === true;
}

function typeText(source: Source, field: Field, inGeneric: boolean): string {
  const { type, category, repeated, map } = field;
  const categories = inGeneric && type === any ? 'Category' : category && categoryText(category);
  const argument = categories ? `<${categories}>` : '';
  const one = type === any ? `Any${argument}` : (plain[type] ?? `${type}${source.generic.has(type) ? argument : ''}`);
  if (map !== undefined) {
    return `Record<string, ${one}>`;
  }
  return repeated ? (one.includes(' ') && !one.endsWith('>') ? `(${one})[]` : `${one}[]`) : one;
}

const int64 = 'number | `${number}`';
const plain: Readonly<Record<string, string>> = {
  bool: 'boolean',
  bytes: 'string',
  double: 'number',
  fixed32: 'number',
  fixed64: int64,
  float: 'number',
  int32: 'number',
  int64,
  sfixed32: 'number',
  sfixed64: int64,
  sint32: 'number',
  sint64: int64,
  string: 'string',
  uint32: 'number',
  uint64: int64,
  'google.protobuf.BoolValue': 'boolean',
  'google.protobuf.BytesValue': 'string',
  'google.protobuf.DoubleValue': 'number',
  'google.protobuf.Duration': '`${number}s`',
  'google.protobuf.Empty': 'Record<string, never>',
  'google.protobuf.FloatValue': 'number',
  'google.protobuf.Int32Value': 'number',
  'google.protobuf.Int64Value': int64,
  'google.protobuf.ListValue': 'unknown[]',
  'google.protobuf.NullValue': 'null',
  'google.protobuf.StringValue': 'string',
  'google.protobuf.Struct': 'Record<string, unknown>',
  'google.protobuf.Timestamp': 'string',
  'google.protobuf.UInt32Value': 'number',
  'google.protobuf.UInt64Value': int64,
  'google.protobuf.Value': 'unknown',
};

function enumText(source: Source, name: string, short: string, each: Enum): string {
  const values = newest(each.values);
  const docs = values.map(([value, known]) => {
    const text = [
      plainText(source.comments.get(`${name}.${value}`) ?? ''),
      since(source, known),
      known.deprecated ? 'Deprecated.' : '',
    ];
    return `- \`${value}\`${text.some(Boolean) ? `: ${text.filter(Boolean).join(' ').replace(/\s+/g, ' ')}` : ''}`;
  });
  const doc = docComment(
    [
      plainText(source.comments.get(name) ?? ''),
      docs.some((doc) => doc.includes(':')) ? docs.join('\n') : '',
      since(source, each),
    ],
    '  ',
  );
  return `${doc}  export type ${short} = ${values.map(([value]) => `'${value}'`).join(' | ')};\n`;
}
