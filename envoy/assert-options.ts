import { didYouMean } from './check/suggest';
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
import { isReference } from './references';
import { fail, keysOf } from './values';

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
    const got = option.secret === undefined || isLater ? value : withoutSecrets(value);
    const problem = `must be ${describeTypes(option.types, shapes)}`;
    fail(path === '' ? 'the options' : path, problem, got, remedyFor(value, option, shapes));
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
  { secret }: Option,
  shapes: OptionShapes,
): void {
  const isGiven = (name: string) => value[name] !== undefined;
  const given = (shape: OptionShape) => Object.keys(shape).filter(isGiven).length;
  const most = Math.max(...all.map(given));
  const likely = all.filter((shape) => given(shape) === most);
  const options: OptionShape = Object.assign({}, ...likely);
  assertKnown(path, value, options, secret, shapes);
  const missing = (shape: OptionShape) => requiredOf(shape).filter((name) => !isGiven(name));
  const [one, ...others] = likely;
  if (one !== undefined && others.length === 0) {
    for (const name of missing(one)) {
      fail(fieldPath(path, name), 'is required', undefined, remedyFor(undefined, one[name] as Option, shapes));
    }
  } else if (likely.filter((shape) => missing(shape).length === 0).length !== 1) {
    const ways = likely.map((shape) => requiredOf(shape).join(' and '));
    fail(path, `must have either ${ways.join(' or ')}`, Object.keys(value), 'choose one of these');
  }
  for (const [name, option] of Object.entries(options)) {
    if (isGiven(name)) {
      const own = likely.flatMap((shape) => (Object.hasOwn(shape, name) ? (shape[name]?.types ?? []) : []));
      assertValue(
        fieldPath(path, name),
        value[name],
        { ...option, types: own, ...(secret === 'itself' && { secret }) },
        shapes,
      );
    }
  }
}

/** A class has more than its options. */
function assertKnown(
  path: string,
  value: Fields,
  options: OptionShape,
  secret: Option['secret'],
  { EnvoyOptions: ofProxy = {} }: OptionShapes,
): void {
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return;
  }
  const unknown = Object.keys(value).find((name) => value[name] !== undefined && !Object.hasOwn(options, name));
  if (unknown !== undefined) {
    const holdsSecret = secret ?? Object.values(options).some((option) => option.secret !== undefined);
    const got = holdsSecret ? withoutSecrets(value[unknown]) : value[unknown];
    const meant = suggestion(
      unknown,
      Object.keys(options).filter((name) => value[name] === undefined),
    );
    const isOfProxy = Object.hasOwn(ofProxy, unknown) && path !== '' && meant === '';
    fail(
      fieldPath(path, unknown),
      'is not an option',
      got,
      isOfProxy ? 'set it for the whole proxy' : `remove it${meant}`,
    );
  }
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

/** No secret is a number or a flag. */
function withoutSecrets(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' || value === null ? value : keysOf(value);
}
