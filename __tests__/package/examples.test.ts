import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import ts from 'typescript';
import { exampleFile, exampleNames, synthesizeExample } from '../synthesized-example';

/** The names of the examples that docs/guides/examples.md has a line for. */
const LINES = [
  ...readFileSync(resolve(__dirname, '../../docs/guides/examples.md'), 'utf8').matchAll(
    /^- \[(\w[\w-]*)\]\(\.\.\/\.\.\/examples\/\1\/main\.ts\): ./gm,
  ),
].map((match) => match[1] ?? '');

/** The lines that hold code, but for imports: neither empty ones nor comments. */
function statementLines(text: string): number {
  const source = ts.createSourceFile('main.ts', text, ts.ScriptTarget.Latest);
  const lines = new Set<number>();
  const visit = (node: ts.Node) => {
    if (ts.isImportDeclaration(node) || ts.isJSDoc(node)) {
      return;
    }
    if (node.getChildCount(source) === 0 && node.kind !== ts.SyntaxKind.EndOfFileToken) {
      const [first, last] = [node.getStart(source), node.end].map(
        (place) => source.getLineAndCharacterOfPosition(place).line,
      );
      for (let line = first ?? 0; line <= (last ?? 0); line += 1) {
        lines.add(line);
      }
    }
    for (const child of node.getChildren(source)) {
      visit(child);
    }
  };
  visit(source);
  return lines.size;
}

test('lines with code count, imports, comments and empty ones do not', () => {
  const text =
    "// one\nimport {\n  a,\n} from 'a';\n\n/**\n * two\n */\na(\n  1, // three\n  2,\n\n);\na(); a(`\n\n`);\n";
  expect(statementLines(text)).toBe(7);
});

test('there are examples', () => {
  expect(exampleNames).toContain('front-proxy');
});

describe.each(exampleNames)('%s', (name) => {
  test('is of sixteen lines at the most', () => {
    expect(statementLines(readFileSync(exampleFile(name), 'utf8'))).toBeLessThanOrEqual(16);
  });

  test('synthesizes sidecars and the APIs behind them, which publish no port, without a warning', () => {
    const { sidecars, containers, warnings } = synthesizeExample(name);
    expect(warnings).toEqual([]);
    expect(Object.keys(sidecars)).not.toEqual([]);
    const apis = containers.filter(({ role }) => role === 'api');
    expect(apis).not.toEqual([]);
    expect(apis.flatMap(({ ports }) => ports)).toEqual([]);
  });

  test('has a line in the page of the examples', () => {
    expect(LINES).toContain(name);
  });
});

test('each line of that page has an example', () => {
  expect(LINES.filter((name) => !exampleNames.includes(name))).toEqual([]);
});
