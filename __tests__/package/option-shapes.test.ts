import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { optionShapes } from '../../scripts/option-shapes';

test.each(Object.entries(optionShapes()))('%s has the options that the types have', (file, text) => {
  const path = resolve(__dirname, '../..', file);
  if (process.env.UPDATE_DOCS === '1') {
    writeFileSync(path, text);
  }
  expect(readFileSync(path, 'utf8')).toBe(text);
});
