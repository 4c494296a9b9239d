import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fn, TerraformOutput, type TerraformStack, TerraformVariable } from 'cdktf';
import { parse } from 'yaml';
import { toYaml } from '../../envoy';
import { escapeText } from '../../lib/terraform/escape';
import { createReferenceWriter } from '../../lib/terraform/json-encoded-tokens';
import { TerraformData } from '../../lib/terraform/terraform-data';
import { binary } from '../live/binaries';
import { until } from '../live/cleanup';
import { run, temporaryFolder } from '../live/envoy';
import { freePort } from '../live/ports';
import { PROGRAMS, Project } from './terraform';
import { hostile, long } from './texts';

const BEFORE = 'a "${x}" \\ %{y}: ${ $$';
const AFTER = '\n# $${z} é';
/** Terraform normalizes texts to Unicode's composed form. */
const inTerraform = (text: string) => text.normalize('NFC');

/** Maps every text, each with its own key. */
function mapTexts<Value>(value: (text: string, key: string) => Value): Record<string, Value> {
  return Object.fromEntries(hostile.map((text, index) => [`text-${index}`, value(text, `text-${index}`)]));
}

/** Returns references to texts that are unknown until Terraform applies. */
function unknownTexts(
  stack: TerraformStack,
  id: string,
  texts: Readonly<Record<string, string>>,
): (key: string) => string {
  const source = new TerraformData(stack, id, {});
  source.addOverride('input', Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, escapeText(text)])));
  return (key) => Fn.lookupNested(source.interpolationForAttribute('output'), [key]);
}

const VARIABLE = 'on\r\na: "b" ${c} %{d} \\';

/** The expected node metadata, with literal texts, references and mixtures. */
const expected = {
  literal: mapTexts((text) => text),
  long: [long, long],
  reference: mapTexts(inTerraform),
  mixed: mapTexts((text) => inTerraform(BEFORE + text + AFTER)),
  variable: VARIABLE,
  number: '8080',
  condition: 'true',
  [`key of ${VARIABLE}`]: 'a key',
};

describe.each(PROGRAMS)('%s', (_, program) => {
  const project = new Project(
    program,
    (stack) => {
      const output = unknownTexts(
        stack,
        'source',
        mapTexts((text) => text),
      );
      const variable = new TerraformVariable(stack, 'variable', { type: 'string', sensitive: true }).stringValue;
      const number = new TerraformVariable(stack, 'number', { type: 'number', default: 8080 }).stringValue;
      const condition = new TerraformVariable(stack, 'condition', { type: 'bool', default: true }).stringValue;
      const metadata = {
        literal: mapTexts((text) => text),
        long: [long, unknownTexts(stack, 'long', { long })('long')],
        reference: mapTexts((_, key) => output(key)),
        mixed: mapTexts((_, key) => BEFORE + output(key) + AFTER),
        variable,
        number,
        condition,
        [`key of ${variable}`]: 'a key',
      };
      const yaml = escapeText(
        toYaml({ node: { id: 'id', cluster: 'cluster', metadata } }, createReferenceWriter(stack)),
      );
      const data = new TerraformData(stack, 'data', { yaml });
      const value = Fn.lookupNested(data.interpolationForAttribute('triggers_replace'), ['yaml']);
      new TerraformOutput(stack, 'yaml', { value, sensitive: true });
    },
    { TF_VAR_variable: VARIABLE },
  );
  let yaml: string;

  beforeAll(() => {
    yaml = String(project.applyAndReadOutputs().yaml);
  });

  test('keeps every text unchanged in the YAML', () => {
    expect(parse(yaml, { version: '1.1' }).node.metadata).toEqual(expected);
  });

  test('passes every text unchanged to Envoy', async () => {
    const port = await freePort();
    const file = join(temporaryFolder(), 'envoy.yaml');
    const admin = `admin: { address: { socket_address: { address: 127.0.0.1, port_value: ${port} } } }\n`;
    writeFileSync(file, yaml + admin);
    const envoy = run(binary(), ['--config-path', file, '--use-dynamic-base-id', '--concurrency', '1']);
    const dump = await until('Envoy serves its configuration', () =>
      envoy.child.exitCode !== null
        ? Promise.reject(new Error(envoy.stderr()))
        : fetch(`http://127.0.0.1:${port}/config_dump`).then(
            (answer) => answer.json() as Promise<{ configs: { bootstrap: { node: { metadata: object } } }[] }>,
            () => undefined,
          ),
    );
    expect(dump.configs[0]?.bootstrap.node.metadata).toEqual(expected);
  });
});
