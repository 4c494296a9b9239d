import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { markdownFiles, readPage } from '../markdown-code';

const ROOT = resolve(__dirname, '../..');

const CODE = /^```.*?^```$|``.*?``|`[^`\n]*`/gms;

/** The targets of the links of a page, but for those to other sites. */
function linksOf(file: string): string[] {
  const text = readPage(file).replace(CODE, 'code');
  return [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map((match) => match[1] ?? '');
}

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(file: string): string[] {
  const text = readPage(file).replace(/^```.*?^```$/gms, '');
  return [...text.matchAll(/^#+ (.*)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replace(/[^\p{Letter}\p{Number}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function isDead(from: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? from : join(dirname(from), path);
  return !existsSync(join(ROOT, target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
}

test('the pages are found', () => {
  expect(markdownFiles).toEqual(
    expect.arrayContaining(['README.md', 'SECURITY.md', 'docs/operations/threat-model.md']),
  );
});

test.each(markdownFiles)('no link of %s is dead', (file) => {
  expect(linksOf(file).filter((link) => isDead(file, link))).toEqual([]);
});

test('every claim of the threat model about what is held has a test', () => {
  const text = readPage('docs/operations/threat-model.md');
  const tables = text.split('| claim | test |\n').slice(1);
  const rows = tables.flatMap((table) => (table.split('\n\n')[0] ?? '').split('\n').slice(1));
  expect(rows.length).toBeGreaterThan(15);
  expect(rows.filter((row) => !/\]\(\.\.\/\.\.\/__tests__\/[\w/-]+\.test\.ts\)/.test(row))).toEqual([]);
});
