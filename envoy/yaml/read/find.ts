import { isMap, isSeq } from 'yaml';
import type { Path } from '../../messages/path';
import { type BuiltValues, keyOf, type YamlNode } from './value';

export interface Entry {
  /** Where it is in the text: its key, or itself where it has none. */
  readonly key: YamlNode;
  readonly value: YamlNode;
}

/** Finds what is at a path, or at as much of the path as is there. */
export function createFinder(root: YamlNode, target: BuiltValues['target']): (path: Path) => Entry {
  const known = new Map<YamlNode, ReadonlyMap<string | number, Entry>>();

  function entries(node: YamlNode): ReadonlyMap<string | number, Entry> {
    const found = known.get(node) ?? new Map(entriesOf(node, target));
    known.set(node, found);
    return found;
  }

  return (path) => {
    let found: Entry = { key: root, value: root };
    for (const part of path) {
      const entry = entries(target(found.value)).get(part);
      if (entry === undefined) {
        return found;
      }
      found = entry;
    }
    return found;
  };
}

/** Of the same key twice, the later one counts. */
function entriesOf(node: YamlNode, target: BuiltValues['target']): [string | number, Entry][] {
  if (isMap(node)) {
    return node.items.map((pair) => [keyOf(target(pair.key), pair), pair]);
  }
  return isSeq(node) ? node.items.map((item, index) => [index, { key: item, value: item }]) : [];
}
