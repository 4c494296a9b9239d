import { TerraformOutput, TerraformVariable } from 'cdktf';
import { toYaml } from '../../../envoy';
import { escapeText } from '../../../lib/terraform/escape';
import { createReferenceWriter } from '../../../lib/terraform/json-encoded-tokens';
import { synth } from '../../helpers';

const { json } = synth((stack) => {
  const secret = new TerraformVariable(stack, 'secret', { sensitive: true }).stringValue;
  const header = { key: 'authorization', value: `Bearer "\${x}" ${secret}` };
  const yaml = toYaml({ headers: [header, header], [`a ${secret}`]: '${x}' }, createReferenceWriter(stack));
  new TerraformOutput(stack, 'yaml', { value: escapeText(yaml), sensitive: true });
});
const { locals, output } = JSON.parse(json);

test('a text with a reference stands in a local value, once', () => {
  expect(locals).toEqual({ 'text-1': 'Bearer "${"$"}{x}" ${var.secret}', 'text-2': 'a ${var.secret}' });
});

test('where it stood, as a key too, is what makes a JSON string of it', () => {
  const text = (number: number) => `\${jsonencode(format("%s", local.text-${number}))}`;
  const header = `  - key: authorization\n    value: ${text(1)}\n`;
  expect(output.yaml.value).toBe(`headers:\n${header}${header}${text(2)}: \${"$"}{x}\n`);
});
