import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { features } from '../../envoy/features';

const kebabCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const files = Object.keys(features).map(kebabCase);

test('the order of the features is the order in which a request meets them', () => {
  expect(Object.keys(features)).toMatchInlineSnapshot(`
    [
      "accessLog",
      "adminView",
      "limits",
      "pathNormalization",
      "clientIp",
      "headers",
      "cors",
      "rateLimit",
      "jwt",
      "timeouts",
      "retries",
      "discovery",
      "healthCheck",
      "circuitBreaker",
      "outlierDetection",
      "loadBalancing",
      "upstreamTls",
    ]
  `);
});

test('every feature is one file, and every file one feature', () => {
  const present = readdirSync(join(__dirname, '../../envoy/features'));
  expect(present.sort()).toEqual(files.map((file) => `${file}.ts`).sort());
});

test.each(files)('%s has a test of its fragment and a live test', (file) => {
  expect(existsSync(join(__dirname, `${file}.test.ts`))).toBe(true);
  expect(existsSync(join(__dirname, `../live/${file}.test.ts`))).toBe(true);
});
