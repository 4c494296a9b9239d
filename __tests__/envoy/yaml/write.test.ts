import * as fc from 'fast-check';
import { parse } from 'yaml';
import { toYaml } from '../../../envoy/yaml/write';

/** What a YAML 1.1 reader, as Envoy's is one, makes of it. */
function readBack(value: object): unknown {
  return parse(toYaml(value), { version: '1.1' });
}

const words = ['on', 'off', 'yes', 'no', 'y', 'n', 'On', 'OFF', 'Yes', 'NO', 'true', 'False', 'null', '~', ''];
const numbers = ['1e3', '0x1f', '017', '1_000', '12:30:45', '-5', '+5', '0b11', '.5', '.inf', '8080'];
const signs = [
  '2001-12-14',
  '=',
  '<<',
  '- a',
  'a: b',
  'a #b',
  '*a',
  '&a',
  '!a',
  '%a',
  '@a',
  '"',
  "'",
  ' a',
  'a ',
  '{}',
];

test.each([...words, ...numbers, ...signs])('the text %j stays a text', (text) => {
  expect(readBack({ value: text, list: [text] })).toEqual({ value: text, list: [text] });
});

test.each([...words, ...numbers])(
  'the text %j is quoted as a value, which needs no knowledge of any schema',
  (text) => {
    expect(toYaml({ value: text })).toBe(`value: ${JSON.stringify(text)}\n`);
  },
);

test.each(['on', 'yes', '0x1f', '1e3'])('the text %j stays a key', (text) => {
  expect(readBack({ [text]: 1 })).toEqual({ [text]: 1 });
});

test('a long line is not folded', () => {
  const long = 'word '.repeat(200).trim();
  expect(toYaml({ value: long })).toBe(`value: ${long}\n`);
});

test('lines keep their ends', () => {
  const text = 'one\n  two\n\nthree  \n';
  expect(readBack({ value: text })).toEqual({ value: text });
});

test('the same object twice is written twice, without an anchor', () => {
  const shared = { a: 1 };
  expect(toYaml({ first: shared, second: shared })).toBe('first:\n  a: 1\nsecond:\n  a: 1\n');
});

test('keys stay in their order', () => {
  expect(toYaml({ b: 1, a: [{ d: true, c: null }] })).toBe('b: 1\na:\n  - d: true\n    c: null\n');
});

test('whatever can be written as JSON is read back the same', () => {
  const json = fc.json({ stringUnit: 'binary' }).filter((text) => !text.includes('__proto__'));
  fc.assert(
    fc.property(json, (text) => expect(readBack({ value: JSON.parse(text) })).toEqual({ value: JSON.parse(text) })),
    { numRuns: 300, seed: 1 },
  );
});

test('text that is not in composed form is written so that nobody composes it on its way', () => {
  const text = 'e\u0301 "\u{1f600}" \u1100\u1161\n';
  const yaml = toYaml({ [text]: text });
  const written = '"e\\u0301 \\"\\U0001f600\\" \\u1100\\u1161\\n"';
  expect(yaml).toBe(`${written}: ${written}\n`);
  expect(parse(yaml, { version: '1.1' })).toEqual({ [text]: text });
});

test('a reference is written as it is told, as a value, in a list and as a key', () => {
  const reference = 'a ${TfToken[TOKEN.1]}';
  const yaml = toYaml({ value: reference, [reference]: [reference, 'on'] }, (text) => JSON.stringify(text.length));
  expect(yaml).toBe('value: 21\n21:\n  - 21\n  - "on"\n');
});
