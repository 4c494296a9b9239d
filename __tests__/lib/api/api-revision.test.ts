import type { ApiServiceProps } from '../../../lib';
import { calculator, replacing, type Synthesized } from '../../helpers';

// Whatever replaces a container of the API makes a revision with another name, or a new container would ask for the
// name of the old one.

const settingsOf = (stack: Synthesized) => stack.at('api/revision/Default').triggers_replace;
const before = calculator();

/** Of two stacks: what replaces the container, and whether the revision is another. */
function change(one: Synthesized, other: Synthesized) {
  return {
    replaced: replacing(one.at('api/Default'), other.at('api/Default')),
    renewed: JSON.stringify(settingsOf(one)) !== JSON.stringify(settingsOf(other)),
  };
}

test.each<[Partial<ApiServiceProps>, string[]]>([
  [{ command: ['other'] }, ['command']],
  [{ entrypoint: ['other'] }, ['entrypoint']],
  [{ env: { A: '1' } }, ['env']],
  [{ files: { '/a': { content: 'a' } } }, ['upload']],
  [{ healthPath: '/ready' }, ['healthcheck']],
  [{ healthcheck: ['CMD', 'true'] }, ['healthcheck']],
  [{ port: 9090 }, ['healthcheck']],
  [{ volumes: { '/data': 'models' } }, ['volumes']],
  [{ user: '1000' }, ['user']],
  [{ cpus: 0.5 }, ['cpus']],
  [{ stopGracePeriod: '5s' }, ['stop_timeout']],
  [{ labels: { team: 'a' } }, ['labels']],
])('%j replaces the container for its %j', (props, replaced) => {
  expect(change(before, calculator({}, props))).toEqual({ replaced, renewed: true });
});

test('a changed text of a file is a new revision, though the container only refers to it', () => {
  const [one, other] = ['a', 'b'].map((content) => calculator({}, { files: { '/a': { content } } }));
  expect(change(one as Synthesized, other as Synthesized)).toEqual({ replaced: [], renewed: true });
});

test('another image is a new revision', () => {
  expect(settingsOf(before)).toMatchObject({ image: before.at('api/Default').image });
});

test('another name is a new revision', () => {
  expect(change(before, calculator({}, { name: 'other' }))).toMatchObject({ renewed: true });
});

test.each<Partial<ApiServiceProps>>([
  { memory: '512MiB' },
  { restart: 'always' },
  { readyTimeout: '2m' },
  { replicas: 3 },
  { keepImageLocally: false },
  { rollout: 'recreate' },
])('%j replaces no container', (props) => {
  expect(change(before, calculator({}, props))).toEqual({ replaced: [], renewed: false });
});

test("moving into the sidecar's pod, or out of it, is a new revision", () => {
  expect(change(before, calculator({ isolation: 'pod' }))).toEqual({
    replaced: expect.arrayContaining(['network_mode', 'networks_advanced']),
    renewed: true,
  });
});
