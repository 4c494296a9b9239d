import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { TerraformStack, Testing } from 'cdktf';
import { ApiService, DockerNetwork, EnvoySidecar, GlobalRateLimit } from '../../../lib';
import { Synthesized } from '../../helpers';

function twoStacks(app = Testing.app(), other = app) {
  const [first, second] = [new TerraformStack(app, 'first'), new TerraformStack(other, 'second')];
  for (const stack of [first, second]) {
    new DockerProvider(stack, 'docker');
  }
  return { first, second };
}

const networkIn = (stack: TerraformStack) => new DockerNetwork(stack, 'network', { internal: true });
const apiIn = (stack: TerraformStack, network = networkIn(stack)) =>
  new ApiService(stack, 'api', { image: 'api:1', port: 8080, healthPath: '/health', network });

/** As an app synthesizes it: the references to other stacks are made first. */
function synthesized(stack: TerraformStack): Synthesized {
  stack.prepareStack();
  return new Synthesized(stack, Testing.synth(stack, true));
}

const REMOTE = 'data.terraform_remote_state.cross-stack-reference-input-first.outputs';

describe('a sidecar in another stack than its API', () => {
  const { first, second } = twoStacks();
  new EnvoySidecar(second, 'envoy', { upstream: apiIn(first) });
  const stack = synthesized(second);

  test('finds it on its network, through the state of its stack', () => {
    const [network] = stack.at('envoy/pod-holder/Default').networks_advanced as { name: string }[];
    expect(network?.name).toBe(`\${${REMOTE}.cross-stack-output-docker_networknetworkid}`);
  });

  test('starts after its init container, as depends_on knows resources of its own stack alone', () => {
    expect(stack.at('envoy/Default/Default').depends_on).toEqual([stack.address('envoy/Default/init')]);
  });

  test('is deployed after it', () => {
    expect(second.dependencies).toEqual([first]);
  });
});

describe('in another stack than the first can be', () => {
  test.each<[string, (first: TerraformStack, second: TerraformStack) => void]>([
    ['an API', (first, second) => apiIn(second, networkIn(first))],
    [
      'a GlobalRateLimit',
      (first, second) =>
        new GlobalRateLimit(second, 'limits', { network: networkIn(first), limits: { total: '100/min' } }),
    ],
    [
      'a sidecar before a sidecar',
      (first, second) => {
        const upstream = new EnvoySidecar(first, 'back', { upstream: apiIn(first) });
        new EnvoySidecar(second, 'front', { upstream });
      },
    ],
    [
      'a sidecar with an upstream that is written out',
      (first, second) => {
        const network = networkIn(first);
        const { dependsOn } = apiIn(first, network);
        new EnvoySidecar(second, 'front', { upstream: { host: 'api', port: 80, network, dependsOn } });
      },
    ],
    [
      'a sidecar with a further upstream',
      (first, second) => {
        const network = networkIn(first);
        const upstreams = { more: apiIn(first, network) };
        const routes = [{ path: '/more', upstream: 'more' }];
        new EnvoySidecar(second, 'front', { upstream: { host: 'api', port: 80 }, network, upstreams, routes });
      },
    ],
  ])('%s', (_, build) => {
    const { first, second } = twoStacks();
    build(first, second);
    const { resources } = synthesized(second);
    const dependsOn = Object.values(resources).flatMap(({ depends_on = [] }) => depends_on as string[]);
    expect(dependsOn.filter((address) => !(address in resources))).toEqual([]);
    expect(second.dependencies).toEqual([first]);
  });
});

test('two literal names on networks that are there already need no order of the stacks', () => {
  const { first, second } = twoStacks();
  const network = DockerNetwork.fromName('shared');
  new EnvoySidecar(first, 'envoy', { upstream: { host: 'second-api', port: 80, network } });
  new EnvoySidecar(second, 'envoy', { upstream: { host: 'first-api', port: 80, network } });
  expect([first.dependencies, second.dependencies]).toEqual([[], []]);
});

describe('refused with the path of the construct and the remedy', () => {
  const remedy =
    "; write it out instead: DockerNetwork.fromName('a-network') for a network, { host, port, network } for an upstream";
  const other = 'is in another app, to whose state Terraform has no reference, got';

  test.each<[string, string, (first: TerraformStack, second: TerraformStack) => void]>([
    [
      'an upstream of another app',
      `second/envoy: upstream ${other} "first/api"`,
      (first, second) => new EnvoySidecar(second, 'envoy', { upstream: apiIn(first) }),
    ],
    [
      'one of several upstreams',
      `second/envoy: upstream[1].service ${other} "first/api"`,
      (first, second) => {
        const upstream = [
          { host: 'a', port: 80 },
          { service: apiIn(first), fallback: true },
        ];
        new EnvoySidecar(second, 'envoy', { upstream });
      },
    ],
    [
      'the network of an upstream that is written out',
      `second/envoy: upstream.network ${other} "first/network"`,
      (first, second) => {
        const network = networkIn(first);
        new EnvoySidecar(second, 'envoy', { upstream: { host: 'a', port: 80, network } });
      },
    ],
    [
      'what a sidecar waits for',
      `second/envoy: upstream.dependsOn ${other} "first/api/Default"`,
      (first, second) => {
        const { dependsOn } = apiIn(first);
        new EnvoySidecar(second, 'envoy', { upstream: { host: 'a', port: 80, network: networkIn(second), dependsOn } });
      },
    ],
    [
      'the network of an API',
      `second/api: network ${other} "first/network"`,
      (first, second) => apiIn(second, networkIn(first)),
    ],
    [
      'the network of a GlobalRateLimit',
      `second/limits: network ${other} "first/network"`,
      (first, second) =>
        new GlobalRateLimit(second, 'limits', { network: networkIn(first), limits: { total: '100/min' } }),
    ],
  ])('%s', (_, message, build) => {
    const { first, second } = twoStacks(Testing.app(), Testing.app());
    expect(() => build(first, second)).toThrow(new Error(message + remedy));
  });

  test('stacks that need each other', () => {
    const { first, second } = twoStacks();
    const api = apiIn(second, networkIn(first));
    expect(() => new EnvoySidecar(first, 'envoy', { upstream: api })).toThrow(
      new Error(
        `first/envoy: upstream is in the stack 'second', which is deployed after 'first', got "second/api"${remedy}`,
      ),
    );
  });

  test("isolation: 'pod' with an API of another stack", () => {
    const { first, second } = twoStacks();
    expect(() => new EnvoySidecar(second, 'envoy', { upstream: apiIn(first), isolation: 'pod' })).toThrow(
      new Error(
        'second/envoy: isolation needs an ApiService of the same stack, since both refer to each other, got "pod"; use isolation: \'network\'',
      ),
    );
  });
});
