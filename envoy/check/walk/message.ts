import { type Shape, type Slot, wrapped } from '../../messages/schema/descriptors';
import type { Rules } from '../../messages/schema/model';
import { isReference } from '../../options/terraform-tokens';
import { constrain } from './constraints';
import { type Context, REFERENCE } from './context';
import { deprecation, isTold } from './deprecation';
import { visitField, visitUnset } from './field';
import { defaultOf, readScalar } from './scalars';
import { unknownField } from './unknown-field';
import { oldField } from './v2-fields';
import { isObject } from './violation-collector';
import { isText, readText, wrongSeconds } from './well-known-types';

type Fields = Readonly<Record<string, unknown>>;

/** Checks a message, a wrapper, or what Protocol Buffers write as text though it is a message. */
export function visitMessage(
  context: Context,
  type: string,
  value: unknown,
  rules?: Rules | undefined,
  category?: string | undefined,
): unknown {
  const inner = wrapped(type);
  const kind = inner ?? (type === 'google.protobuf.Duration' ? 'duration' : 'message');
  const shape = context.shapes.of(type);
  if ((inner !== undefined || isText(type)) && !isObject(value)) {
    const read = context.read(kind, rules, inner ? readScalar(inner, value) : readText(type, value), value);
    return inner ? read : value;
  }
  if (shape && !isObject(value)) {
    context.add([{ rule: 'message', message: `must be an object (${shape.name})`, got: value }]);
  } else if (shape && isObject(value)) {
    const plain = inner === undefined && !isText(type) && type !== 'google.protobuf.ListValue';
    const message = `should be the value itself, and no object of ${shape.name}`;
    context.add(plain ? [] : [{ severity: 'warning', rule: 'lenient.object', message }]);
    const fields = visitFields(context, shape, value, {
      category,
      valueRules: inner === undefined ? undefined : rules,
    });
    if (kind === 'duration') {
      return visitSeconds(context, rules, value);
    }
    if (inner === undefined) {
      return fields;
    }
    const unset = 'value' in fields ? [] : constrain(inner, rules ?? {}, defaultOf(inner), defaultOf(inner));
    context.hold(unset);
    return fields.value ?? defaultOf(inner);
  }
  return value;
}

/** A duration in seconds and nanoseconds, which is given back as text. */
function visitSeconds(context: Context, rules: Rules | undefined, { seconds, nanos }: Fields): string {
  const value = Number(seconds ?? 0) + Number(nanos ?? 0) / 1e9;
  const text = `${value}s`;
  if (!Number.isNaN(value)) {
    const fault =
      Math.abs(Number(nanos ?? 0)) >= 1e9
        ? { rule: 'duration', message: 'must have less than 1000000000 nanos', got: nanos }
        : wrongSeconds(value, text);
    context.read('duration', rules, fault ? { fault } : { value }, text);
  }
  return text;
}

interface Around {
  /** It is an Any, and says by `@type` what it is. */
  readonly typed?: boolean;
  /** That of an extension whose `typed_config` stands in it. */
  readonly category?: string | undefined;
  /** That of the extensions in it, where it is not always the same. */
  readonly around?: string | undefined;
  /** It is a wrapper, and these are the rules of what it wraps. */
  readonly valueRules?: Rules | undefined;
}

/** Checks the fields of a message. Gives those that are set, by their names in the .proto file. */
export function visitFields(
  context: Context,
  shape: Shape,
  value: Fields,
  { typed, category, around, valueRules }: Around = {},
): Fields {
  const normal: Record<string, unknown> = {};
  context.within(value, () => {
    const keys = new Map<string, string>();
    const olds = new Map<string, unknown>();
    meet(context, shape.type, normal);
    context.parents.push(shape);
    const protoNameOf = (key: string) => shape.bySpelling.get(key)?.name ?? key;
    const visitEntry = (key: string, child: unknown) => {
      const slot = shape.bySpelling.get(key);
      if (!slot) {
        const isNone = child === undefined || (typed && key === '@type');
        context.add(isNone ? [] : [isReference(key) ? REFERENCE : unknownField(context, key)]);
        const old = isNone ? undefined : oldField(shape.type, shape.name, key);
        if (old) {
          olds.set(old.now, old.convert(child));
        }
      } else if (child !== undefined && child !== null) {
        clash(context, shape, slot, key, keys);
        keys.set(slot.name, key);
        const { deprecated } = slot.field;
        const full = `${shape.type}.${slot.name}`;
        context.add(deprecated && isTold(slot.field, child) ? [deprecation(deprecated, full, context.allows)] : []);
        const field = valueRules ? { ...slot.field, rules: valueRules } : slot.field;
        const inside = around === undefined || field.category === undefined ? field : { ...field, category: around };
        normal[slot.name] = visitField(context, inside, child, category);
      }
    };
    context.each(Object.entries(value), visitEntry, protoNameOf);
    for (const [name, converted] of olds) {
      normal[name] ??= converted;
      keys.set(name, name);
    }
    context.parents.pop();
    missing(context, shape, keys);
  });
  return normal;
}

function meet({ met, report, isValidated }: Context, type: string, value: Fields): void {
  if (!isValidated) {
    return;
  }
  const before = met.get(type) ?? [];
  met.set(type, before);
  before.push({ value, protoPath: report.protoPath });
}

/** A field that is set in both spellings, or another one of its oneof that is set. */
function clash(
  { report }: Context,
  { oneofs }: Shape,
  { name, field: { oneof } }: Slot,
  key: string,
  keys: ReadonlyMap<string, string>,
): void {
  const twin = keys.get(name);
  const members = oneof === undefined ? [] : (oneofs.get(oneof) ?? []);
  const other = members.find((member) => member !== name && keys.has(member));
  if (twin !== undefined) {
    const message = `is the same field as ${twin}, which is set too`;
    const remedy = `remove ${key}`;
    report.add(
      oneof === undefined
        ? { severity: 'warning', rule: 'lenient.twice', message, remedy }
        : { rule: 'twice', message, remedy },
    );
  } else if (other !== undefined) {
    report.add({ rule: 'oneof', message: `only one of ${few(members)} may be set, and ${other} is` });
  }
}

function missing(
  context: Context,
  { ruledWhenUnset, message, oneofs }: Shape,
  keys: ReadonlyMap<string, string>,
): void {
  for (const { name, field } of ruledWhenUnset) {
    if (!keys.has(name)) {
      context.report.at(name, () => visitUnset(context, field));
    }
  }
  for (const oneof of message.required ?? []) {
    const members = oneofs.get(oneof) ?? [];
    if (members.length > 0 && !members.some((member) => keys.has(member))) {
      const one = members.length === 1 ? '' : 'one of ';
      context.hold([{ rule: 'oneof.required', message: `needs ${one}${few(members)}` }]);
    }
  }
}

function few(names: readonly string[]): string {
  return names.length <= 8 ? names.join(', ') : `${names.slice(0, 7).join(', ')} ...`;
}
