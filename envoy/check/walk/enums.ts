import { own, type Shapes, shortName } from '../../messages/schema/descriptors';
import { otherVersion } from '../../messages/schema/envoy-minors';
import type { Enum, Rules } from '../../messages/schema/model';
import { didYouMean } from '../../options/suggest';
import type { Context } from './context';
import { toDeprecation } from './deprecation';
import { acceptLeniently, invalid, type Reading, readInteger } from './scalars';

/** Reads an enum by its name or number. The value is its number. */
export function readEnum(
  { shapes, collector, isAllowed, isValidated }: Context,
  type: string,
  enumeration: Enum,
  rules: Rules | undefined,
  value: unknown,
): Reading {
  const reading = readNameOrNumber(shapes, shortName(type), enumeration, value);
  if (reading.value === undefined) {
    return reading;
  }
  const name = findEnumName(shapes, enumeration, reading.value);
  if (name === undefined) {
    return rules?.defined_only && isValidated
      ? invalid('enum.defined_only', `is no number of ${shortName(type)}`, value)
      : reading;
  }
  const deprecated = enumeration.values[name]?.deprecated;
  if (deprecated) {
    // The first value is what stands there anyway, so Envoy can't tell whether it is set.
    const severity = reading.value === 0 ? 'warned' : deprecated;
    collector.add(toDeprecation(severity, `${type.slice(0, type.lastIndexOf('.'))}.${name}`, isAllowed));
  }
  return reading;
}

/** The name that a number has in this minor. */
export function findEnumName(shapes: Shapes, { values }: Enum, number: unknown): string | undefined {
  return Object.keys(values).find((name) => values[name]?.number === number && shapes.knows(values[name] ?? {}));
}

function readNameOrNumber(shapes: Shapes, name: string, { values }: Enum, value: unknown): Reading {
  if (typeof value === 'number') {
    return readInteger('int32', value);
  }
  const names = Object.keys(values).filter((key) => shapes.knows(values[key] ?? {}));
  const choice = names.length <= 8 ? `choose one of ${names.join(', ')}` : undefined;
  if (typeof value !== 'string') {
    return invalid('enum', `must be a value of ${name}`, value, choice);
  }
  const exact = own(values, value);
  if (exact) {
    return shapes.knows(exact)
      ? { value: exact.number }
      : { fault: { rule: 'version', message: `${value} ${otherVersion(shapes.model, shapes.at, [exact])}` } };
  }
  const other = names.find((key) => key.toLowerCase() === value.toLowerCase());
  if (other !== undefined) {
    return acceptLeniently(values[other]?.number ?? 0, 'should be in capital letters', value, `write ${other}`);
  }
  if (/^\s*[+-]?\d{1,9}\s*$/.test(value)) {
    const known = names.find((key) => values[key]?.number === Number(value));
    return acceptLeniently(Number(value), `should be a name of ${name}`, value, `write ${known ?? Number(value)}`);
  }
  return invalid('enum', `is not a value of ${name}${didYouMean(value, names)}`, value, choice);
}
