import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { LocalBackend, TerraformStack, Testing } from 'cdktf';
import { ApiService, DockerNetwork, EnvoySidecar, GlobalRateLimit } from '../../lib';
import { Synthesized } from '../helpers';
import { PROGRAMS, Project } from './terraform';

const STATE = 'first.tfstate';

const app = Testing.app();
const [first, second] = [new TerraformStack(app, 'first'), new TerraformStack(app, 'second')];
for (const stack of [first, second]) {
  new DockerProvider(stack, 'docker');
}
new LocalBackend(first, { path: STATE });
const network = new DockerNetwork(first, 'network', { internal: true });
const api = new ApiService(first, 'api', { image: 'api:1', port: 8080, healthPath: '/health', network });
const limits = new GlobalRateLimit(first, 'limits', { network, limits: { total: '100/min' } });
const globalRateLimit = { ...limits.options, failureMode: 'allow' } as const;
const back = new EnvoySidecar(second, 'back', { upstream: api, globalRateLimit });
new EnvoySidecar(second, 'front', {
  upstream: [back, { service: api, fallback: true }],
  healthCheck: { tcp: true },
  publish: { http: { port: 9000 } },
});
// As in an app, the references to the first stack create its outputs.
second.prepareStack();
const synthesized = new Synthesized(second, Testing.synth(second, true));
const { output } = JSON.parse(Testing.synth(first, true)) as { readonly output: object };

/** The part of the first stack's state that another stack reads. */
const state = {
  version: 4,
  terraform_version: '1.6.0',
  serial: 1,
  lineage: 'first',
  outputs: Object.fromEntries(
    Object.keys(output).map((name) => [name, { value: `value-of-${name}`, type: 'string', sensitive: true }]),
  ),
  resources: [],
};

const RUN = `
mock_provider "docker" {
  mock_resource "docker_image" {
    defaults = { image_id = "sha256:abc" }
  }
  mock_resource "docker_container" {
    defaults = { exit_code = 0, container_logs = "" }
  }
}
run "all" {
  command = apply
  assert {
    condition     = contains([for one in ${synthesized.address('back/pod-holder/Default')}.networks_advanced : nonsensitive(one.name)], "value-of-cross-stack-output-docker_networknetworkid")
    error_message = "the sidecar is not on the network of the first stack"
  }
}
`;

describe.each(PROGRAMS)('%s', (_, program) => {
  const project = new Project(program, synthesized.json);
  beforeAll(() => project.ok('init', '-input=false'));

  test('validates a stack that uses an API, a network and a rate limit of another stack', () => {
    expect(JSON.parse(project.ok('validate', '-json'))).toMatchObject({
      valid: true,
      error_count: 0,
      warning_count: 0,
    });
  });

  test('applies the stack with the outputs of the other stack', () => {
    project.write(STATE, JSON.stringify(state));
    project.write('all.tftest.hcl', RUN);
    expect(project.run('test')).toEqual({ code: 0, output: expect.stringContaining('1 passed, 0 failed') });
  });
});
