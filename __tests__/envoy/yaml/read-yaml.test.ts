import { readYaml } from '../../../envoy/yaml/read/read-yaml';
import { plainScalars } from '../../read-yaml-cases';

const read = (text: string) => readYaml(text).value;
const problemsOf = (text: string, format?: 'json') =>
  readYaml(text, format).problems.map(({ severity, line, column, rule, message }) =>
    [`${line}:${column}`, severity, message, `(${rule})`].join(' '),
  );

test.each(Object.entries(plainScalars))('%s without quotes is what Envoy was seen to make of it', (text, value) => {
  expect(read(`a: ${text}`)).toEqual({ a: value });
});

test.each(['on', '1', '~', '0x1f', ''])('%j in quotes stays text', (text) => {
  expect(read(`{a: "${text}", b: '${text}'}`)).toEqual({ a: text, b: text });
});

test('a tag takes the quotes off, and only `!` puts them on', () => {
  expect(read('{a: !!str on, b: !x "1", c: ! 12, d: !!null x, e: !!str ~, f: !!binary aGk=}')).toEqual({
    a: true,
    b: 1,
    c: '12',
    d: 'x',
    e: '~',
    f: 'aGk=',
  });
});

test('keys are text, null is one too, and `<<` is a key as any other', () => {
  expect(read('1: a\non: b\n~: c\n<<: {x: 1}\n0x1f: d\n')).toEqual({
    '1': 'a',
    on: 'b',
    null: 'c',
    '<<': { x: 1 },
    '0x1f': 'd',
  });
});

test('an alias is the last anchor of its name before it', () => {
  expect(read('a: &x 017\nb: *x\nc: &x {d: [on]}\ne: [*x, *x]\n&y f: 1\ng: *y\n')).toEqual({
    a: 15,
    b: 15,
    c: { d: [true] },
    e: [{ d: [true] }, { d: [true] }],
    f: 1,
    g: 'f',
  });
});

test('`__proto__`, `constructor` and `toString` are keys of the object itself, and change no other', () => {
  const value = read('__proto__: {polluted: 1}\nconstructor: 1\ntoString: 2\n') as object;
  expect(Object.entries(value)).toEqual([
    ['__proto__', { polluted: 1 }],
    ['constructor', 1],
    ['toString', 2],
  ]);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect('polluted' in {}).toBe(false);
});

test('JSON has numbers of its own, and pairs of surrogates', () => {
  const text = '{"a": 1.5, "b": 1e3, "c": "on", "d": 9007199254740991, "e": "\\ud83d\\ude00", "__proto__": {}}';
  expect(readYaml(text, 'json')).toMatchObject({ value: JSON.parse(text), problems: [] });
});

test.each([
  ['', ["1:1 error must be a map, as Envoy's Bootstrap is one, got nothing (map)"]],
  ['# nothing\n', ["1:1 error must be a map, as Envoy's Bootstrap is one, got nothing (map)"]],
  ['- a\n', ["1:1 error must be a map, as Envoy's Bootstrap is one, got a list (map)"]],
  ['\n  on\n', ["2:3 error must be a map, as Envoy's Bootstrap is one, got true (map)"]],
  ['x'.repeat(100), [`1:1 error must be a map, as Envoy's Bootstrap is one, got "${'x'.repeat(59)}… (map)`]],
  ['a: b: c\n', ['1:4 error is not YAML: nested mappings are not allowed in compact mappings (yaml)']],
  [
    'a: {b: [1}\n',
    ['1:10 error is not YAML: flow sequence in block collection must be sufficiently indented and end with a ] (yaml)'],
  ],
  ['a: [1]]\n', ['1:7 error is not YAML: unexpected flow-seq-end token in YAML stream: "]" (yaml)']],
  [
    'a:\n\tb: 1\n',
    ['2:1 error is not YAML: a tab in the indentation, which YAML does not take; indent with spaces (yaml)'],
  ],
  [
    'a:\n- b: 1\n \tc: 1\n',
    ['3:2 error is not YAML: a tab in the indentation, which YAML does not take; indent with spaces (yaml)'],
  ],
  ['a:\n  b:1\n  c: 1\n', ["2:3 error is not YAML: no space behind the colon of 'b:1'; write 'b: 1' (yaml)"]],
  ['a:\n  -b: 1\n   c: 1\n', ["2:3 error is not YAML: no space behind the dash of '-b'; write '- b' (yaml)"]],
  [
    'a:\n- b:\u00a01\n  c: 1\n',
    ['2:5 error is not YAML: a no-break space, which is no space to YAML; write a plain space (yaml)'],
  ],
  [
    'a: [*]\n',
    ["1:5 error is not YAML: a '*' without quotes, which begins an alias in YAML; write '*' in quotes (yaml)"],
  ],
  [
    'a:\n  @type: b\n',
    ['2:3 error is not YAML: a \'@\' that begins a text without quotes; write "@type" in quotes (yaml)'],
  ],
  [
    'a: 1\nb: 2\na: 3\nb: 4\n',
    [
      '3:1 error the key "a" is here a second time: Envoy takes this value and forgets the one before; keep one (duplicate-key)',
      '4:1 error the key "b" is here a second time: Envoy takes this value and forgets the one before; keep one (duplicate-key)',
    ],
  ],
  [
    '__proto__: 1\n__proto__: 2\n',
    [
      '2:1 error the key "__proto__" is here a second time: Envoy takes this value and forgets the one before; keep one (duplicate-key)',
    ],
  ],
  ['a: *x\nb: &x 1\n', ['1:4 error *x refers to an anchor that is not before it (alias)']],
  ['a: &x\n  b: [*x]\n', ['2:7 error *x refers to something that it is part of (alias)']],
  ['[a, b]: 1\n', ['1:1 error a key must be text, got a map or a list (key)']],
  ['a: "\\q"\n', ["1:5 error the escape \\q can't be read; write the character itself (escape)"]],
  ['a: "\\\\\\ud83d\\ude00"\n', ["1:7 error the escape \\ud83d can't be read; write the character itself (escape)"]],
  ['a: "x\\N"\n', ["1:6 error the escape \\N can't be read; write the character itself (escape)"]],
  ['a: |\n  "\\q"\n', []],
  ['a: x\n\0', ['2:1 error holds a NUL character, so it is no text (character)']],
  [
    '%YAML 2.0\n---\na: 1\n',
    ['1:1 error Envoy takes `%YAML 1.2` once, and needs no such line; leave it out (directive)'],
  ],
  ['a: 1\n---\n# b\nb: 2\n', ['4:1 warning Envoy reads only the first document, and nothing from here on (document)']],
  ['a: 1\n\n \t\nb: 1\n', []],
  ['a: 1\n\n\t\nb: 1\n', ['3:1 error Envoy takes no tab here, not even in an empty line; remove it (tab)']],
  ['a: 1\n...\n', []],
  ['a: 1\n---\n', []],
])('%j: %j', (text, problems) => {
  expect(problemsOf(text)).toEqual(problems);
});

