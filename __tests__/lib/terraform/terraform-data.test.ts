import { TerraformOutput, TerraformStack, Testing } from 'cdktf';
import { TerraformData } from '../../../lib/terraform/terraform-data';
import { synth } from '../../helpers';

const settings = { image: 'api:1', env: ['A=$${x}'], files: { '/a': { content: 'one\n"two"\n' } } };

test('is replaced whenever its settings change', () => {
  const { resources } = synth((stack) => new TerraformData(stack, 'one', settings));
  expect(resources).toEqual({
    'terraform_data.one': { triggers_replace: settings },
  });
});

test('has the life cycle that it is given', () => {
  const { resources } = synth((stack) => new TerraformData(stack, 'one', {}, { createBeforeDestroy: true }));
  expect(resources['terraform_data.one']).toEqual({
    triggers_replace: {},
    lifecycle: { create_before_destroy: true },
  });
});

test('is referred to by its id', () => {
  const { json } = synth((stack) => {
    new TerraformOutput(stack, 'it', {
      value: new TerraformData(stack, 'one', settings).id,
    });
  });
  expect(JSON.parse(json).output.it.value).toBe('${terraform_data.one.id}');
});

test('can be written as HCL', () => {
  const stack = new TerraformStack(Testing.app(), 'calc');
  new TerraformData(stack, 'one', { image: 'api:1', files: { '/a': 'text' } }, { createBeforeDestroy: true });
  const written = 'image = "api:1" files = { "/a" = "text" }';
  expect(Testing.synthHcl(stack).replaceAll(/\s+/g, ' ')).toBe(
    ` resource "terraform_data" "one" { triggers_replace = { ${written} } lifecycle { create_before_destroy = true } }`,
  );
});
