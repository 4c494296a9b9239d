/** The steps to a value in a configuration: keys of objects, and indexes of lists. */
export type Path = readonly (string | number)[];

/** A path as text: `static_resources.clusters[0].name`. A key that is not a plain word stands in brackets: `["x-user"]`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') {
      return `${text}[${step}]`;
    }
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(step)) {
      return `${text}[${JSON.stringify(step)}]`;
    }
    return text === '' ? step : `${text}.${step}`;
  }, '');
}
