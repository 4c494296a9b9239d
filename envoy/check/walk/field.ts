import { own, wrapped } from '../../messages/schema/descriptors';
import type { Field, Rules } from '../../messages/schema/model';
import { isReference } from '../../options/terraform-tokens';
import { constrain, size } from './constraints';
import { type Context, REFERENCE } from './context';
import { defaultOf, isScalar } from './scalars';
import { type Fault, isObject } from './violation-collector';
import { isText } from './well-known-types';

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
    context.hold([{ rule: 'required', message: 'must be set' }]);
  } else if (repeated) {
    context.hold(items(rules, 0));
  } else if (map !== undefined) {
    context.hold(pairs(rules, 0));
  } else if (isPlain(context, type)) {
    const value = defaultOf(type);
    const kind = isScalar(type) ? type : 'enum';
    for (const { rule, message } of constrain(kind, rules, value, undefined)) {
      context.hold([{ rule, message: value === '' ? message : `${message}, and is ${value} where it is not set` }]);
    }
  }
}

/** Whether a type is a scalar or an enum, which have a value also where they are not set. */
function isPlain({ shapes }: Context, type: string): boolean {
  return isScalar(type) || own(shapes.model.enums, type) !== undefined;
}

function visitList(context: Context, field: Field, value: unknown, category: string | undefined): unknown {
  const { type, rules = {} } = field;
  if (isReference(value) && typeof value !== 'string') {
    context.add([REFERENCE]);
  } else if (Array.isArray(value)) {
    const all = visitItems(context, field, value, category);
    context.hold([...items(rules, all.length), ...(rules.unique ? twins(all) : [])]);
    return all;
  } else if (isObject(value) === !isPlain(context, type) || typeof value === 'string') {
    const remedy = 'put it into a list';
    context.add([{ severity: 'warning', rule: 'lenient.list', message: 'should be a list', remedy }]);
    let item: unknown;
    context.report.atOnlyItem(() => {
      item = context.visit(context, type, value, rules.items, category);
    });
    context.hold(items(rules, 1));
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
  context.within(value, () => {
    for (const [index, item] of value.entries()) {
      if (context.report.full) {
        return;
      }
      if (isFlat && Array.isArray(item) && !isReference(item)) {
        context.report.atNestedList(index, () => {
          context.add([{ severity: 'warning', rule: 'lenient.nested', message: 'should not be a list within a list' }]);
          visitItems(context, field, item, category, all);
        });
      } else {
        const visitItem = () => all.push(visitElement(context, field.type, field.rules?.items, item, category));
        context.report.at(index, visitItem, all.length);
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
    context.add([REFERENCE]);
    return value;
  }
  if (!isObject(value)) {
    context.add([{ rule: 'map', message: 'must be an object', got: value }]);
    return value;
  }
  const entries = Object.entries(value).filter(([, child]) => child !== undefined);
  const all = new Map<string, unknown>();
  context.within(value, () => {
    context.each(entries, (key, child) => {
      context.add(wrongKey(keys, context.isValidated ? rules.keys : undefined, key));
      all.set(key, visitElement(context, type, rules.values, child, category));
    });
  });
  context.hold(pairs(rules, entries.length));
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
  if (isPlain(context, type)) {
    visitUnset(context, { type, rules: rules ?? {} });
  } else if (!isText(type) && wrapped(type) === undefined && type !== 'google.protobuf.ListValue') {
    return context.visit(context, type, {}, rules, category);
  }
  return value;
}

function wrongKey(type: string, rules: Rules | undefined, key: string): readonly Fault[] {
  const fits = type === 'string' || (type === 'bool' ? /^(true|false)$/ : /^-?\d+$/).test(key);
  if (!fits) {
    return [{ rule: 'map.key', message: `must have a key of the type ${type}`, got: key }];
  }
  return rules && type === 'string' && !isReference(key) ? constrain('map.keys', rules, key, key) : [];
}

function items({ min_items, max_items }: Rules, count: number): Fault[] {
  return size('repeated', ['len_items', 'min_items', 'max_items'], 'item', min_items, max_items, count);
}

function pairs({ min_pairs, max_pairs }: Rules, count: number): Fault[] {
  return size('map', ['len_pairs', 'min_pairs', 'max_pairs'], 'key', min_pairs, max_pairs, count);
}

function twins(all: readonly unknown[]): Fault[] {
  const again = all.find((item, place) => all.indexOf(item) < place);
  return again === undefined ? [] : [{ rule: 'repeated.unique', message: 'must not hold anything twice', got: again }];
}
