import { camelCase, type Shape, variantsOf } from '../../messages/schema/descriptors';
import { otherVersion } from '../../messages/schema/envoy-minors';
import { nearest } from '../../options/suggest';
import type { Context } from './context';
import { findV2Field } from './v2-fields';
import type { Violation } from './violation-collector';

/** Why the innermost message has no field of this name, and what was meant, as far as that can be told. */
export function toUnknownField({ shapes, parents }: Context, key: string): Violation {
  const shape = parents[parents.length - 1];
  if (!shape) {
    return { rule: 'unknown-field', message: 'is not a field' };
  }
  const [, variants] =
    Object.entries(shape.message.fields).find(([name]) => name === key || camelCase(name) === key) ?? [];
  if (variants) {
    return { rule: 'version', message: otherVersion(shapes.model, shapes.at, variantsOf(variants)) };
  }
  if (/\p{Zs}/u.test(key.replaceAll(' ', ''))) {
    return {
      rule: 'unknown-field',
      message: 'has a no-break space in it, which YAML takes for a letter; write plain spaces',
    };
  }
  const old = findV2Field(shape.type, shape.name, key);
  if (old) {
    return {
      rule: 'unknown-field',
      message: `is a field of API v2, which Envoy does not read any more; ${old.remedy}`,
    };
  }
  if (shape.slots.length === 0) {
    return { rule: 'unknown-field', message: `is not a field of ${shape.name}, which has none` };
  }
  const near = nearest(
    key,
    shape.slots.map(({ name }) => name),
  );
  const hint = near === undefined ? suggestOtherMessage(parents, shapes.of, shape, key) : ` (did you mean '${near}'?)`;
  return { rule: 'unknown-field', message: `is not a field of ${shape.name}${hint}` };
}

/** The same name one message further down, or in one of those around: the wrong indentation. */
function suggestOtherMessage(
  parents: readonly Shape[],
  of: (type: string) => Shape | undefined,
  shape: Shape,
  key: string,
): string {
  const inner = shape.slots.find(
    ({ field, name }) => !field.map && name !== key && of(field.type)?.bySpelling.has(key),
  );
  if (inner) {
    return ` (did you mean '${key}' of its '${inner.name}'?)`;
  }
  const outer = parents
    .slice(0, -1)
    .reverse()
    .find((parent) => parent.bySpelling.has(key));
  return outer ? ` (${outer.name} further up has one)` : '';
}