test.each([
  [
    '{"a": 1, "a": 2}',
    [
      '1:10 error the key "a" is here a second time: Envoy takes this value and forgets the one before; keep one (duplicate-key)',
    ],
  ],
  ['{"a": 1,\n}', ['2:1 error is not JSON, which a file that ends in .json must be (json)']],
  ['{"a": ', ['1:7 error is not JSON, which a file that ends in .json must be (json)']],
  ['a: 1', ['1:1 error is not JSON, which a file that ends in .json must be (json)']],
  ['{"a": "\\ud83d"}', ["1:8 error the escape \\ud83d can't be read; write the character itself (escape)"]],
])('JSON %j: %j', (text, problems) => {
  expect(problemsOf(text, 'json')).toEqual(problems);
});

const TOO_DEEP = 'is nested more than 100 maps and lists deep, which Envoy refuses (nesting)';

test.each([
  ['lists', '['.repeat(100_000), '1:103'],
  ['maps in one line', '{a: '.repeat(100_000), '1:406'],
  ['entries of lists', '- '.repeat(100_000), '1:204'],
  ['maps', Array.from({ length: 5_000 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join(''), '102:103'],
  ['aliases', `a: &x ${'['.repeat(60)}${']'.repeat(60)}\nb: ${'['.repeat(60)}*x${']'.repeat(60)}\n`, '2:64'],
])('%s inside of each other end at a hundred', (_, text, place) => {
  expect(problemsOf(text)).toEqual([`${place} error ${TOO_DEEP}`]);
});

test('aliases of aliases end at two million values', () => {
  const lines = Array.from({ length: 30 }, (_, line) => `a${line + 1}: &a${line + 1} [${`*a${line}, `.repeat(10)}]\n`);
  expect(problemsOf(`a0: &a0 [x]\n${lines.join('')}`)).toEqual([
    '7:50 error has more than 2000000 values with those of its aliases, which is too much to check (size)',
  ]);
});

const TEXT = `a:
  - b: 1
    "c d": {e: on}
  - &x [2, 3]
f: *x
`;

test.each([
  [[], '1:1'],
  [['a'], '1:1'],
  [['a', 0], '2:5'],
  [['a', 0, 'b'], '2:5'],
  [['a', 0, 'c d', 'e'], '3:13'],
  [['a', 1, 1], '4:12'],
  [['f'], '5:1'],
  [['f', 0], '4:9'],
])('%j is at %s', (path, place) => {
  const { line, column } = readYaml(TEXT).position(path);
  expect(`${line}:${column}`).toBe(place);
});

test.each([
  [['a', 0, 'missing', 'too'], '2:5'],
  [['a', 7], '1:1'],
  [['missing'], '1:1'],
  [['toString'], '1:1'],
])('%j, which is missing, is where it would be: %s', (path, place) => {
  const { line, column } = readYaml(TEXT).position(path);
  expect(`${line}:${column}`).toBe(place);
});

test('text without quotes is known as such', () => {
  const { isPlain } = readYaml('a: 1.5\nb: "1.5"\nc: [1.5]\n');
  expect([['a'], ['b'], ['c'], ['c', 0]].map(isPlain)).toEqual([true, false, false, true]);
});
