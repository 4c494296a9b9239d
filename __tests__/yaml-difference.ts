import { structuredPatch } from 'diff';

const CONTEXT_LINES = 2;

/**
 * Returns the difference of two YAML documents as a reader wants it: the changed lines with two lines around them, under
 * the path of the first changed line. It has no line numbers, so a change of both documents leaves it as it was.
 */
export function yamlDifference(before: string, after: string): string {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: CONTEXT_LINES });
  const paths = { '-': linePaths(before), '+': linePaths(after) };
  return hunks
    .map(({ oldStart, newStart, lines }) => {
      const first = lines.findIndex((line) => !line.startsWith(' '));
      const [path] = lines[first]?.startsWith('+')
        ? [paths['+'][newStart - 1 + first]]
        : [paths['-'][oldStart - 1 + first]];
      return [`@@ ${path} @@`, ...lines, ''].join('\n');
    })
    .join('');
}

/** The path of the object or list that holds each line: `static_resources.listeners[0].filter_chains`. */
function linePaths(yaml: string): string[] {
  let open: { indent: number; name: string; items: number }[] = [];
  return yaml.split('\n').map((line) => {
    const indent = line.search(/\S|$/);
    const isItem = line.startsWith('- ', indent);
    open = open.filter((one) => one.indent < indent);
    const path = () => open.map(({ name, items }) => (items > 0 ? `${name}[${items - 1}]` : name)).join('.');
    const parent = open.at(-1);
    if (isItem && parent) {
      parent.items += 1;
    }
    const holder = path();
    const key = /^\s*(?:- )?("[^"]*"|[^\s:][^:]*):/.exec(line)?.[1];
    if (key) {
      open.push({ indent: isItem ? indent + 2 : indent, name: key, items: 0 });
    }
    return holder;
  });
}
