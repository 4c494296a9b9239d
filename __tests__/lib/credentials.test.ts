import { TerraformVariable } from 'cdktf';
import { ApiService, DockerNetwork, EnvoySidecar } from '../../lib';
import { synth } from '../helpers';

const KEY = 'not-a-real-key-of-a-partner';
const PASSWORD = 'not-a-real-password';

test('keys and passwords stand in files that are sensitive, also those that Terraform alone knows', () => {
  let yaml = '';
  const { json } = synth((stack) => {
    const network = new DockerNetwork(stack, 'network', { internal: true });
    const upstream = new ApiService(stack, 'api', { image: 'api:1', port: 8080, network });
    const secret = (name: string) => new TerraformVariable(stack, name, { sensitive: true }).stringValue;
    ({ envoyYaml: yaml } = new EnvoySidecar(stack, 'envoy', {
      upstream,
      apiKeys: { keys: { partner: KEY, shop: secret('key') } },
      basicAuth: { users: { anna: PASSWORD, berta: { hash: secret('hash') } } },
      authentication: { publicPaths: ['/health'], anyOf: ['apiKeys', 'basicAuth'] },
    }));
  });
  const { locals } = JSON.parse(json) as { readonly locals: Readonly<Record<string, unknown>> };
  const secrets = Object.entries(locals).filter(([name]) => name.includes('secret'));
  expect(secrets.map(([, text]) => text)).toEqual([
    expect.stringMatching(/- key: not-a-real-key-of-a-partner\n\s+client: partner\n\s+- key: \$\{jsonencode\(/),
    `anna:{SHA}oQuzRpAi/RR7QF57VSHLe8d6hsI=\nberta:\${var.hash}\n`,
  ]);
  const others = JSON.stringify(JSON.parse(json), (name, value) =>
    secrets.some(([own]) => own === name) ? '' : value,
  );
  expect(others).not.toContain(KEY);
  expect(json).not.toContain(PASSWORD);
  expect(others).not.toContain('{SHA}');
  expect(yaml).toContain('/etc/envoy/api-keys.yaml');
  expect(yaml).not.toMatch(/not-a-real|\{SHA\}|var\.key/);
  for (const [name] of secrets) {
    expect(others).toContain(`sensitive(local.${name})`);
  }
});
