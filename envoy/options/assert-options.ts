import { describeTypes, remedyFor } from './option-message';
import {
  isKind,
  type Option,
  type OptionShape,
  type OptionShapes,
  type OptionType,
  requiredOf,
  shapeOf,
} from './option-shape';
import { didYouMean } from './suggest';
import { isReference } from './terraform-tokens';
import { invalidOption, keysOf } from './validate';

/**
 * Refuses what an option object can't hold: an unknown option, a value of a wrong type, a required option that is missing.
 * TypeScript says the same to those who use it. What a value of the right type means is checked where it is used.
 *
 * @param shapes - those that the shape refers to by name
 */
export function assertOptions(shape: OptionShape, options: unknown, shapes: OptionShapes): void {
  assertValue('', options, { types: [{ fields: shape }] }, shapes);
}

function assertValue(path: string, value: unknown, option: Option, shapes: OptionShapes): void {
  const types = option.types.filter((type) => fits(type, value));
  const isLater = isReference(value) && !isListOfNumber(value);
  if (types.length === 0 || (isLater && !takesReference(option, value))) {
    refuseType(path, option.secret === undefined || isLater ? value : withoutSecrets(value), option, shapes);
  }
  if (isLater) {
    return;
  }
  const fields = types.flatMap((type) => (isKind('fields', type) ? [shapeOf(type.fields, shapes)] : []));
  if (fields.length > 0) {
    assertFields(path, value as Fields, fields, option, shapes);
    return;
  }
  const items = types.flatMap((type) => (isKind('list', type) ? type.list : isKind('record', type) ? type.record : []));
  if (items.length > 0) {
    const secret = option.secret && { secret: option.secret };
    for (const [key, item] of Object.entries(value as Fields)) {
      const at = Array.isArray(value) ? `${path}[${key}]` : fieldPath(path, key);
      assertValue(at, item, { types: items, ...secret }, shapes);
    }
  }
}

function refuseType(path: string, got: unknown, option: Option, shapes: OptionShapes): never {
  const problem = `must be ${describeTypes(option.types, shapes)}`;
  return invalidOption(path === '' ? 'the options' : path, problem, got, remedyFor(got, option, shapes));
}

type Fields = Readonly<Record<string, unknown>>;

function fits(type: OptionType, value: unknown): boolean {
  if (typeof type === 'string') {
    return type === 'object' ? isObject(value) : typeof value === type;
  }
  if (isKind('literal', type)) {
    return value === type.literal;
  }
  if (isKind('text', type)) {
    return typeof value === 'string';
  }
  return isKind('list', type) ? Array.isArray(value) : isObject(value);
}

/** Neither a list nor null, nor what has no fields of its own, as a promise. */
const isObject = (value: unknown) => Object.prototype.toString.call(value) === '[object Object]';

/** A list of one number that Terraform knows looks like a list that it knows. No option is a list of numbers. */
const isListOfNumber = (value: unknown) => Array.isArray(value) && typeof value[0] === 'number';

/** Whether Terraform may be the one that knows the value: a text of no form, or what others check. */
function takesReference({ types, references }: Option, value: unknown): boolean {
  if (Array.isArray(value)) {
    return references === true;
  }
  return types.includes(typeof value === 'string' ? 'string' : 'object');
}

/** An object of one of several shapes is taken for that which has the most of its options. */
function assertFields(
  path: string,
  value: Fields,
  all: readonly OptionShape[],
  given: Option,
  shapes: OptionShapes,
): void {
  const isGiven = (name: string) => value[name] !== undefined;
  const count = (shape: OptionShape) => Object.keys(shape).filter(isGiven).length;
  const most = Math.max(...all.map(count));
  const likely = all.filter((shape) => count(shape) === most);
  const options: OptionShape = Object.assign({}, ...likely);
  assertKnown(path, value, options, given, shapes);
  const missing = (shape: OptionShape) => requiredOf(shape).filter((name) => !isGiven(name));
  const [one, ...others] = likely;
  if (one !== undefined && others.length === 0) {
    for (const name of missing(one)) {
      invalidOption(fieldPath(path, name), 'is required', undefined, remedyFor(undefined, one[name] as Option, shapes));
    }
  } else if (likely.filter((shape) => missing(shape).length === 0).length !== 1) {
    const ways = likely.map((shape) => requiredOf(shape).join(' and '));
    invalidOption(path, `must have either ${ways.join(' or ')}`, Object.keys(value), 'choose one of these');
  }
  for (const [name, option] of Object.entries(options)) {
    if (isGiven(name)) {
      const own = likely.flatMap((shape) => (Object.hasOwn(shape, name) ? (shape[name]?.types ?? []) : []));
      assertValue(
        fieldPath(path, name),
        value[name],
        { ...option, types: own, ...(given.secret === 'itself' && { secret: given.secret }) },
        shapes,
      );
    }
  }
}

/** A class has more than its options. */
function assertKnown(path: string, value: Fields, options: OptionShape, given: Option, shapes: OptionShapes): void {
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return;
  }
  const names = Object.keys(options);
  const unknown = Object.keys(value).find((name) => value[name] !== undefined && !Object.hasOwn(options, name));
  if (unknown === undefined) {
    return;
  }
  const meant = suggestion(
    unknown,
    names.filter((name) => value[name] === undefined),
  );
  const isOfProxy = Object.hasOwn(shapes.EnvoyOptions ?? {}, unknown) && path !== '';
  const isForeign = names.every((name) => value[name] === undefined) && requiredOf(options).length > 0;
  if (isForeign && path !== '' && meant === '' && !isOfProxy) {
    refuseType(path, Object.keys(value), given, shapes);
  }
  const holdsSecret = given.secret ?? Object.values(options).some(({ secret }) => secret !== undefined);
  const got = holdsSecret ? withoutSecrets(value[unknown]) : value[unknown];
  const remedy = meant === '' && isOfProxy ? 'set it for the whole proxy' : `remove it${meant}`;
  invalidOption(fieldPath(path, unknown), 'is not an option', got, remedy);
}

/** The option that was probably meant: one of nearly this name, or one that ends with it, as `valuePrefix` with `prefix`. */
function suggestion(unknown: string, names: readonly string[]): string {
  const longer = names.filter((name) => unknown.length > 3 && name.toLowerCase().endsWith(unknown.toLowerCase()));
  const near = didYouMean(unknown, names);
  return near === '' && longer.length === 1 ? ` (did you mean '${longer[0]}'?)` : near;
}

function fieldPath(path: string, name: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) {
    return `${path}[${JSON.stringify(name)}]`;
  }
  return path === '' ? name : `${path}.${name}`;
}

/** A secret is a text, or in a list or an object. */
function withoutSecrets(value: unknown): unknown {
  return ['string', 'object', 'function'].includes(typeof value) && value !== null ? keysOf(value) : value;
}
