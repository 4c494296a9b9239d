import * as fc from 'fast-check';
import { readYaml } from '../../envoy/yaml/read/read-yaml';
import { toYaml } from '../../envoy/yaml/write';
import { differences, plainScalars, texts } from '../read-yaml-cases';
import { metadataOf } from './metadata';

const HEAD = 'node:\n  id: a\n  cluster: b\n  metadata:\n';

/** What our reader makes of the same text, or undefined where it refuses it. */
function ours(text: string): unknown {
  const { value, problems } = readYaml(text);
  const isRefused = problems.some(({ severity }) => severity === 'error');
  return isRefused ? undefined : (value as { node: { metadata: unknown } }).node.metadata;
}

/** What Envoy makes of it, or undefined where it refuses it. */
const read = async (text: string) => {
  const answer = await metadataOf(text);
  return 'read' in answer ? answer.read : undefined;
};

test('reads every scalar without quotes as Envoy does', async () => {
  const text =
    HEAD +
    Object.keys(plainScalars)
      .map((scalar, index) => `    k${index}: ${scalar}\n`)
      .join('');
  const theirs = await read(text);
  expect(ours(text)).toEqual(theirs);
  expect(Object.values(theirs as object).length).toBe(Object.keys(plainScalars).length);
});

test.each(texts)('reads, or refuses, as Envoy does: %j', async (body) => {
  const text = HEAD + body;
  expect(ours(text)).toEqual(await read(text));
});

test.each(differences)('refuses what Envoy reads: %j', async (body) => {
  const text = HEAD + body;
  expect(ours(text)).toBeUndefined();
  expect(await read(text)).toBeDefined();
});

const NODE = `${HEAD}    a: on\n`;

test.each([
  NODE,
  `\ufeff${NODE}`,
  `--- # first\n${NODE}`,
  `${NODE}---\nnode: {id: b}\n`,
  `${NODE}---\n[\n`,
  `${NODE}...\nfoo: [\n`,
  `%YAML 1.1\n---\n${NODE}`,
  `%YAML 1.2\n---\n${NODE}`,
  `%YAML 1.3\n---\n${NODE}`,
  `%YAML 2.0\n---\n${NODE}`,
  `%YAML x\n---\n${NODE}`,
  `%YAML 1.1\n%YAML 1.1\n---\n${NODE}`,
  `%FOO x\n---\n${NODE}`,
  `%TAG !e! tag:e,2000:\n---\n${NODE}    b: !e!x 1\n`,
  `---\n---\n${NODE}`,
  '--- {node: {id: a, cluster: b, metadata: {a: on}}}\n',
  '{\n\t"node": {\n\t\t"id": "a", "cluster": "b",\n\t"metadata":{"a":1, "b": 1.5}}}',
  '',
  '# nothing\n',
  '- 1\n',
  'on\n',
])('reads, or refuses, this document as Envoy does: %j', async (text) => {
  expect(ours(text)).toEqual(await read(text));
});

test.each([97, 98])('takes as many lists inside of each other as Envoy: %i, and three maps', async (depth) => {
  const text = `${HEAD}    a: ${'['.repeat(depth)}${']'.repeat(depth)}\n`;
  // What the admin interface shows of them ends halfway down.
  expect([ours(text) === undefined, 'refused' in (await metadataOf(text))]).toEqual([depth > 97, depth > 97]);
});

const words = [
  ...Object.keys(plainScalars),
  ...[
    '- ',
    '? ',
    ': ',
    '#',
    ' #',
    '%',
    '@',
    '`',
    '---',
    '...',
    '--- a',
    '... b',
    '|',
    '>',
    '|-',
    '!',
    '!!str',
    '&a',
    '*a',
    '*',
    '&',
  ],
  ...[
    '',
    ' ',
    '  a',
    'a  ',
    '\n',
    '\n\n',
    'a\n',
    'a\n\n',
    '\na',
    ' \na',
    'a\n ',
    '\ta',
    'a\t',
    'a\tb',
    '\t\n',
    'a\r\nb',
    '\r',
    'a\rb',
    'a \n b',
  ],
  ...['a: b', 'a #b', 'a:', ':a', '[a', '{a', ']', '}', ',', 'a, b', '"', "'", '\\', '\\n', "it's", '"a" b', "'a' b"],
  ...[
    '\u0001',
    '\u0000',
    '\u0007\u0008\u000b\u000c\u000e\u001b\u001f',
    '\u007f',
    '\u0080',
    '\u0085',
    'a\u0085b',
    '\u00a0',
    ' \u00a0 ',
    '\u00ad',
  ],
  ...[
    '\u2028',
    '\u2029',
    'a\u2028b\n',
    '\ufeff',
    'a\ufeffb',
    '\ufffd',
    '\uffff',
    '\u{1f600}',
    '\u{10ffff}',
    'é'.repeat(3000),
    'word '.repeat(5000),
  ],
  ...[
    '${a}',
    '%{if}',
    '$${',
    '%REQ(:PATH)%',
    '<<',
    '=',
    'a\u0085b\n',
    'a\u0001b\n',
    ' a\n  b\n',
    '\n a\n',
    '#a\n',
    '---\na\n',
    'a\n---\n',
    'a\n...\n',
  ],
  'local x = "on" -- \\n `\n\tif x then\n    y = 1\n  end\n\n'.repeat(4000),
];

test('Envoy reads what toYaml writes: text that looks like something else', async () => {
  const metadata = { list: words, map: Object.fromEntries(words.filter(isShort).map((word, index) => [word, index])) };
  expect(await read(toYaml({ node: { id: 'a', cluster: 'b', metadata } }))).toEqual(metadata);
});

/** yaml-cpp refuses longer keys. */
const isShort = (word: string) => word.length < 1_000;

test('Envoy reads what toYaml writes: text of anything', async () => {
  const pieces = fc.constantFrom(...words.filter(isShort), ...'-?:,[]{}#&*!|>\'"%@` \n\t\r\\~ab01');
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 6 }).map((all) => all.join('')),
  );
  const list = fc.sample(text, { numRuns: 1_000, seed: 4 });
  const nested = list.slice(0, 200).map((one) => ({ [one.slice(0, 200)]: [{ a: one }] }));
  const metadata = { list, nested };
  expect(await read(toYaml({ node: { id: 'a', cluster: 'b', metadata } }))).toEqual(metadata);
});

test('Envoy reads what toYaml writes: whole numbers of 32 bits as numbers, all others as text', async () => {
  const whole = [0, 1, -1, 10, 2 ** 31 - 1, -(2 ** 31)];
  const others = { '2147483648': 2 ** 31, '9007199254740991': 2 ** 53 - 1, '0.5': 0.5, '1e+21': 1e21, '1e-7': 1e-7 };
  const text = toYaml({ node: { id: 'a', cluster: 'b', metadata: { whole, others: Object.values(others) } } });
  expect(await read(text)).toEqual({ whole, others: Object.keys(others) });
});

test('half of a surrogate pair is no text, and Envoy refuses it', async () => {
  const text = toYaml({ node: { id: 'a', cluster: 'b', metadata: { half: '\ud83d' } } });
  expect(ours(text)).toBeUndefined();
  expect(await metadataOf(text)).toEqual({ refused: expect.stringContaining('invalid unicode: 55357') });
});
