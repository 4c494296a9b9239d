import { TerraformOutput } from 'cdktf';
import { Revision } from '../../../lib/docker/revision';
import { synth } from '../../helpers';

const settings = { image: 'api:1', files: { '/a.b': { content: 'text' } } };
const output = (use: (revision: Revision) => string) => {
  const { json } = synth((stack) => {
    new TerraformOutput(stack, 'it', { value: use(new Revision(stack, 'one', settings, 'rolling')) });
  });
  return JSON.parse(json).output.it.value;
};

test.each([
  ['rolling', true],
  ['recreate', false],
] as const)('%s: the next one is created before this one is destroyed: %s', (rollout, create_before_destroy) => {
  const { resources } = synth((stack) => new Revision(stack, 'one', settings, rollout));
  expect(resources['terraform_data.one']).toMatchObject({ lifecycle: { create_before_destroy } });
});

test('recreate makes it destroyed first, whatever was said before, and another one', () => {
  const { resources } = synth((stack) => new Revision(stack, 'one', settings, 'rolling').recreate('for a reason'));
  expect(resources['terraform_data.one']).toEqual({
    triggers_replace: { ...settings, recreate: 'for a reason' },
    lifecycle: { create_before_destroy: false },
  });
});

test('the settings are kept as they are, so that a plan shows what changed', () => {
  const { resources } = synth((stack) => new Revision(stack, 'one', settings, 'rolling'));
  expect(resources['terraform_data.one']).toMatchObject({ triggers_replace: settings });
});

test('a name ends with eight letters of its own', () => {
  expect(output((revision) => revision.name('api'))).toBe('api-${substr(terraform_data.one.id, 0, 8)}');
});

test('a setting is a reference into the settings', () => {
  expect(output((revision) => revision.setting('files', '/a.b', 'content'))).toBe(
    '${terraform_data.one.triggers_replace.files["/a.b"].content}',
  );
});

test('its loopback address is made of three bytes of its id, none of them 0 or 255', () => {
  const { json } = synth((stack) => {
    new Revision(stack, 'one', settings, 'rolling').loopbackAddress();
  });
  const octet = (start: number) => `(1 + (parseint(substr(terraform_data.one.id, ${start}, 2), 16) % 254))`;
  expect(Object.values(JSON.parse(json).locals)).toEqual([
    `\${format("127.%d.%d.%d", ${octet(0)}, ${octet(2)}, ${octet(4)})}`,
  ]);
});
