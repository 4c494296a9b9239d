import { isMap, isSeq } from 'yaml';
import type { Path } from '../../messages/path';
import { keyOf, type Node, type Values } from './value';

export interface Entry {
  /** Where it is in the text: its key, or itself where it has none. */
  readonly key: Node;
  readonly value: Node;
}

/** Finds what is at a path, or at as much of the path as is there. */
export function finder(root: Node, target: Values['target']): (path: Path) => Entry {
  const known = new Map<Node, ReadonlyMap<string | number, Entry>>();

  function entries(node: Node): ReadonlyMap<string | number, Entry> {
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
function entriesOf(node: Node, target: Values['target']): [string | number, Entry][] {
  if (isMap(node)) {
    return node.items.map((pair) => [keyOf(target(pair.key), pair), pair]);
  }
  return isSeq(node) ? node.items.map((item, index) => [index, { key: item, value: item }]) : [];
}
