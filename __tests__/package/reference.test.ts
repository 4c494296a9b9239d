import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { features } from '../../envoy/features/registry';
import { kebabCase } from '../../scripts/kebab-case';
import { HEAD, optionsReference, testsOf } from '../../scripts/options-reference';
import { markdownFiles, readPage } from '../markdown-code';

const FOLDER = resolve(__dirname, '../../docs/reference');
const pages = optionsReference();

/** The pages of the folder that this script wrote. */
function writtenPages(): string[] {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'));
  return files.filter((file) => readFileSync(join(FOLDER, file), 'utf8').startsWith(HEAD));
}

beforeAll(() => {
  if (process.env.UPDATE_DOCS === '1') {
    for (const file of writtenPages()) {
      rmSync(join(FOLDER, file));
    }
    for (const [file, text] of Object.entries(pages)) {
      mkdirSync(dirname(join(FOLDER, file)), { recursive: true });
      writeFileSync(join(FOLDER, file), text);
    }
  }
});

test.each(Object.entries(pages))('docs/reference/%s has the docstrings of today', (file, text) => {
  const path = join(FOLDER, file);
  expect(existsSync(path) ? readFileSync(path, 'utf8') : 'no such file').toBe(text);
});

test('docs/reference has no page of an option that is gone', () => {
  expect(writtenPages().sort()).toEqual(Object.keys(pages).sort());
});

describe.each(Object.keys(features))('the feature %s', (name) => {
  test("names Envoy's page in its docstrings", () => {
    expect(pages[`features/${kebabCase(name)}.md`]).toContain("- Envoy's page: [");
  });

  test('has a test of its fragment and a test in the real Envoy', () => {
    const tests = testsOf(name);
    expect(tests).toContainEqual(expect.stringMatching(/^live\//));
    expect(tests).toContainEqual(expect.stringMatching(/^envoy\/features\//));
  });
});

/** A file, and a property of `GlobalRateLimit`. */
const NO_OPTIONS = ['cors.ts', 'limits.options'];

test.each(markdownFiles.filter((file) => file !== 'CHANGELOG.md'))('%s names options that exist', (file) => {
  const named = [...readPage(file).matchAll(/`(\w+)\.(\w+)(?=[`:. ])/g)].map(([, feature = '', option = '']) => ({
    feature,
    option,
  }));
  const unknown = named
    .filter(({ feature, option }) => Object.hasOwn(features, feature) && !NO_OPTIONS.includes(`${feature}.${option}`))
    .filter(({ feature, option }) => !pages[`features/${kebabCase(feature)}.md`]?.includes(`### \`${option}\`\n`));
  expect(unknown).toEqual([]);
});
