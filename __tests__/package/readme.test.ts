import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { features } from '../../envoy/features/registry';
import { kebabCase } from '../../scripts/kebab-case';

const README = readFileSync(resolve(__dirname, '../../README.md'), 'utf8');

test.each(Object.keys(features))('%s has a row with its reference page, what it does and the default', (name) => {
  const begin = `| [\`${name}\`](docs/reference/features/${kebabCase(name)}.md) |`;
  const row = README.split('\n').find((line) => line.startsWith(begin));
  const [what, byDefault] = row?.slice(begin.length).split('|') ?? [];
  expect(what?.trim()).toMatch(/\w/);
  expect(byDefault?.trim()).toMatch(/^(on|off)\b/);
});
