import { Fn, TerraformVariable } from 'cdktf';
import { ApiService, DockerNetwork, EnvoySidecar } from '../../lib';
import { synth } from '../helpers';
import { PROGRAMS, Project } from './terraform';

const SECRET = 'hunter2-"on"';

/** A stack with every option of a container, and a secret in each place that accepts one. */
const stack = synth((scope) => {
  const secret = new TerraformVariable(scope, 'secret', { type: 'string', sensitive: true }).stringValue;
  const network = new DockerNetwork(scope, 'network', {
    internal: true,
    subnet: '10.20.0.0/24',
    labels: { '${a}': 'b' },
  });
  const upstream = new ApiService(scope, 'api', {
    image: 'api:1',
    port: 8080,
    network,
    healthPath: '/health',
    replicas: 2,
    memory: '1GiB',
    cpus: 0.5,
    user: '1000',
    volumes: { '/data': 'data', '/host/${x}': '/srv/%{y}' },
    env: { TOKEN: secret, '${x}': '%{y}' },
    files: { '/app/a "b"\\ ${x} %{y}': { content: `text ${secret}` }, '/app/plain': { content: 'plain' } },
  });
  new EnvoySidecar(scope, 'envoy', {
    upstream,
    upstreamTls: { certificate: { certificateChain: secret, privateKey: secret } },
    patch: (bootstrap) => ({
      ...bootstrap,
      node: { id: 'node', metadata: { token: `Bearer ${secret}`, [`key ${secret}`]: Fn.upper(secret) } },
    }),
  });
});
const [initContainer, envoy, api] = ['envoy/Default/init', 'envoy/Default/Default', 'api/Default'].map((path) =>
  stack.address(path),
);
const yaml = `one([for file in ${initContainer}.upload : nonsensitive(file.content) if file.file == "/etc/envoy/envoy.yaml"])`;

const CLAIMS = {
  'the init container has every file': `length(${initContainer}.upload) == 7`,
  "Envoy's private key is in a file": `one([for file in ${initContainer}.upload : nonsensitive(file.content) if file.file == "/etc/envoy/upstream-tls-api.key"]) == var.secret`,
  'Envoy receives the secret as text': `yamldecode(${yaml}).node.metadata.token == "Bearer \${var.secret}"`,
  'Terraform functions and secret keys are resolved': `yamldecode(${yaml}).node.metadata["key \${var.secret}"] == upper(var.secret)`,
  'files have the intended paths and contents': `{ for file in ${api}.upload : file.file => nonsensitive(file.content) } == { "/app/a \\"b\\"\\\\ $\${x} %%{y}" = "text \${var.secret}", "/app/plain" = "plain" }`,
  'environment variables have the intended names and values': `contains([for text in ${api}.env : nonsensitive(text)], "$\${x}=%%{y}")`,
  'the API publishes no port': `length(${api}.ports) == 0`,
  'a revision of Envoy publishes no port': `length(${envoy}.ports) == 0`,
};

/** Returns a test run of all resources with a mock provider that computes these values. */
function run({ exitCode = 0, logs = '' }, claims: Readonly<Record<string, string>> = {}): string {
  const asserts = Object.entries(claims).map(
    ([claim, condition]) => `  assert {\n    condition = ${condition}\n    error_message = "false: ${claim}"\n  }\n`,
  );
  return `
mock_provider "docker" {
  mock_resource "docker_image" {
    defaults = { image_id = "sha256:abc" }
  }
  mock_resource "docker_container" {
    defaults = { exit_code = ${exitCode}, container_logs = ${JSON.stringify(logs)} }
  }
}
variables {
  secret = ${JSON.stringify(SECRET)}
}
run "all" {
  command = apply
${asserts.join('')}}
`;
}

describe.each(PROGRAMS)('%s', (_, program) => {
  const project = new Project(program, stack.json);
  beforeAll(() => project.ok('init', '-input=false'));

  test('validates the stack with the schema of the real provider', () => {
    expect(JSON.parse(project.ok('validate', '-json'))).toMatchObject({
      valid: true,
      error_count: 0,
      warning_count: 0,
    });
  });

  test('applies the stack with the intended values', () => {
    project.write('all.tftest.hcl', run({}, CLAIMS));
    expect(project.run('test')).toEqual({ code: 0, output: expect.stringContaining('1 passed, 0 failed') });
  });

  test('detects a wrong value', () => {
    project.write('all.tftest.hcl', run({}, { 'three files': `length(${initContainer}.upload) == 3` }));
    expect(project.run('test')).toEqual({ code: 1, output: expect.stringContaining('three files') });
  });

  test('shows no secret in a plan', () => {
    project.write('all.tftest.hcl', run({}));
    const output = project.ok('test', '-verbose');
    expect(output).toContain('docker_container');
    expect(output).not.toContain('hunter2');
  });

  test('shows no secret if Envoy rejects its configuration', () => {
    project.write('all.tftest.hcl', run({ exitCode: 1, logs: `bad header: ${SECRET}` }));
    const { code, output } = project.run('test');
    const text = output.replaceAll(/[\s│]+/g, ' ');
    expect(code).not.toBe(0);
    // With OpenTofu's mocks, the plan fails before OpenTofu knows the name in the message.
    if (program === 'terraform') {
      expect(text).toMatch(
        /The new revision of calc-envoy does not start, and what ran goes on\. Its files have references, so the reason is not shown here: docker logs calc-envoy-init-[0-9a-f]{8} /,
      );
    }
    expect(text).not.toContain('hunter2');
  });
});
