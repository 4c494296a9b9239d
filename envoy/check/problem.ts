/** The way to something in a configuration: keys as they are written, and places in lists. */
export type Path = readonly (string | number)[];

/** Something in a configuration that Envoy would refuse, or that would not do what it says. */
export interface Problem {
  /** A `warning` is what Envoy takes, for now. */
  readonly severity: 'error' | 'warning';
  readonly path: Path;
  /** A short name of the rule, stable: `unknown-field`, `string.min_len`, `cluster-exists`. */
  readonly rule: string;
  /** What is wrong, what it was and the remedy, without the path. */
  readonly message: string;
}

/** A path as people write it: `static_resources.clusters[0].name`; a key that is no plain word in brackets: `["x-user"]`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') {
      return `${text}[${part}]`;
    }
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(part)) {
      return `${text}[${JSON.stringify(part)}]`;
    }
    return text === '' ? part : `${text}.${part}`;
  }, '');
}
