import { isMap, isSeq } from 'yaml';
import type { Path } from '../check/problem';
import { keyOf, type Node, type Values } from './value';

interface Entry {
  readonly key: Node;
  readonly value: Node;
}

/** Finds the node whose place is that of a path, or of as much of the path as is there. */
export function finder(root: Node, target: Values['target']): (path: Path) => Node {
  const known = new Map<Node, ReadonlyMap<string | number, Entry>>();

  function entries(node: Node): ReadonlyMap<string | number, Entry> {
    const found = known.get(node) ?? new Map(entriesOf(node, target));
    known.set(node, found);
    return found;
  }

  return (path) => {
    let place = root;
    let node = target(root);
    for (const part of path) {
      const entry = entries(node).get(part);
      if (entry === undefined) {
        return place;
      }
      place = entry.key;
      node = target(entry.value);
    }
    return place;
  };
}

/** An entry of a list has no key, so its place is its own. Of the same key twice, the later one counts. */
function entriesOf(node: Node, target: Values['target']): [string | number, Entry][] {
  if (isMap(node)) {
    return node.items.map((pair) => [keyOf(target(pair.key), pair), pair]);
  }
  return isSeq(node) ? node.items.map((item, index) => [index, { key: item, value: item }]) : [];
}
