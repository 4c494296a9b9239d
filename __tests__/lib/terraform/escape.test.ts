import { TerraformOutput, TerraformVariable, Token } from 'cdktf';
import * as fc from 'fast-check';
import { escapeText, isToken } from '../../../lib/terraform/escape';
import { synth } from '../../helpers';

/** A text as it stands in the synthesized stack. */
function synthesized(text: string): string {
  const { json } = synth((stack) => {
    new TerraformOutput(stack, 'it', { value: escapeText(text) });
  });
  return JSON.parse(json).output.it.value;
}

/** What Terraform makes of a template without references: the escapes taken away, once. */
function asTerraformReads(template: string): string {
  return template.replace(/([$%])\1\{/g, '$1{');
}

test.each([
  ['${x}', '$${x}'],
  ['%{ if y }', '%%{ if y }'],
  ['$${x}', '$$${x}'],
  ['%%{y}', '%%%{y}'],
  ['${a}${b}', '$${a}$${b}'],
  ['$x 100% {}', '$x 100% {}'],
  ['$ {x} $', '$ {x} $'],
])('%j is written %j', (text, written) => {
  expect(synthesized(text)).toBe(written);
});

test('any text means just itself', () => {
  const text = fc.array(fc.constantFrom('$', '%', '{', '}', 'x', '"', '\n')).map((letters) => letters.join(''));
  fc.assert(
    fc.property(text, (original) => {
      const written = escapeText(original);
      expect(asTerraformReads(written)).toBe(original);
      expect(written.replace(/([$%])\1\{/g, 'escaped')).not.toMatch(/[$%]\{/);
    }),
    { seed: 1 },
  );
});

test('references are kept, among text that is escaped', () => {
  const { json } = synth((stack) => {
    const secret = new TerraformVariable(stack, 'secret', { sensitive: true });
    new TerraformOutput(stack, 'it', {
      value: escapeText(`a \${x} ${secret.stringValue} %{y}`),
      sensitive: true,
    });
  });
  expect(JSON.parse(json).output.it.value).toBe('a ${"$"}{x} ${var.secret} %%{y}');
});

test.each([
  ['a brace of the text before it, which the toolkit would take for that of an expression', 'f(${ ', 'f(${"$"}{ '],
  ['a dollar before it, which Terraform would take for an escape', 'US$', 'US${"$"}'],
  ['dollars before it', '$$', '${"$$"}'],
  ['percent signs before it', '%%', '%%'],
  ['the beginning of a token that is none', '${TfToken[', '${"$"}{TfToken['],
])('a reference is kept after %s', (_, before, written) => {
  const { json } = synth((stack) => {
    const it = new TerraformVariable(stack, 'it', {}).stringValue;
    new TerraformOutput(stack, 'it-too', { value: escapeText(`${before}${it} }`) });
  });
  expect(JSON.parse(json).output['it-too'].value).toBe(`${written}\${var.it} }`);
});

test.each([
  ['\ufeffa', '${""}\ufeffa'],
  ['a\ufeff', 'a\ufeff'],
  ['\u0600', '\u0600${""}'],
  ['\u0600"', '\u0600${""}"'],
  ['\u{111c3}\n', '\u{111c3}${""}\n'],
  ['\u0600a', '\u0600a'],
])('what Terraform would lose in %j is kept by an expression that adds nothing', (text, written) => {
  expect(escapeText(text)).toBe(written);
});

test('a text of many lines is broken up, as Terraform takes time for it that grows with their square', () => {
  const written = escapeText('x = 1\n'.repeat(10_000));
  expect(written.split('${""}').map((part) => part.length)).toEqual([...Array(200).fill(300), 0]);
  expect(escapeText('x = 1\n'.repeat(1_000))).toBe('x = 1\n'.repeat(1_000));
});

test('isToken tells what only Terraform knows from what we know', () => {
  const token = Token.asString({ resolve: () => 'later' });
  expect([isToken(token), isToken(`http://${token}/`), isToken('${var.x}'), isToken(80)]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
