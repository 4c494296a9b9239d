import { type Shape, type Slot, wrapped } from '../../messages/schema/descriptors';
import type { Rules } from '../../messages/schema/model';
import { isReference } from '../../options/terraform-tokens';
import { checkConstraints } from './constraints';
import { type Context, UNKNOWN_REFERENCE } from './context';
import { isDetectable, toDeprecation } from './deprecation';
import { visitField, visitUnset } from './field';
import { defaultOfScalar, readScalar } from './scalars';
import { toUnknownField } from './unknown-field';
import { findV2Field } from './v2-fields';
import { isJsonObject } from './violation-collector';
import { checkSeconds, isWrittenAsText, readWellKnownType } from './well-known-types';

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
  if ((inner !== undefined || isWrittenAsText(type)) && !isJsonObject(value)) {
    const read = context.interpret(
      kind,
      rules,
      inner ? readScalar(inner, value) : readWellKnownType(type, value),
      value,
    );
    return inner ? read : value;
  }
  if (shape && !isJsonObject(value)) {
    context.add([{ rule: 'message', message: `must be an object (${shape.name})`, got: value }]);
  } else if (shape && isJsonObject(value)) {
    const plain = inner === undefined && !isWrittenAsText(type) && type !== 'google.protobuf.ListValue';
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
    const unset =
      'value' in fields ? [] : checkConstraints(inner, rules ?? {}, defaultOfScalar(inner), defaultOfScalar(inner));
    context.addIfValidated(unset);
    return fields.value ?? defaultOfScalar(inner);
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
        : checkSeconds(value, text);
    context.interpret('duration', rules, fault ? { fault } : { value }, text);
  }
  return text;
}

interface MessageOptions {
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
  { typed, category, around, valueRules }: MessageOptions = {},
): Fields {
  const normal: Record<string, unknown> = {};
  context.enter(value, () => {
    const keys = new Map<string, string>();
    const olds = new Map<string, unknown>();
    recordMessage(context, shape.type, normal);
    context.parents.push(shape);
    const protoNameOf = (key: string) => shape.bySpelling.get(key)?.name ?? key;
    const visitEntry = (key: string, child: unknown) => {
      const slot = shape.bySpelling.get(key);
      if (!slot) {
        const isNone = child === undefined || (typed && key === '@type');
        context.add(isNone ? [] : [isReference(key) ? UNKNOWN_REFERENCE : toUnknownField(context, key)]);
        const old = isNone ? undefined : findV2Field(shape.type, shape.name, key);
        if (old) {
          olds.set(old.replacement, old.convert(child));
        }
      } else if (child !== undefined && child !== null) {
        checkConflicts(context, shape, slot, key, keys);
        keys.set(slot.name, key);
        const { deprecated } = slot.field;
        const full = `${shape.type}.${slot.name}`;
        context.add(
          deprecated && isDetectable(slot.field, child) ? [toDeprecation(deprecated, full, context.isAllowed)] : [],
        );
        const field = valueRules ? { ...slot.field, rules: valueRules } : slot.field;
        const inside = around === undefined || field.category === undefined ? field : { ...field, category: around };
        normal[slot.name] = visitField(context, inside, child, category);
      }
    };
    context.forEachEntry(Object.entries(value), visitEntry, protoNameOf);
    for (const [name, converted] of olds) {
      normal[name] ??= converted;
      keys.set(name, name);
    }
    context.parents.pop();
    checkUnset(context, shape, keys);
  });
  return normal;
}

function recordMessage({ found, collector, isValidated }: Context, type: string, value: Fields): void {
  if (!isValidated) {
    return;
  }
  const before = found.get(type) ?? [];
  found.set(type, before);
  before.push({ value, protoPath: collector.protoPath });
}

/** A field that is set in both spellings, or another one of its oneof that is set. */
function checkConflicts(
  { collector }: Context,
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
    collector.add(
      oneof === undefined
        ? { severity: 'warning', rule: 'lenient.twice', message, remedy }
        : { rule: 'twice', message, remedy },
    );
  } else if (other !== undefined) {
    collector.add({ rule: 'oneof', message: `only one of ${listFields(members)} may be set, and ${other} is` });
  }
}

function checkUnset(
  context: Context,
  { ruledWhenUnset, message, oneofs }: Shape,
  keys: ReadonlyMap<string, string>,
): void {
  for (const { name, field } of ruledWhenUnset) {
    if (!keys.has(name)) {
      context.collector.at(name, () => visitUnset(context, field));
    }
  }
  for (const oneof of message.required ?? []) {
    const members = oneofs.get(oneof) ?? [];
    if (members.length > 0 && !members.some((member) => keys.has(member))) {
      const one = members.length === 1 ? '' : 'one of ';
      context.addIfValidated([{ rule: 'oneof.required', message: `needs ${one}${listFields(members)}` }]);
    }
  }
}

function listFields(names: readonly string[]): string {
  return names.length <= 8 ? names.join(', ') : `${names.slice(0, 7).join(', ')} ...`;
}
