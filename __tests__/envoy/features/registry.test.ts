import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { features } from '../../../envoy/features/registry';
import { kebabCase } from '../../../scripts/kebab-case';

const files = Object.keys(features).map(kebabCase);

/** What has to see a request before what, and why. */
test.each<[keyof typeof features, keyof typeof features]>([
  ['cors', 'rateLimit'], // the pages of an allowed site can read that they were too fast
  ['cors', 'jwt'], // preflights carry no credentials
  ['cors', 'apiKeys'],
  ['rateLimit', 'apiKeys'], // guessing is counted
  ['rateLimit', 'basicAuth'],
  ['rateLimit', 'jwt'],
  ['apiKeys', 'authorization'], // rules ask who the client is
  ['basicAuth', 'authorization'],
  ['jwt', 'authorization'],
  ['authorization', 'identityRateLimit'], // what is refused costs nobody a request
  ['identityRateLimit', 'globalRateLimit'], // what one Envoy refuses by itself is not asked for
  ['globalRateLimit', 'admissionControl'], // it judges what the API answers
  ['globalRateLimit', 'bodyLimit'], // no memory for those who are refused anyway
  ['admissionControl', 'bodyLimit'],
  ['bodyLimit', 'localReplies'], // what a filter says of its own answers counts first
  ['jwt', 'localReplies'],
])('%s sees a request before %s', (first, second) => {
  const order = Object.keys(features);
  expect(order.indexOf(first)).toBeLessThan(order.indexOf(second));
});

test('each feature has a file or a folder, and nothing else lies beside them', () => {
  const present = readdirSync(join(__dirname, '../../../envoy/features')).map((name) => name.replace(/\.ts$/, ''));
  expect(present.sort()).toEqual([...files, 'feature', 'registry', 'shared'].sort());
});

test.each(files)('%s has a test of its fragment and a live test', (file) => {
  expect(existsSync(join(__dirname, `${file}.test.ts`))).toBe(true);
  expect(existsSync(join(__dirname, `../../live/${file}.test.ts`))).toBe(true);
});
