import * as fc from 'fast-check';
import { readYaml } from '../../envoy/yaml/read/read-yaml';
import { toYaml } from '../../envoy/yaml/write';
import { differences, plainScalars, texts } from '../read-yaml-cases';
import { metadataOf } from './metadata';

const HEAD = 'node:\n  id: a\n  cluster: b\n  metadata:\n';

/** Returns the metadata that `readYaml` reads from a text, or undefined if it rejects the text. */
function readWithReadYaml(text: string): unknown {
  const { value, problems } = readYaml(text);
  const isRejected = problems.some(({ severity }) => severity === 'error');
  return isRejected ? undefined : (value as { node: { metadata: unknown } }).node.metadata;
}

/** Returns the metadata that Envoy reads from a text, or undefined if it rejects the text. */
const readWithEnvoy = async (text: string) => {
  const answer = await metadataOf(text);
  return 'read' in answer ? answer.read : undefined;
};

test('readYaml reads every unquoted scalar as Envoy does', async () => {
  const text =
    HEAD +
    Object.keys(plainScalars)
      .map((scalar, index) => `    k${index}: ${scalar}\n`)
      .join('');
  const theirs = await readWithEnvoy(text);
  expect(readWithReadYaml(text)).toEqual(theirs);
  expect(Object.values(theirs as object).length).toBe(Object.keys(plainScalars).length);
});

test.each(texts)('readYaml reads or rejects as Envoy does: %j', async (body) => {
  const text = HEAD + body;
  expect(readWithReadYaml(text)).toEqual(await readWithEnvoy(text));
});

test.each(differences)('readYaml rejects, unlike Envoy: %j', async (body) => {
  const text = HEAD + body;
  expect(readWithReadYaml(text)).toBeUndefined();
  expect(await readWithEnvoy(text)).toBeDefined();
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
])('readYaml reads or rejects the document as Envoy does: %j', async (text) => {
  expect(readWithReadYaml(text)).toEqual(await readWithEnvoy(text));
});

test.each([97, 98])('readYaml has the same limit as Envoy for %i nested lists in three maps', async (depth) => {
  const text = `${HEAD}    a: ${'['.repeat(depth)}${']'.repeat(depth)}\n`;
  // The admin interface shows only half of the depth.
  expect([readWithReadYaml(text) === undefined, 'refused' in (await metadataOf(text))]).toEqual([
    depth > 97,
    depth > 97,
  ]);
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

test('Envoy reads texts that toYaml writes and that look like other YAML', async () => {
  const metadata = { list: words, map: Object.fromEntries(words.filter(isShort).map((word, index) => [word, index])) };
  expect(await readWithEnvoy(toYaml({ node: { id: 'a', cluster: 'b', metadata } }))).toEqual(metadata);
});

/** yaml-cpp rejects longer keys. */
const isShort = (word: string) => word.length < 1_000;

test('Envoy reads random texts that toYaml writes', async () => {
  const pieces = fc.constantFrom(...words.filter(isShort), ...'-?:,[]{}#&*!|>\'"%@` \n\t\r\\~ab01');
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 6 }).map((all) => all.join('')),
  );
  const list = fc.sample(text, { numRuns: 1_000, seed: 4 });
  const nested = list.slice(0, 200).map((one) => ({ [one.slice(0, 200)]: [{ a: one }] }));
  const metadata = { list, nested };
  expect(await readWithEnvoy(toYaml({ node: { id: 'a', cluster: 'b', metadata } }))).toEqual(metadata);
});

test('Envoy reads 32-bit integers that toYaml writes as numbers, and other numbers as text', async () => {
  const whole = [0, 1, -1, 10, 2 ** 31 - 1, -(2 ** 31)];
  const others = { '2147483648': 2 ** 31, '9007199254740991': 2 ** 53 - 1, '0.5': 0.5, '1e+21': 1e21, '1e-7': 1e-7 };
  const text = toYaml({ node: { id: 'a', cluster: 'b', metadata: { whole, others: Object.values(others) } } });
  expect(await readWithEnvoy(text)).toEqual({ whole, others: Object.keys(others) });
});

test('readYaml and Envoy reject half of a surrogate pair', async () => {
  const text = toYaml({ node: { id: 'a', cluster: 'b', metadata: { half: '\ud83d' } } });
  expect(readWithReadYaml(text)).toBeUndefined();
  expect(await metadataOf(text)).toEqual({ refused: expect.stringContaining('invalid unicode: 55357') });
});
