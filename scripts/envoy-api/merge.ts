import type { Enum, EnumValue, Field, Known, Message, Model } from '../../envoy/messages/schema/model';
import type { Minor } from './minor';

/** The first and the last minor of something, as places in the list of all. */
type Range = readonly [number, number];

/** One model of several minors, which come oldest first. */
export function mergeMinors(minors: Readonly<Record<string, Minor>>): Model {
  const all = Object.values(minors);
  const whole: Range = [0, all.length - 1];
  const messages = Object.fromEntries(
    sorted(all.map((minor) => minor.messages)).map(([name, each]): [string, Message] => {
      const range = rangeOf(name, each);
      const fields = inOrder(each.map((message) => message?.fields)).map(([field, defined]) => {
        const variants = variantsOf(defined, range);
        return [field, variants.length === 1 ? variants[0] : variants] as [string, Field | Field[]];
      });
      const required = new Set(each.flatMap((message) => message?.required ?? []));
      return [
        name,
        {
          ...known(range, whole),
          fields: Object.fromEntries(fields),
          ...(required.size > 0 && { required: [...required] }),
        },
      ];
    }),
  );
  const enums = Object.fromEntries(
    sorted(all.map((minor) => minor.enums)).map(([name, each]): [string, Enum] => {
      const range = rangeOf(name, each);
      const values = inOrder(each).map(([value, defined]): [string, EnumValue] => {
        const [first, ...more] = variantsOf(defined, range);
        if (!first || more.length > 0) {
          throw new Error(`the minors differ in ${name}.${value}, for which the model has no place`);
        }
        return [value, first];
      });
      return [name, { ...known(range, whole), values: Object.fromEntries(values) }];
    }),
  );
  const extensions = Object.fromEntries(
    sorted(all.map((minor) => minor.extensions)).map(([category, each]): [string, Record<string, Known>] => {
      const sets = each.map((types) => new Map([...(types ?? [])].map((type) => [type, {}])));
      const types = sorted(sets).map(([type, here]): [string, Known] => [type, known(rangeOf(type, here), whole)]);
      return [category, Object.fromEntries(types)];
    }),
  );
  const others = Object.fromEntries(
    sorted(all.map((minor) => new Map(minor.others.map((name) => [name, {}])))).map(([name, each]): [string, Known] => [
      name,
      known(rangeOf(name, each), whole),
    ]),
  );
  return { versions: Object.keys(minors), messages, enums, extensions, others };
}

type Maps<T> = readonly (ReadonlyMap<string, T> | undefined)[];

/** Each name with what the minors have by it. The order is the newest one's; what it has no more comes after. */
function inOrder<T>(maps: Maps<T>): [string, (T | undefined)[]][] {
  const names = new Set([...maps].reverse().flatMap((map) => [...(map?.keys() ?? [])]));
  return [...names].map((name) => [name, maps.map((map) => map?.get(name))]);
}

function sorted<T>(maps: Maps<T>): [string, (T | undefined)[]][] {
  return inOrder(maps).sort(([a], [b]) => (a < b ? -1 : 1));
}

function rangeOf(name: string, each: readonly unknown[]): Range {
  const first = each.findIndex((one) => one !== undefined);
  const last = first + each.filter((one) => one !== undefined).length - 1;
  if (each.slice(first, last + 1).includes(undefined)) {
    throw new Error(`${name} was gone and came back, for which the model has no place`);
  }
  return [first, last];
}

/** Says only what the thing that it is in does not say. */
function known([first, last]: Range, within: Range): Known {
  return { ...(first !== within[0] && { since: first }), ...(last !== within[1] && { until: last }) };
}

/** The definitions of a name with their ranges, those of neighbouring minors in one where they are the same. */
function variantsOf<T>(each: readonly (T | undefined)[], within: Range): (T & Known)[] {
  const variants: { definition: T; first: number; last: number }[] = [];
  each.forEach((definition, i) => {
    const before = variants.at(-1);
    if (definition !== undefined && before?.last === i - 1 && same(before.definition, definition)) {
      before.last = i;
    } else if (definition !== undefined) {
      variants.push({ definition, first: i, last: i });
    }
  });
  return variants.map(({ definition, first, last }) => ({ ...known([first, last], within), ...definition }));
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
