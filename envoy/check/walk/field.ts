import { own, wrapped } from '../../messages/schema/descriptors';
import type { Field, Rules } from '../../messages/schema/model';
import { isReference } from '../../options/terraform-tokens';
import { checkConstraints, checkSize } from './constraints';
import { type Context, UNKNOWN_REFERENCE } from './context';
import { defaultOfScalar, isScalar } from './scalars';
import { isJsonObject, type Violation } from './violation-collector';
import { isWrittenAsText } from './well-known-types';

/** Checks what a field is set to, and gives that as Envoy understands it. `category` is that of an extension whose `typed_config` it may be. */
export function visitField(context: Context, field: Field, value: unknown, category?: string | undefined): unknown {
  const inside = field.type === 'google.protobuf.Any' ? (category ?? field.category) : field.category;
  if (field.map !== undefined) {
    return visitMap(context, field, field.map, value, inside);
  }
  return field.repeated
    ? visitList(context, field, value, inside)
    : context.visit(context, field.type, value, field.rules, inside);
}

/** Checks what a field means that is not set. */
export function visitUnset(context: Context, { type, rules = {}, repeated, map }: Field): void {
  if (rules.required) {
    context.addIfValidated([{ rule: 'required', message: 'must be set' }]);
  } else if (repeated) {
    context.addIfValidated(checkItemCount(rules, 0));
  } else if (map !== undefined) {
    context.addIfValidated(checkPairCount(rules, 0));
  } else if (isScalarOrEnum(context, type)) {
    const value = defaultOfScalar(type);
    const kind = isScalar(type) ? type : 'enum';
    for (const { rule, message } of checkConstraints(kind, rules, value, undefined)) {
      context.addIfValidated([
        { rule, message: value === '' ? message : `${message}, and is ${value} where it is not set` },
      ]);
    }
  }
}

/** Whether a type is a scalar or an enum, which have a value also where they are not set. */
function isScalarOrEnum({ shapes }: Context, type: string): boolean {
  return isScalar(type) || own(shapes.model.enums, type) !== undefined;
}

function visitList(context: Context, field: Field, value: unknown, category: string | undefined): unknown {
  const { type, rules = {} } = field;
  if (isReference(value) && typeof value !== 'string') {
    context.add([UNKNOWN_REFERENCE]);
  } else if (Array.isArray(value)) {
    const all = visitItems(context, field, value, category);
    context.addIfValidated([...checkItemCount(rules, all.length), ...(rules.unique ? checkDuplicates(all) : [])]);
    return all;
  } else if (isJsonObject(value) === !isScalarOrEnum(context, type) || typeof value === 'string') {
    const remedy = 'put it into a list';
    context.add([{ severity: 'warning', rule: 'lenient.list', message: 'should be a list', remedy }]);
    let item: unknown;
    context.collector.atOnlyItem(() => {
      item = context.visit(context, type, value, rules.items, category);
    });
    context.addIfValidated(checkItemCount(rules, 1));
    return [item];
  } else {
    context.add([{ rule: 'list', message: 'must be a list', got: value }]);
  }
  return value;
}

/** The items of a list. Envoy takes a list within it for more of the same. */
function visitItems(
  context: Context,
  field: Field,
  value: readonly unknown[],
  category: string | undefined,
  all: unknown[] = [],
): readonly unknown[] {
  const isFlat = field.type !== 'google.protobuf.Value' && field.type !== 'google.protobuf.ListValue';
  context.enter(value, () => {
    for (const [index, item] of value.entries()) {
      if (context.collector.isFull) {
        return;
      }
      if (isFlat && Array.isArray(item) && !isReference(item)) {
        context.collector.atNestedList(index, () => {
          context.add([{ severity: 'warning', rule: 'lenient.nested', message: 'should not be a list within a list' }]);
          visitItems(context, field, item, category, all);
        });
      } else {
        const visitItem = () => all.push(visitElement(context, field.type, field.rules?.items, item, category));
        context.collector.at(index, visitItem, all.length);
      }
    }
  });
  return all;
}

function visitMap(
  context: Context,
  { type, rules = {} }: Field,
  keys: string,
  value: unknown,
  category: string | undefined,
): unknown {
  if (isReference(value)) {
    context.add([UNKNOWN_REFERENCE]);
    return value;
  }
  if (!isJsonObject(value)) {
    context.add([{ rule: 'map', message: 'must be an object', got: value }]);
    return value;
  }
  const entries = Object.entries(value).filter(([, child]) => child !== undefined);
  const all = new Map<string, unknown>();
  context.enter(value, () => {
    context.forEachEntry(entries, (key, child) => {
      context.add(checkKey(keys, context.isValidated ? rules.keys : undefined, key));
      all.set(key, visitElement(context, type, rules.values, child, category));
    });
  });
  context.addIfValidated(checkPairCount(rules, entries.length));
  return Object.fromEntries(all);
}

/** Checks a value in a list or a map, where Envoy takes null for one that is empty. */
export function visitElement(
  context: Context,
  type: string,
  rules: Rules | undefined,
  value: unknown,
  category?: string | undefined,
): unknown {
  if (value !== null || type === 'google.protobuf.Value') {
    return context.visit(context, type, value, rules, category);
  }
  context.add([{ severity: 'warning', rule: 'lenient.null', message: 'should not be null', remedy: 'remove it' }]);
  if (isScalarOrEnum(context, type)) {
    visitUnset(context, { type, rules: rules ?? {} });
  } else if (!isWrittenAsText(type) && wrapped(type) === undefined && type !== 'google.protobuf.ListValue') {
    return context.visit(context, type, {}, rules, category);
  }
  return value;
}

function checkKey(type: string, rules: Rules | undefined, key: string): readonly Violation[] {
  const fits = type === 'string' || (type === 'bool' ? /^(true|false)$/ : /^-?\d+$/).test(key);
  if (!fits) {
    return [{ rule: 'map.key', message: `must have a key of the type ${type}`, got: key }];
  }
  return rules && type === 'string' && !isReference(key) ? checkConstraints('map.keys', rules, key, key) : [];
}

function checkItemCount({ min_items, max_items }: Rules, count: number): Violation[] {
  return checkSize('repeated', ['len_items', 'min_items', 'max_items'], 'item', min_items, max_items, count);
}

function checkPairCount({ min_pairs, max_pairs }: Rules, count: number): Violation[] {
  return checkSize('map', ['len_pairs', 'min_pairs', 'max_pairs'], 'key', min_pairs, max_pairs, count);
}

function checkDuplicates(all: readonly unknown[]): Violation[] {
  const again = all.find((item, place) => all.indexOf(item) < place);
  return again === undefined ? [] : [{ rule: 'repeated.unique', message: 'must not hold anything twice', got: again }];
}
