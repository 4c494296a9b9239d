import { ApiService, type ApiServiceProps, DockerNetwork, EnvoySidecar, type EnvoySidecarProps } from '../../lib';
import { calculator, type Synthesized, synth } from '../helpers';

// Terraform makes whatever a `create_before_destroy` resource refers to `create_before_destroy` as well. What cannot be
// there twice must therefore not be referred to by one, not even through others.

/** All that a resource refers to, directly or through others. */
function reached(stack: Synthesized, from: string): Set<string> {
  const locals = (JSON.parse(stack.json).locals ?? {}) as Record<string, unknown>;
  const parts: Record<string, unknown> = { ...stack.resources };
  for (const [name, value] of Object.entries(locals)) {
    parts[`local.${name}`] = value;
  }
  const seen = new Set<string>();
  const visit = (part: string): void => {
    const names = JSON.stringify(parts[part])?.match(/\b(?:docker_[a-z]+|terraform_data|local)\.[\w-]+/g) ?? [];
    for (const name of names.filter((found) => found in parts && !seen.has(found))) {
      seen.add(name);
      visit(name);
    }
  };
  visit(from);
  return seen;
}

const lifecycleOf = (stack: Synthesized, address: string) =>
  stack.resources[address]?.lifecycle as { create_before_destroy?: boolean } | undefined;
const createdFirst = (stack: Synthesized) =>
  stack.addresses.filter((address) => lifecycleOf(stack, address)?.create_before_destroy === true);

const shapes: [string, Synthesized][] = [
  ['rolling sidecar, rolling API', calculator()],
  ['rolling sidecar, several replicas', calculator({}, { replicas: 3 })],
  ['rolling sidecar, API that must not run twice', calculator({}, { rollout: 'recreate' })],
  ["isolation: 'pod'", calculator({ isolation: 'pod' })],
  ["isolation: 'pod', API that must not run twice", calculator({ isolation: 'pod' }, { rollout: 'recreate' })],
  [
    'two sidecars before one API',
    synth((stack) => {
      const network = new DockerNetwork(stack, 'network');
      const upstream = new ApiService(stack, 'api', { image: 'api:1', port: 8080, network });
      new EnvoySidecar(stack, 'envoy', { upstream });
      new EnvoySidecar(stack, 'second', { upstream, publish: { http: false } });
    }),
  ],
  [
    'a sidecar before another',
    synth((stack) => {
      const publish = { http: false } as const;
      const second = new EnvoySidecar(stack, 'second', { upstream: { host: 'api', port: 8080 }, publish });
      new EnvoySidecar(stack, 'envoy', { upstream: second });
    }),
  ],
];

describe.each(shapes)('%s', (_, stack) => {
  test('what Envoy runs in is created before the old one is destroyed', () => {
    for (const path of ['Default', 'init', 'volume', 'revision/Default']) {
      expect(createdFirst(stack)).toContain(stack.address(`envoy/Default/${path}`));
    }
  });

  test('nothing that is created before it is destroyed refers to the pod holder', () => {
    const podHolder = stack.address('envoy/pod-holder/Default');
    expect(createdFirst(stack).filter((address) => reached(stack, address).has(podHolder))).toEqual([]);
  });

  test('nor to anything that says that it must be destroyed first', () => {
    const destroyedFirst = stack.addresses.filter(
      (address) => lifecycleOf(stack, address)?.create_before_destroy === false,
    );
    for (const address of createdFirst(stack)) {
      expect(destroyedFirst.filter((other) => reached(stack, address).has(other))).toEqual([]);
    }
  });

  test('the container of Envoy knows when the pod holder changes, through its revision', () => {
    expect(reached(stack, stack.address('envoy/Default/Default'))).toContain(
      stack.address('envoy/pod-holder/identity'),
    );
  });
});

test("with rollout: 'recreate' nothing of the sidecar is created before the old one is destroyed", () => {
  expect(createdFirst(calculator({ rollout: 'recreate' }, { rollout: 'recreate' }))).toEqual([]);
});

test('Envoy joins the pod holder by its literal name', () => {
  const container = calculator().at('envoy/Default/Default');
  expect(container.network_mode).toBe('container:calc-envoy');
  expect(container.lifecycle).toEqual({ create_before_destroy: true, ignore_changes: ['network_mode'] });
});

test('a rolling sidecar waits for a rolling API, and not for one that goes before it comes', () => {
  const dependencies = (api: Partial<ApiServiceProps>, envoy: Partial<EnvoySidecarProps> = {}) =>
    (calculator(envoy, api).at('envoy/Default/Default').depends_on as string[]).includes('docker_container.api');
  expect(dependencies({})).toBe(true);
  expect(dependencies({ rollout: 'recreate' })).toBe(false);
  expect(dependencies({ rollout: 'recreate' }, { rollout: 'recreate' })).toBe(true);
  expect(dependencies({}, { isolation: 'pod' })).toBe(false);
});
