import { type DescField, type DescMessage, type FileRegistry, ScalarType } from '@bufbuild/protobuf';
import { isRequired, rulesOf } from './rules';

/** A message with something in it that breaks no rule, as far as it goes; empty where it can have nothing in it. */
export function sample(registry: FileRegistry, type: string): Record<string, unknown> {
  const message = registry.getMessage(type);
  if (!message) {
    throw new Error(`the API has no ${type}`);
  }
  const needed = neededFields(registry, message);
  const plain = message.fields.filter((field) => field.fieldKind !== 'map');
  const [spare] = plain.filter((field) => !rulesOf(registry, field) && !isEmpty(field)).concat(plain);
  const fields = needed.length > 0 || !spare ? needed : [spare];
  return Object.fromEntries(fields.map((field) => [field.name, sampleOf(registry, field)]));
}

function neededFields(registry: FileRegistry, message: DescMessage): DescField[] {
  const needed = message.fields.filter((field) => {
    const { required, min_len, min_bytes, min_items, gt, gte } = rulesOf(registry, field) ?? {};
    const scalar = field.fieldKind === 'scalar' && (min_len || min_bytes || gt !== undefined || gte);
    return !field.oneof && (required || scalar || min_items);
  });
  const chosen = message.oneofs
    .filter((oneof) => isRequired(registry, oneof))
    .flatMap((oneof) => oneof.fields.slice(0, 1));
  return [...needed, ...chosen];
}

function isEmpty(field: DescField): boolean {
  return field.fieldKind === 'list' && field.message !== undefined && field.message.fields.length === 0;
}

const wellKnown: Readonly<Record<string, unknown>> = {
  'google.protobuf.Any': { '@type': 'type.googleapis.com/google.protobuf.Empty' },
  'google.protobuf.BoolValue': true,
  'google.protobuf.DoubleValue': 1,
  'google.protobuf.Duration': '1s',
  'google.protobuf.StringValue': 'x',
  'google.protobuf.Struct': { x: 1 },
  'google.protobuf.UInt32Value': 1,
  'google.protobuf.UInt64Value': 1,
};

function sampleOf(registry: FileRegistry, field: DescField): unknown {
  const rules = rulesOf(registry, field);
  const value = field.message
    ? (wellKnown[field.message.typeName] ?? inside(registry, field.message))
    : scalarOf(field, Math.max(rules?.min_len ?? 0, rules?.min_bytes ?? 0, 1), (rules?.gte ?? rules?.gt ?? 0) + 1);
  return field.fieldKind === 'list' ? [value] : field.fieldKind === 'map' ? { x: value } : value;
}

function inside(registry: FileRegistry, message: DescMessage): unknown {
  const fields = neededFields(registry, message);
  return Object.fromEntries(fields.map((field) => [field.name, sampleOf(registry, field)]));
}

function scalarOf(field: DescField, length: number, number: number): unknown {
  if (field.scalar === ScalarType.BOOL) {
    return true;
  }
  return field.scalar === ScalarType.STRING ? 'x'.repeat(length) : number;
}
