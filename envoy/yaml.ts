import { type Scalar, type ScalarTag, stringify, type Tags } from 'yaml';
import { isReference } from './references';

/** What stands for a text that holds references: something that becomes a JSON string, on one line. */
export type WriteReference = (text: string) => string;

/**
 * Text that Envoy's YAML 1.1 reader understands as meant: `on`, `off`, `yes`, `no` and the like are quoted (it would
 * take them for booleans), long lines are not folded, and nothing is abbreviated by anchors.
 *
 * @param reference - writes the texts that hold references; without it they are texts like all others
 */
export function toYaml(value: object, reference?: WriteReference): string {
  const written = [...(reference ? [writtenBy(isReference, reference)] : []), writtenBy(isFragile, escaped)];
  const customTags = (tags: Tags): Tags => [...written, ...tags];
  return stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false, customTags });
}

/** Texts, keys too, that are written in a way of their own. */
function writtenBy(which: (text: string) => boolean, write: (text: string) => string): ScalarTag {
  return {
    tag: 'tag:yaml.org,2002:str',
    default: true,
    identify: (value) => typeof value === 'string' && which(value),
    resolve: (text) => text,
    stringify: (node: Scalar) => write(String(node.value)),
  };
}

/** Texts that others change on their way: Terraform brings all text into Unicode's composed form (NFC). */
function isFragile(text: string): boolean {
  return text !== text.normalize('NFC');
}

/** In double quotes, and in ASCII alone. */
function escaped(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
  });
}
