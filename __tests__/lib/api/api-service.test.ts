import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TerraformVariable } from 'cdktf';
import { ApiService, type ApiServiceProps, DockerNetwork } from '../../../lib';
import { type Resource, synth } from '../../helpers';

const network = DockerNetwork.fromName('shared');
const base: ApiServiceProps = { image: 'api:1', port: 8080, network };

const made = (props: Partial<ApiServiceProps> = {}) =>
  synth((stack) => new ApiService(stack, 'api', { ...base, ...props }));
const container = (props: Partial<ApiServiceProps> = {}): Resource => made(props).at('api/Default');

test('its resources have addresses that stay', () => {
  expect(made({ replicas: 2 }).addresses).toMatchInlineSnapshot(`
    [
      "docker_container.api",
      "docker_container.api_replica-2_120B94E9",
      "docker_image.api_image_1EB5B5DE",
      "terraform_data.api_revision_FB668894",
    ]
  `);
});

test('by default is one container that starts again, with logs that end', () => {
  expect(container()).toMatchObject({
    image: '${docker_image.api_image_1EB5B5DE.image_id}',
    restart: 'unless-stopped',
    log_driver: 'json-file',
    log_opts: { 'max-size': '10m', 'max-file': '3' },
    stop_timeout: 30,
    destroy_grace_seconds: 30,
    labels: [
      { label: 'cdktf-envoy-sidecar.name', value: 'calc-api' },
      { label: 'cdktf-envoy-sidecar.role', value: 'api' },
    ],
  });
});

test.each(['command', 'entrypoint', 'user', 'memory', 'memory_swap', 'cpus', 'healthcheck', 'wait', 'wait_timeout'])(
  'by default says nothing of %s',
  (attribute) => {
    expect(container()).not.toHaveProperty(attribute);
  },
);

test('publishes no port, in whatever way it is asked for', () => {
  expect(container()).not.toHaveProperty('ports');
  expect(container()).not.toHaveProperty('publish_all_ports');
  expect(container()).not.toHaveProperty('network_mode');
  for (const ports of ['ports', 'publish', 'publishAllPorts', 'networkMode']) {
    expect(() => made({ [ports]: [8080] })).toThrow(
      new Error(`calc/api: ${ports} is not an option, got ["number"]; remove it`),
    );
  }
});

test('is found on its network, and nowhere else, by the name of all replicas together', () => {
  const stack = made({ replicas: 2 });
  for (const path of ['api/Default', 'api/replica-2']) {
    expect(stack.at(path).networks_advanced).toEqual([{ name: 'shared', aliases: ['calc-api'] }]);
  }
});

test.each<[Partial<ApiServiceProps>, Resource]>([
  [{ command: ['run', '${x}'] }, { command: ['run', '$${x}'] }],
  [{ entrypoint: ['sh', '%{y}'] }, { entrypoint: ['sh', '%%{y}'] }],
  [{ env: { A: '1', B: 'a=${b}' } }, { env: ['A=1', 'B=a=$${b}'] }],
  [{ user: '1000:1000' }, { user: '1000:1000' }],
  [{ memory: '1GiB' }, { memory: 1024, memory_swap: 1024 }],
  [{ cpus: 0.5 }, { cpus: '0.5' }],
  [{ restart: 'no' }, { restart: 'no' }],
  [{ stopGracePeriod: '1500ms' }, { stop_timeout: 2, destroy_grace_seconds: 2 }],
  [{ volumes: { '/data': 'models' } }, { volumes: [{ container_path: '/data', volume_name: 'models' }] }],
  [{ volumes: { '/data': '/srv/models' } }, { volumes: [{ container_path: '/data', host_path: '/srv/models' }] }],
  [{ labels: { team: 'a' } }, { labels: expect.arrayContaining([{ label: 'team', value: 'a' }]) }],
  [{ labels: { team: '${a}' } }, { labels: expect.arrayContaining([{ label: 'team', value: '$${a}' }]) }],
])('%j', (props, expected) => {
  expect(container(props)).toMatchObject(expected);
});

test.each([
  [true, {}],
  [false, { keepImageLocally: false }],
])('the image stays on the host: %s', (keep_locally, props) => {
  expect(made(props).at('api/image')).toMatchObject({ name: 'api:1', keep_locally });
});

