import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { features } from '../../envoy/features';
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

test.each(Object.keys(features))('feature %s has a row with a live test', (name) => {
  const row = readFileSync(README, 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`| \`${name}\` |`) && line.includes('__tests__/live/'));
  const file = /\((__tests__\/live\/[a-z-]+\.test\.ts)\)/.exec(row ?? '')?.[1] ?? '';
  expect(file).not.toBe('');
  expect(existsSync(resolve(ROOT, file))).toBe(true);
});

test('every file that the README links to is there', () => {
  const links = [...readFileSync(README, 'utf8').matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1] ?? '');
  expect(links.length).toBeGreaterThan(10);
  expect(links.filter((link) => !existsSync(resolve(ROOT, link)))).toEqual([]);
});
