import { isMap } from 'yaml';
import type { Path } from '../../messages/path';
import { parseFirstDocument } from './document';
import type { Format } from './escapes';
import { createFinder } from './find';
import { parseJson } from './json';
import { createPositionFinder, type Position } from './position';
import { ReadError } from './refusal';
import { buildValues, isPlain, offsetOf, type YamlNode } from './value';

/** Text that Envoy's reader rejects, or leaves out without a message. */
export interface ReadProblem extends Position {
  readonly severity: 'error' | 'warning';
  /** The stable name of the rule: `escape`, `duplicate-key`. */
  readonly rule: string;
  /** What is wrong, and the remedy. */
  readonly message: string;
}

export interface ReadYaml {
  /** Maps, lists, text, numbers, booleans and null, as Envoy sees them; not defined where an error made it impossible. */
  readonly value: unknown;
  /** In the order of the text. */
  readonly problems: readonly ReadProblem[];
  /** Where something is: the key of a field, the beginning of what a list has. Of what is missing, that in which it would be. */
  readonly position: (path: Path) => Position;
  /** Whether something is text without quotes: Envoy reads `1.5` as text, but who wrote it meant a number. */
  readonly isPlain: (path: Path) => boolean;
}

/**
 * Reads YAML as Envoy does, whose reader is neither one of YAML 1.1 nor of 1.2: `on` is true, `017` is 15, `1e3` and `1.5`
 * are text, tags mean nothing, `<<` is a key, and only the first document counts. Takes bounded time and memory, whatever
 * the text is.
 *
 * @param format `json` for a file whose name ends in `.json`, which Envoy reads as JSON and not as YAML
 */
export function readYaml(text: string, format: Format = 'yaml'): ReadYaml {
  const at = createPositionFinder(text);
  const problems: ReadProblem[] = [];
  const report = (offset: number, rule: string, message: string, severity: ReadProblem['severity'] = 'error') => {
    problems.push({ severity, ...at(offset), rule, message });
  };
  try {
    assertNoNul(text);
    const json = format === 'json' ? parseJson(text) : undefined;
    const { document, next } = parseFirstDocument(text, format);
    const root: YamlNode = document.contents;
    const { value, target } = buildValues(root, text, report);
    if (!isMap(target(root))) {
      throw new ReadError(
        offsetOf(root),
        'map',
        `must be a map, as Envoy's Bootstrap is one, got ${describeRoot(value)}`,
      );
    }
    if (next !== undefined) {
      report(next, 'document', 'Envoy reads only the first document, and nothing from here on', 'warning');
    }
    const find = createFinder(root, target);
    return {
      value: json ?? value,
      problems,
      position: (path) => at(offsetOf(find(path).key)),
      isPlain: (path) => isPlain(target(find(path).value)),
    };
  } catch (error) {
    if (!(error instanceof ReadError)) {
      throw error;
    }
    report(error.offset, error.rule, error.message);
    return { value: undefined, problems, position: () => at(0), isPlain: () => false };
  }
}

function assertNoNul(text: string): void {
  const offset = text.indexOf('\0');
  if (offset >= 0) {
    throw new ReadError(offset, 'character', 'holds a NUL character, so it is no text');
  }
}

function describeRoot(value: unknown): string {
  if (value === null) {
    return 'nothing';
  }
  if (Array.isArray(value)) {
    return 'a list';
  }
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