describe('health', () => {
  test('with a path, Docker asks for it and a rollout waits for the answer', () => {
    expect(container({ healthPath: '/health' })).toMatchObject({
      healthcheck: {
        test: ['CMD-SHELL', expect.stringContaining('http://127.0.0.1:8080/health')],
        interval: '2s',
        timeout: '15s',
        start_period: '0s',
        retries: 3,
      },
      wait: true,
      wait_timeout: 60,
    });
  });

  test('healthcheck replaces what Docker runs, readyTimeout how long it waits', () => {
    expect(container({ healthcheck: ['CMD', '/check', '${x}'], readyTimeout: '2m' })).toMatchObject({
      healthcheck: { test: ['CMD', '/check', '$${x}'] },
      wait: true,
      wait_timeout: 120,
    });
  });
});

describe('files', () => {
  test('are uploaded, their text told once, where a plan shows its change', () => {
    const stack = made({ files: { '/a': { content: 'one text' } } });
    expect(stack.json.split('one text')).toHaveLength(2);
    expect(stack.at('api/revision/Default').triggers_replace).toMatchObject({
      files: { '/a': { content: 'one text' } },
    });
    expect(stack.at('api/Default').upload).toEqual([
      { file: '/a', content: '${terraform_data.api_revision_FB668894.triggers_replace.files["/a"].content}' },
    ]);
  });

  test('from disk are read when the stack is made, those that are not text as base64', () => {
    const folder = mkdtempSync(join(tmpdir(), 'api-'));
    const source = join(folder, 'model.bin');
    writeFileSync(source, Buffer.from([0xff, 0x00]));
    const stack = made({ files: { '/model': { source } } });
    rmSync(folder, { recursive: true });
    expect(stack.at('api/Default').upload).toEqual([{ file: '/model', content_base64: '/wA=' }]);
    expect(stack.json).not.toContain(folder);
  });
});

test('secrets and references survive in env and files, among text that is escaped', () => {
  const stack = synth((scope) => {
    const secret = new TerraformVariable(scope, 'secret', { sensitive: true }).stringValue;
    new ApiService(scope, 'api', {
      ...base,
      env: { TOKEN: `\${literal} ${secret}` },
      files: { '/a': { content: `%{literal} ${secret}` } },
    });
  });
  expect(stack.at('api/Default').env).toEqual(['TOKEN=${"$"}{literal} ${var.secret}']);
  expect(stack.at('api/revision/Default').triggers_replace).toMatchObject({
    files: { '/a': { content: '%%{literal} ${var.secret}' } },
  });
});

describe('replicas', () => {
  const stack = made({ replicas: 3, name: 'my-api' });

  test('are containers that differ in their names alone', () => {
    const { name: first, ...one } = stack.at('api/Default');
    const { name: third, ...other } = stack.at('api/replica-3');
    expect([first, third]).toEqual([
      'my-api-${substr(terraform_data.api_revision_FB668894.id, 0, 8)}-1',
      'my-api-${substr(terraform_data.api_revision_FB668894.id, 0, 8)}-3',
    ]);
    expect(other).toEqual(one);
  });

  test('share one image and one revision', () => {
    expect(stack.addresses.filter((address) => !address.startsWith('docker_container.'))).toHaveLength(2);
  });
});

test.each([
  ['rolling', true],
  ['recreate', false],
] as const)('%s: the new one is created before the old one is destroyed: %s', (rollout, create_before_destroy) => {
  const stack = made({ rollout, replicas: 2 });
  for (const path of ['api/Default', 'api/replica-2', 'api/revision/Default']) {
    expect(stack.at(path)).toMatchObject({
      lifecycle: { create_before_destroy },
    });
  }
});

test('tells a sidecar all that it needs', () => {
  synth((stack) => {
    const api = new ApiService(stack, 'api', { ...base, name: 'my-api', healthPath: '/health', rollout: 'recreate' });
    expect(api).toMatchObject({ name: 'my-api', host: 'my-api', port: 8080, network, healthPath: '/health' });
    expect(api.rollout).toBe('recreate');
    expect(api.dependsOn).toEqual(api.containers);
  });
});
