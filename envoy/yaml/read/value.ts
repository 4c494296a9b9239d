import { isAlias, isMap, isScalar, isSeq, type Pair, type ParsedNode, Scalar, type YAMLMap } from 'yaml';
import { MAX_DEPTH, nestedTooDeeply, ReadError } from './refusal';
import { isNullText, parsePlainScalar } from './scalar';
import { assertNoTabAfter } from './tabs';

/** Bounds what aliases of aliases grow to. */
const MAX_VALUES = 2_000_000;

export type YamlNode = ParsedNode | null | undefined;

interface BuiltValue {
  readonly node: YamlNode;
  readonly value: unknown;
  /** The values in it, with those behind aliases. */
  readonly size: number;
  /** How many maps and lists are inside of each other in it. */
  readonly depth: number;
}

export interface BuiltValues {
  readonly value: unknown;
  /** What an alias stands for; any other node stands for itself. */
  readonly target: (node: YamlNode) => YamlNode;
}

/** What Envoy makes of what a document has. */
export function buildValues(
  root: YamlNode,
  text: string,
  report: (offset: number, rule: string, message: string) => void,
): BuiltValues {
  // An alias stands for the anchor of its name that was last before it. One that is not complete has no value yet.
  const anchors = new Map<string, BuiltValue | undefined>();
  const targets = new Map<YamlNode, YamlNode>();
  let size = 0;
  // Maps and lists in braces and brackets around what is read.
  let flows = 0;

  function build(node: YamlNode, outside: number): BuiltValue {
    if (isAlias(node)) {
      return alias(node, node.source, outside);
    }
    const anchor = node?.anchor;
    if (anchor !== undefined) {
      anchors.set(anchor, undefined);
    }
    const before = size;
    count(node, 1);
    const { value, depth } = content(node, outside);
    const built = { node, value, depth, size: size - before };
    if (anchor !== undefined) {
      anchors.set(anchor, built);
    }
    return built;
  }

  function alias(node: YamlNode, name: string, outside: number): BuiltValue {
    const built = anchors.get(name);
    if (built === undefined) {
      const wrong = anchors.has(name)
        ? 'refers to something that it is part of'
        : 'refers to an anchor that is not before it';
      throw new ReadError(offsetOf(node), 'alias', `*${name} ${wrong}`);
    }
    if (outside + built.depth > MAX_DEPTH) {
      throw nestedTooDeeply(offsetOf(node));
    }
    targets.set(node, built.node);
    count(node, built.size);
    return built;
  }

  function count(node: YamlNode, more: number): void {
    size += more;
    if (size > MAX_VALUES) {
      throw new ReadError(
        offsetOf(node),
        'size',
        `has more than ${MAX_VALUES} values with those of its aliases, which is too much to check`,
      );
    }
  }

  function content(node: YamlNode, outside: number): { value: unknown; depth: number } {
    if (isScalar(node)) {
      if (flows === 0 && isPlain(node)) {
        assertNoTabAfter(text, node.range);
      }
      return { value: scalarValue(node), depth: 0 };
    }
    if (!isMap(node) && !isSeq(node)) {
      return { value: null, depth: 0 };
    }
    if (outside + 1 > MAX_DEPTH) {
      throw nestedTooDeeply(offsetOf(node));
    }
    flows += node.flow ? 1 : 0;
    const built = isMap(node) ? map(node, outside + 1) : list(node.items, outside + 1);
    flows -= node.flow ? 1 : 0;
    return built;
  }

  function list(items: readonly YamlNode[], outside: number) {
    const all = items.map((item) => build(item, outside));
    return { value: all.map(({ value }) => value), depth: deepest(all) };
  }

  function map(node: YAMLMap.Parsed, outside: number) {
    const value: Record<string, unknown> = {};
    const all = node.items.map((pair) => {
      const key = keyOf(build(pair.key, outside).node, pair);
      if (Object.hasOwn(value, key)) {
        report(
          offsetOf(pair.key),
          'duplicate-key',
          `the key ${JSON.stringify(key)} is here a second time: Envoy takes this value and forgets the one before; keep one`,
        );
      }
      const built = build(pair.value, outside);
      // `__proto__` too is a key as any other.
      Object.defineProperty(value, key, { value: built.value, enumerable: true, writable: true, configurable: true });
      return built;
    });
    return { value, depth: deepest(all) };
  }

  const { value } = build(root, 0);
  return { value, target: (node) => targets.get(node) ?? node };
}

const deepest = (all: readonly BuiltValue[]) => 1 + all.reduce((most, { depth }) => Math.max(most, depth), 0);

export const offsetOf = (node: YamlNode) => node?.range?.[0] ?? 0;

/** The text of a key, which for Envoy is never anything but text. */
export function keyOf(node: YamlNode, pair: Pair<ParsedNode, YamlNode>): string {
  if (!isScalar(node)) {
    throw new ReadError(offsetOf(pair.key), 'key', 'a key must be text, got a map or a list');
  }
  const text = node.source ?? '';
  return isNull(node, text) ? 'null' : text;
}

function isNull(node: Scalar, text: string): boolean {
  return isPlain(node) && node.tag === undefined && isNullText(text);
}

export function isPlain(node: YamlNode | Scalar): boolean {
  return isScalar(node) && (node.type === undefined || node.type === Scalar.PLAIN);
}

function scalarValue(node: Scalar): unknown {
  const source = node.source ?? '';
  if (isNull(node, source)) {
    return null;
  }
  // With a tag, whichever, also quoted text is read as if it had no quotes; `!` alone is the tag of quoted text.
  const asPlain = node.tag === undefined ? isPlain(node) : node.tag !== '!';
  return asPlain ? parsePlainScalar(source) : source;
}
