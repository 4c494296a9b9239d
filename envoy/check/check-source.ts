import { type Path, pathText } from '../messages/path';
import type { EnvoyVersion } from '../messages/schema/envoy-minors';
import { readYaml } from '../yaml/read/read-yaml';
import { check } from './check';
import type { Problem } from './problem';

/** A problem with its place in the text; the path of what can't be read is empty. */
export interface SourceProblem extends Omit<Problem, 'path'> {
  readonly line: number;
  readonly column: number;
  readonly path: string;
}

export interface CheckedSource {
  /** The configuration as Envoy reads it; not defined where it can't be read. */
  readonly value: unknown;
  readonly problems: readonly SourceProblem[];
  /** Whether the text could be read; without it, its meaning is unknown. */
  readonly isReadable: boolean;
}

/** Reads a configuration as Envoy does, and checks what it says. */
export function checkSource(text: string, format: 'yaml' | 'json', version: EnvoyVersion): CheckedSource {
  const { value, problems: unread, position, isPlain } = readYaml(text, format);
  const isReadable = value !== undefined;
  const found = isReadable ? check(value, { version }) : [];
  // To Envoy a fraction without quotes is text too, but it is already written as the check would have it.
  const meant = found.filter(({ rule, path }) => rule !== 'lenient.string' || !isPlain(path));
  const at = (path: Path) => ({ ...position(path), path: pathText(path) });
  return {
    value,
    isReadable,
    problems: [
      ...meant.map(({ severity, path, rule, message }) => ({ severity, ...at(path), rule, message })),
      ...unread.map(({ severity, line, column, rule, message }) => ({
        severity,
        line,
        column,
        path: '',
        rule,
        message,
      })),
    ],
  };
}

/** A file whose name ends so is JSON to Envoy, and any other YAML. */
export function sourceFormat(file: string): 'yaml' | 'json' {
  return file.endsWith('.json') ? 'json' : 'yaml';
}
