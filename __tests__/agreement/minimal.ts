import { isScalar } from '../../envoy/check/walk/scalars';
import { own, type Shapes, type Slot, wrapped } from '../../envoy/messages/schema/descriptors';
import type { Field, Rules } from '../../envoy/messages/schema/model';

/** Of a oneof, the field that works by itself: text instead of a file, a cluster that is there. */
const PREFERRED: ReadonlySet<string> = new Set([
  'inline_string',
  'envoy_grpc',
  'local',
  'any',
  'exact',
  'text_format_source',
]);
const CLUSTERS = /^cluster(_name)?$/;

/** The fewest fields by which a message breaks none of its schema's rules. `category` is that of an extension in it. */
export function minimal(shapes: Shapes, type: string, category?: string): Record<string, unknown> {
  const config = shapes.of(type)?.slots.filter(({ field }) => field.type === ANY && category !== undefined) ?? [];
  return Object.fromEntries(
    [...new Set([...neededSlots(shapes, type), ...config])].map((slot) => [
      slot.name,
      contentOf(shapes, slot, category),
    ]),
  );
}

function neededSlots(shapes: Shapes, type: string): readonly Slot[] {
  const { slots = [], message } = shapes.of(type) ?? {};
  const chosen = (message?.required ?? []).flatMap((oneof) => {
    const members = slots.filter(({ field }) => field.oneof === oneof);
    return members.find(({ name }) => PREFERRED.has(name)) ?? members[0] ?? [];
  });
  return [...slots.filter(({ field }) => field.oneof === undefined && isNeeded(field)), ...chosen];
}

const ANY = 'google.protobuf.Any';

function isNeeded({ rules = {}, repeated, map, type }: Field): boolean {
  if (rules.required) {
    return true;
  }
  if (repeated || map !== undefined) {
    return (rules.min_items ?? rules.min_pairs ?? 0) > 0;
  }
  return (
    isScalar(type) &&
    !rules.ignore_empty &&
    ((rules.min_len ?? rules.min_bytes ?? rules.gt ?? rules.gte ?? 0) > 0 ||
      rules.gt === 0 ||
      rules.pattern !== undefined)
  );
}

function contentOf(shapes: Shapes, { name, field }: Slot, outer: string | undefined): unknown {
  const { type, rules = {}, repeated, map } = field;
  const inner = repeated ? rules.items : map === undefined ? rules : rules.values;
  const value = single(shapes, name, type, inner ?? {}, field.category ?? (type === ANY ? outer : undefined));
  return repeated ? [value] : map === undefined ? value : { x: value };
}

function single(shapes: Shapes, name: string, type: string, rules: Rules, category: string | undefined): unknown {
  const scalar = wrapped(type) ?? type;
  if (scalar === 'bool') {
    return true;
  }
  if (scalar === 'string') {
    return CLUSTERS.test(name)
      ? 'c'
      : name.endsWith('uri')
        ? 'http://x/'
        : 'x'.repeat(rules.min_len ?? rules.min_bytes ?? 1);
  }
  if (scalar === 'bytes') {
    return 'eHh4';
  }
  if (isScalar(scalar)) {
    return rules.gte ?? (rules.gt ?? 0) + 1;
  }
  const enumeration = own(shapes.model.enums, type);
  if (enumeration) {
    const names = Object.entries(enumeration.values).filter(([, one]) => shapes.knows(one));
    return names.find(([, { number }]) => !rules.not_in?.includes(number))?.[0];
  }
  if (type === 'google.protobuf.Duration') {
    return `${rules.gte ?? (rules.gt ?? 0) + 1}s`;
  }
  if (type === ANY) {
    return anyOf(shapes, category);
  }
  return /^google\.protobuf\.(Struct|Value|ListValue|Empty|Timestamp)$/.test(type)
    ? {}
    : minimal(shapes, type, category);
}

/** An extension of a category, one that needs nothing if there is one. */
function anyOf(shapes: Shapes, category = ''): unknown {
  const types = Object.entries(own(shapes.model.extensions, category) ?? {}).flatMap(([type, known]) =>
    shapes.knows(known) && !type.startsWith('google.') ? [type] : [],
  );
  const type = types.find((one) => neededSlots(shapes, one).length === 0) ?? types[0];
  return type === undefined
    ? { '@type': 'type.googleapis.com/google.protobuf.Empty' }
    : { '@type': `type.googleapis.com/${type}`, ...minimal(shapes, type) };
}
