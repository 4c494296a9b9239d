import { Document, Scalar, type ScalarTag, type Tags, visit } from 'yaml';
import { isReference } from '../options/terraform-tokens';
import { parsePlainScalar } from './read/scalar';

/** What stands for a text that holds references: something that becomes a JSON string, on one line. */
export type WriteReference = (text: string) => string;

/**
 * Text that Envoy's YAML reader, which is neither one of YAML 1.1 nor of 1.2, understands as meant: `on`, `off`, `yes`,
 * `no`, `0X1F` and the like are quoted, long lines are not folded, and nothing is abbreviated by anchors. Half of a
 * surrogate pair is written as an escape, which Envoy refuses.
 *
 * @param reference - writes the texts that hold references; without it they are texts like all others
 */
export function toYaml(value: object, reference?: WriteReference): string {
  const written = [
    ...(reference ? [createStringTag(isReference, reference)] : []),
    createStringTag(isFragile, escapeText),
  ];
  const customTags = (tags: Tags): Tags => [...written, ...tags];
  const document = new Document(value, { version: '1.1', aliasDuplicateObjects: false, customTags });
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === 'string' && parsePlainScalar(node.value) !== node.value) {
        node.type = Scalar.QUOTE_DOUBLE;
      }
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** Texts, keys too, that are written in a way of their own. */
function createStringTag(which: (text: string) => boolean, write: (text: string) => string): ScalarTag {
  return {
    tag: 'tag:yaml.org,2002:str',
    default: true,
    identify: (value) => typeof value === 'string' && which(value),
    resolve: (text) => text,
    stringify: (node) => write(String(node.value)),
  };
}

/** Texts that others change on their way: Terraform brings all text into Unicode's composed form (NFC). */
function isFragile(text: string): boolean {
  return text !== text.normalize('NFC');
}

/** In double quotes, and in ASCII alone. */
function escapeText(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
  });
}
