import { ApiService, DockerNetwork, EnvoySidecar, type EnvoySidecarProps } from '../../../lib';
import { synth } from '../../helpers';

/** A sidecar before another one, whose API is on a network that is internal unless told otherwise. */
function twoInARow(inner: Partial<EnvoySidecarProps> = {}, outer: Partial<EnvoySidecarProps> = {}, internal = true) {
  let yaml = '';
  const stack = synth((scope) => {
    const network = new DockerNetwork(scope, 'network', { internal });
    const api = new ApiService(scope, 'api', { image: 'api:1', port: 8080, network });
    const publish = { http: false } as const;
    const back = new EnvoySidecar(scope, 'back', { upstream: api, publish, ...inner });
    yaml = new EnvoySidecar(scope, 'front', { upstream: back, ...outer }).envoyYaml;
  });
  return { stack, yaml };
}

const place = (host: string, port: number) => `address: ${host}\n                      port_value: ${port}\n`;
const networksOf = ({ stack }: ReturnType<typeof twoInARow>) =>
  (stack.at('front/pod-holder/Default').networks_advanced as { name: string }[]).map(({ name }) => name);

test.each<[Partial<EnvoySidecarProps>, string, number]>([
  [{}, 'calc-back', 8800],
  [{ name: 'inner', port: 9000 }, 'inner', 9000],
])('%j is found at its name and its own port, published or not', (props, host, port) => {
  expect(twoInARow(props).yaml).toContain(place(host, port));
});

test("of an API on an internal network it is found on a network of its own, and so the API isn't", () => {
  const built = twoInARow();
  expect(networksOf(built)).toEqual([`\${${built.stack.address('back/network')}.id}`]);
});

test('otherwise it is found on the network of its API', () => {
  const built = twoInARow({}, {}, false);
  expect(networksOf(built)).toEqual([`\${${built.stack.address('network/Default')}.id}`]);
});

test('the outer one starts after what the inner one runs in', () => {
  const { stack } = twoInARow();
  expect(stack.at('front/Default/Default').depends_on).toEqual([
    stack.address('front/Default/init'),
    stack.address('back/Default/Default'),
  ]);
});

test("with rollout: 'recreate' it has its name all the same, and what is never gone doesn't refer to it", () => {
  const { stack } = twoInARow({ rollout: 'recreate' });
  expect(stack.at('back/Default/Default').networks_advanced).toEqual(
    ['network/Default', 'back/network'].map((path) => ({
      name: `\${${stack.address(path)}.id}`,
      aliases: ['calc-back'],
    })),
  );
  expect(stack.at('front/Default/Default').depends_on).toEqual([stack.address('front/Default/init')]);
});

test("isolation: 'pod' is for an API alone", () => {
  expect(() => twoInARow({}, { isolation: 'pod' })).toThrow(
    new Error(
      "calc/front: isolation needs one ApiService as upstream and rollout: 'rolling', got \"pod\"; use isolation: 'network'",
    ),
  );
});
