import { Document, Scalar, visit } from 'yaml';
import { plainValue } from './read-yaml/scalar';

/**
 * Text that Envoy's YAML reader, which is neither one of YAML 1.1 nor of 1.2, understands as meant: `on`, `off`, `yes`,
 * `no`, `0X1F` and the like are quoted, long lines are not folded, and nothing is abbreviated by anchors. Half of a
 * surrogate pair is written as an escape, which Envoy refuses.
 */
export function toYaml(value: object): string {
  const document = new Document(value, { version: '1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === 'string' && plainValue(node.value) !== node.value) {
        node.type = Scalar.QUOTE_DOUBLE;
      }
    },
  });
  return document.toString({ lineWidth: 0 });
}
