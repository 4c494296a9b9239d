import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { features } from '../../envoy/features/registry';
import { optionsTable } from '../../scripts/options-table';

const ROOT = resolve(__dirname, '../..');
const README = resolve(ROOT, 'README.md');
const BEGIN = '<!-- options: made of the docstrings by UPDATE_DOCS=1 npm run test:unit -->';
const END = '<!-- end of options -->';

test('the options table is that of the docstrings', () => {
  const readme = readFileSync(README, 'utf8');
  const [before, rest = ''] = readme.split(BEGIN);
  const [table, after] = rest.split(END);
  const expected = `\n\n${optionsTable()}\n\n`;
  if (process.env.UPDATE_DOCS === '1') {
    writeFileSync(README, `${before}${BEGIN}${expected}${END}${after}`);
  } else {
    expect(table).toBe(expected);
  }
});

const ENVOYS_PAGE = /\(https:\/\/www\.envoyproxy\.io\/docs\/envoy\/latest\/[^)]+\)/;
const LIVE_TEST = /\((__tests__\/live\/[a-z-]+\.test\.ts)\)/;

test.each(Object.keys(features))("%s has a row: what it does, the default, Envoy's page and a live test", (name) => {
  const lines = readFileSync(README, 'utf8').split('\n');
  const row = lines.find((line) => line.startsWith(`| \`${name}\` |`) && LIVE_TEST.test(line)) ?? '';
  const [what, byDefault, page = '', live = ''] = row.split('|').slice(2);
  expect(what?.trim()).toMatch(/\w/);
  expect(byDefault?.trim()).toMatch(/^(on|off)\b/);
  expect(page).toMatch(ENVOYS_PAGE);
  expect(existsSync(resolve(ROOT, LIVE_TEST.exec(live)?.[1] ?? 'no live test'))).toBe(true);
});

test.each(['README.md', 'SECURITY.md', 'docs/threat-model.md'])('every file that %s links to is there', (file) => {
  const text = readFileSync(resolve(ROOT, file), 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? '');
  expect(links).not.toEqual([]);
  expect(links.filter((link) => !existsSync(resolve(ROOT, dirname(file), link)))).toEqual([]);
});

test('every claim of the threat model about what is held has a test', () => {
  const text = readFileSync(resolve(ROOT, 'docs/threat-model.md'), 'utf8');
  const claims = text
    .split('| claim | test |')
    .slice(1)
    .flatMap((table) => table.split('\n\n')[0]?.match(/^\| .*$/gm) ?? []);
  const rows = claims.filter((row) => !row.startsWith('| ---'));
  expect(rows.length).toBeGreaterThan(15);
  expect(rows.filter((row) => !/\]\(\.\.\/__tests__\/[\w/-]+\.test\.ts\)/.test(row))).toEqual([]);
});
