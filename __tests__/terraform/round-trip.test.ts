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
/** All text that is a value of Terraform's is in Unicode's composed form. */
const inTerraform = (text: string) => text.normalize('NFC');

/** Every text under a key of its own. */
function all<Value>(value: (text: string, key: string) => Value): Record<string, Value> {
  return Object.fromEntries(hostile.map((text, index) => [`text-${index}`, value(text, `text-${index}`)]));
}

/** References to texts that Terraform does not know before it applies. */
function unknown(stack: TerraformStack, id: string, texts: Readonly<Record<string, string>>): (key: string) => string {
  const source = new TerraformData(stack, id, {});
  source.addOverride('input', Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, escapeText(text)])));
  return (key) => Fn.lookupNested(source.interpolationForAttribute('output'), [key]);
}

const VARIABLE = 'on\r\na: "b" ${c} %{d} \\';

/** The metadata of a node whose texts are written out, are references, or are both. */
const expected = {
  literal: all((text) => text),
  long: [long, long],
  reference: all(inTerraform),
  mixed: all((text) => inTerraform(BEFORE + text + AFTER)),
  variable: VARIABLE,
  number: '8080',
  condition: 'true',
  [`key of ${VARIABLE}`]: 'a key',
};

describe.each(PROGRAMS)('%s', (_, program) => {
  const project = new Project(
    program,
    (stack) => {
      const output = unknown(
        stack,
        'source',
        all((text) => text),
      );
      const variable = new TerraformVariable(stack, 'variable', { type: 'string', sensitive: true }).stringValue;
      const number = new TerraformVariable(stack, 'number', { type: 'number', default: 8080 }).stringValue;
      const condition = new TerraformVariable(stack, 'condition', { type: 'bool', default: true }).stringValue;
      const metadata = {
        literal: all((text) => text),
        long: [long, unknown(stack, 'long', { long })('long')],
        reference: all((_, key) => output(key)),
        mixed: all((_, key) => BEFORE + output(key) + AFTER),
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
    yaml = String(project.applied().yaml);
  });

  test('every text arrives in the YAML as it was meant', () => {
    expect(parse(yaml, { version: '1.1' }).node.metadata).toEqual(expected);
  });

  test('every text arrives in Envoy as it was meant', async () => {
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
