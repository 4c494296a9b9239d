import { statsTag } from '../../../../envoy/check/rules/stats-tags';
import { checkStdRegex } from '../../../../envoy/check/syntax/std-regex';
import { runRule } from './run-rule';

test('a tag has a name and says what it is', () => {
  const tags = [
    { regex: 'a' },
    { tag_name: '', regex: 'a' },
    { tag_name: 'x' },
    { tag_name: 'x', regex: '' },
    { tag_name: 'x', regex: '(?i)a' },
    { tag_name: 'x', regex: '((a)\\.)' },
    { tag_name: 'envoy.cluster_name' },
    { fixed_value: 'a' },
    { tag_name: 'x', regex: '${TfToken[TOKEN.1]}' },
  ];
  expect(runRule(statsTag, { 'envoy.config.metrics.v3.TagSpecifier': tags })).toEqual([
    'error stats-tag at TagSpecifier[0]: has no name; set tag_name',
    'error stats-tag at TagSpecifier[1]: has no name; set tag_name',
    "error stats-tag at TagSpecifier[2]: is 'x', which is none of Envoy's own tags; set regex or fixed_value",
    "error stats-tag at TagSpecifier[3]: is 'x', which is none of Envoy's own tags; set regex or fixed_value",
    "error stats-tag at TagSpecifier[4].regex: has '(?i)', and what begins with '(?' here is '(?:', '(?=' or '(?!'; it is '(?i)a'",
  ]);
});

test.each([
  'a(?=b)',
  'a(?!b)',
  '(?:a)',
  '(a)\\1',
  '[b-a]',
  '[[:alpha:]]+',
  '[^[:digit:]x]',
  '\\-',
  '\\cA',
  '\\x41',
  'a{1001}',
  '\\(?a',
  '^x\\.(?:.*\\.)?((\\d+)\\.)',
])('Envoy takes %s', (pattern) => {
  expect(checkStdRegex(pattern)).toBeUndefined();
});

test.each([
  '(?i)a',
  'a(?<=b)',
  '(?P<a>b)',
  '(?<a>b)',
  '(a)\\2',
  '(a',
  'a)',
  'a]',
  'a}',
  'a{',
  'a{x}',
  'a{2,1}',
  '*a',
  'a**',
  'a*+',
  '\\pL',
  '\\y',
  '\\A',
  '\\Qa\\E',
  '\\x4',
  'a\\',
  '[[:foo:]]',
])('Envoy refuses %s', (pattern) => {
  expect(checkStdRegex(pattern)).toEqual(expect.any(String));
});

test('what is wrong with an expression is said', () => {
  expect(checkStdRegex('\\pL')).toBe("has '\\p', which ECMAScript did not know then; write for example '[[:alpha:]]'");
  expect(checkStdRegex('[[:foo:]]')).toBe(
    "has the class '[:foo:]', which is not there; write for example '[[:alpha:]]'",
  );
  expect(checkStdRegex('*a')).toBe('is no expression of ECMAScript: nothing to repeat');
});
