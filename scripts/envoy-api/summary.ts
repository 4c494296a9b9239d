import type { Field, Known, Model } from '../../envoy/messages/schema/model';

/** What each minor has, and what it has changed: a line for each, to be read with the diff of the files. */
export function summary(model: Model): string[] {
  return model.versions.map((minor, i) => {
    const messages = Object.values(model.messages).filter((message) => has(message, i));
    const fields = Object.entries(model.messages).flatMap(([message, { fields, ...known }]) =>
      Object.entries(fields).map(([name, field]) => ({ name: `${message}.${name}`, known, variants: [field].flat() })),
    );
    const at = (place: number) =>
      new Map(fields.flatMap((field) => definition(field.known, field.variants, place, field.name)));
    const [before, now] = [at(i - 1), at(i)];
    const added = [...now.keys()].filter((name) => !before.has(name));
    const removed = [...before.keys()].filter((name) => !now.has(name));
    const changed = [...now].filter(([name, field]) => before.has(name) && before.get(name) !== field);
    const rules = [...now.values()].reduce((sum, { rules = {} }) => sum + Object.keys(rules).length, 0);
    const difference =
      i === 0 ? '' : `; fields: ${added.length} added, ${removed.length} removed, ${changed.length} changed`;
    return `${minor}: ${messages.length} messages, ${now.size} fields, ${rules} rules${difference}`;
  });
}

function has({ since = 0, until = Number.POSITIVE_INFINITY }: Known, place: number): boolean {
  return since <= place && place <= until;
}

function definition(message: Known, variants: readonly Field[], place: number, name: string): [string, Field][] {
  const found = has(message, place) ? variants.find((variant) => has(variant, place)) : undefined;
  return found ? [[name, found]] : [];
}
