import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { dependencyPicture } from '../../scripts/dependency-picture';

test('docs/architecture.md has the picture of the folders that the imports draw', () => {
  const path = resolve(__dirname, '../../docs/architecture.md');
  const text = readFileSync(path, 'utf8');
  const expected = text.replace(
    /<!-- dependencies -->[\s\S]*<!-- \/dependencies -->/,
    `<!-- dependencies -->\n\n${dependencyPicture()}\n\n<!-- /dependencies -->`,
  );
  if (process.env.UPDATE_DOCS === '1') {
    writeFileSync(path, expected);
  }
  expect(expected).toContain('flowchart');
  expect(readFileSync(path, 'utf8')).toBe(expected);
});
