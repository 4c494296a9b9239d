import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { goldenNames, goldenYaml } from '../golden-configs';
import { yamlDifference } from '../yaml-difference';

const FOLDER = join(__dirname, '../golden');
/** The others are kept as their difference from `minimal`. */
const WHOLE = ['base', 'everything', 'minimal', 'no-features'];

const minimal = goldenYaml('minimal');

const fileOf = (name: string) => (WHOLE.includes(name) ? `${name}.yaml` : `${name}.diff`);

test.each(goldenNames)('the golden configuration %s is what its file says', (name) => {
  const file = join(FOLDER, fileOf(name));
  const text = WHOLE.includes(name) ? goldenYaml(name) : yamlDifference(minimal, goldenYaml(name));
  if (process.env.UPDATE_GOLDEN === '1') {
    writeFileSync(file, text);
  }
  expect(text).toBe(readFileSync(file, 'utf8'));
});

test('every golden file has its configuration', () => {
  expect(readdirSync(FOLDER).sort()).toEqual(goldenNames.map(fileOf).sort());
});
