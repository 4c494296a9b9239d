import { isKind, type Option, type OptionShapes, type OptionType, requiredOf, shapeOf } from './option-shape';
import { RATE_FORM } from './rate';
import { didYouMean } from './suggest';
import { BYTES_FORM, DURATION_FORM, type TextForm } from './units';

const FORMS: Readonly<Record<string, TextForm | undefined>> = {
  Bytes: BYTES_FORM,
  Duration: DURATION_FORM,
  Rate: RATE_FORM,
};

const KINDS = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  function: 'a function',
  object: 'an object',
} as const;

/** So many options can be named in a message. */
const MOST_NAMES = 12;

/** What an option may be: `a number or false`. */
export function describeTypes(types: readonly OptionType[], shapes: OptionShapes): string {
  const words = types.filter((type) => isKind('literal', type) && typeof type.literal !== 'boolean');
  const flags = types.filter((type) => isKind('literal', type) && typeof type.literal === 'boolean');
  const others = types.filter((type) => !isKind('literal', type));
  const texts = [...new Set([...words, ...others, ...flags].map((type) => kindText(type, shapes)))];
  if (words.length === types.length && words.length > 1) {
    return `one of ${texts.join(', ')}`;
  }
  return [texts.slice(0, -1).join(', '), ...texts.slice(-1)].filter((text) => text !== '').join(' or ');
}

function kindText(type: OptionType, shapes: OptionShapes): string {
  if (typeof type === 'string') {
    return KINDS[type];
  }
  if (isKind('literal', type)) {
    return typeof type.literal === 'string' ? `'${type.literal}'` : String(type.literal);
  }
  if (isKind('text', type)) {
    return FORMS[type.text]?.description ?? KINDS.string;
  }
  if (isKind('list', type)) {
    return 'a list';
  }
  const required = isKind('fields', type) ? requiredOf(shapeOf(type.fields, shapes)) : [];
  return required.length > 0 ? `{ ${required.join(', ')} }` : KINDS.object;
}

/** What to write instead of a value of a wrong type. */
export function remedyFor(value: unknown, { types, example }: Option, shapes: OptionShapes): string {
  if (typeof value === 'string' && types.includes('number') && /^-?\d+(\.\d+)?$/.test(value)) {
    return `write ${Number(value)} without quotes`;
  }
  const words = types.flatMap((type) => (isKind('literal', type) ? [type.literal] : []));
  const texts = words.filter((word) => typeof word === 'string');
  if (typeof value === 'string' && texts.length > 0) {
    return `choose one of these${didYouMean(value, texts)}`;
  }
  if (example !== undefined) {
    return `write for example ${example}`;
  }
  if (words.length === types.length && types.length === 1) {
    return 'leave it out';
  }
  if (words.length === types.length) {
    return value === undefined ? `choose ${describeTypes(types, shapes)}` : 'choose one of these';
  }
  const [type, ...others] = types.filter((one) => !isKind('literal', one));
  if (type === undefined || others.length > 0) {
    return 'write one of these';
  }
  if (isKind('fields', type)) {
    const shape = shapeOf(type.fields, shapes);
    const names = Object.keys(shape);
    return names.length > MOST_NAMES
      ? `write an object with ${requiredOf(shape).join(', ') || 'options'}`
      : `its options are ${names.join(', ') || 'none'}`;
  }
  return (isKind('text', type) ? FORMS[type.text]?.remedy : undefined) ?? `write ${kindText(type, shapes)}`;
}
