import { pathTemplate } from '../../../../envoy/check/rules/path-templates';
import { runRule } from './run-rule';

const verdictOn = (path_template: string) =>
  runRule(pathTemplate, { 'envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig': [{ path_template }] });

// Each of them was asked of the real Envoy.
test.each([
  '/a,b',
  '/a',
  '/',
  '/{a}',
  '/**/a',
  '/{a=**}/b',
  '/{a=**}.m3u8',
  '/*',
  '/a*',
  '/*a',
  '/{a=*}',
  '/{a=x/*}',
  '/{a=b}',
  '/a/',
  '/**.x',
  '/a{b}',
  '/{a}x',
  '/%20',
  '/a:b',
  '/{abcdefghijklmnop}',
  '/{a}/{b}/{c}/{d}/{e}',
  '/***',
  '/{a=x/**/y}',
  '/{a}.*',
  '/{a}*',
  '/{a}/',
  '/{a_b}',
  '/a*b*',
  "/a'b",
  '/a(b)',
  '/a%zz',
  '/a=b',
  '/{a=b=c}',
  '/a~$!&+;@b',
  '/{a=**}**',
  '/{a}/**x',
])('%s', (template) => {
  expect(verdictOn(template)).toEqual([]);
});

test.each([
  ['a,b', "which no path begins with; write '/a,b'"],
  ['/{a}/{a}', "with the variable 'a' twice; rename one of them"],
  ['/**/**', "with another '*', '**' or variable behind '**'; leave it out"],
  ['/**/*', "with another '*', '**' or variable behind '**'; leave it out"],
  ['/**/{a}', "with another '*', '**' or variable behind '**'; leave it out"],
  ['/{a=**}/{b=**}', "with another '*', '**' or variable behind '**'; leave it out"],
  ['/{a=**}/x/{b=*}', "with another '*', '**' or variable behind '**'; leave it out"],
  ['/{a=**/**}', "with another '*', '**' or variable behind '**'; leave it out"],
  ['/**/*/x', "with another '*', '**' or variable behind '**'; leave it out"],
  ['/{}', "whose variable '' is no name; write a letter, then letters, digits and _, 16 at most"],
  ['/{1}', "whose variable '1' is no name; write a letter, then letters, digits and _, 16 at most"],
  ['/{a-b}', "whose variable 'a-b' is no name; write a letter, then letters, digits and _, 16 at most"],
  ['/{_a}', "whose variable '_a' is no name; write a letter, then letters, digits and _, 16 at most"],
  [
    '/{abcdefghijklmnopq}',
    "whose variable 'abcdefghijklmnopq' is no name; write a letter, then letters, digits and _, 16 at most",
  ],
  ['/{a}/{b}/{c}/{d}/{e}/{f}', 'with more than 5 variables; use * for some'],
  ['/{a=}', "where '' can't be read; write letters, digits, *, ** or {name}"],
  ['/{a=/b}', "where '' can't be read; write letters, digits, *, ** or {name}"],
  ['/{a=x/}', "where '' can't be read; write letters, digits, *, ** or {name}"],
  ['/{a=x//y}', "where '' can't be read; write letters, digits, *, ** or {name}"],
  ['/a//b', 'with an empty segment; leave one of the slashes out'],
  ['//', 'with an empty segment; leave one of the slashes out'],
  ['/é', "where 'é' can't be read; write letters, digits, *, ** or {name}"],
  ['/a?b', "where 'a?b' can't be read; write letters, digits, *, ** or {name}"],
  ['/a[b', "where 'a[b' can't be read; write letters, digits, *, ** or {name}"],
  ['/a|b', "where 'a|b' can't be read; write letters, digits, *, ** or {name}"],
  ['/{a}{b}', "where '{b}' can't be read; write letters, digits, *, ** or {name}"],
  ['/{a', "where '{' can't be read; write letters, digits, *, ** or {name}"],
  ['/a}', "where '}' can't be read; write letters, digits, *, ** or {name}"],
  ['/{a={b}}', "where '{' can't be read; write letters, digits, *, ** or {name}"],
  ['/{a=*}.{b}', "where '.{b}' can't be read; write letters, digits, *, ** or {name}"],
  ['/{a=*}{', "where '{' can't be read; write letters, digits, *, ** or {name}"],
])('%s, %s', (template, problem) => {
  expect(verdictOn(template)).toEqual([
    `error path-template at UriTemplateMatchConfig[0].path_template: is '${template}', ${problem}`,
  ]);
});
