import { proxySpec } from '../../../../envoy';
import type { ApiServiceProps, EnvoySidecarProps } from '../../../../lib';
import { calculator, type Resource, replacing, type Synthesized } from '../../../helpers';

const ENVOY = 'envoy/Default/Default';
const INIT = 'envoy/Default/init';
const VOLUME = 'envoy/Default/volume';
const REVISION = 'envoy/Default/revision/Default';

const rolling = calculator();
const recreate = calculator({ rollout: 'recreate' });
const suffix = (stack: Synthesized) => `\${substr(${stack.address(REVISION)}.id, 0, 8)}`;
const settingsOf = (stack: Synthesized) => stack.at(REVISION).triggers_replace as Resource;
const volumeOf = (stack: Synthesized) => `\${${stack.address(VOLUME)}.name}`;

describe.each([
  ['rolling', rolling],
  ['recreate', recreate],
])('rollout %s: the container of Envoy', (_, stack) => {
  test.each<[string, object]>([
    ['is not root', { user: '101:101' }],
    ['cannot write to its root file system', { read_only: true }],
    ['has no capability', { capabilities: { drop: ['ALL'] } }],
    ['cannot gain one', { security_opts: ['no-new-privileges:true'] }],
    ['has bounded memory, and no swap', { memory: 512, memory_swap: 512 }],
    ['has bounded processes', { ulimit: [{ name: 'nproc', soft: 4096, hard: 4096 }] }],
    ['has logs that end', { log_driver: 'json-file', log_opts: { 'max-size': '10m', 'max-file': '3' } }],
    ['comes back', { restart: 'unless-stopped' }],
    ['is waited for until it is ready', { wait: true, wait_timeout: 60 }],
    ['has longer to stop than drain and last requests take', { stop_timeout: 30, destroy_grace_seconds: 30 }],
    ['runs Envoy in what drains it', { entrypoint: ['bash', '/etc/envoy/run.sh'] }],
    [
      'is asked whether it is ready every two seconds',
      { healthcheck: { interval: '2s', timeout: '2s', start_period: '0s', retries: 3 } },
    ],
  ])('%s', (__, expected) => {
    expect(stack.at(ENVOY)).toMatchObject(expected);
  });

  test('has a name that is new with each revision', () => {
    expect(stack.at(ENVOY).name).toBe(`calc-envoy-${suffix(stack)}`);
    expect(stack.at(INIT).name).toBe(`calc-envoy-init-${suffix(stack)}`);
    expect(stack.at(VOLUME).name).toBe(`calc-envoy-${suffix(stack)}`);
  });

  test('reads its configuration from the volume of its revision, and cannot write it', () => {
    expect(stack.at(ENVOY).volumes).toEqual([
      { container_path: '/etc/envoy', read_only: true, volume_name: volumeOf(stack) },
    ]);
  });

  test('starts after the init container, and after the API', () => {
    expect(stack.at(ENVOY).depends_on).toEqual([stack.address(INIT), 'docker_container.api']);
  });
});

test.each<[Partial<EnvoySidecarProps>, Resource]>([
  [{ cpus: 0.5 }, { cpus: '0.5' }],
  [{ memory: '1GiB' }, { memory: 1024, memory_swap: 1024 }],
  [{ readyTimeout: '1h' }, { wait_timeout: 3600 }],
  [{ drainTime: '1h' }, { stop_timeout: 3620, destroy_grace_seconds: 3620 }],
  [
    { labels: { team: '${a}' } },
    {
      labels: [
        { label: 'team', value: '$${a}' },
        { label: 'cdktf-envoy-sidecar.name', value: 'calc-envoy' },
        { label: 'cdktf-envoy-sidecar.role', value: 'sidecar' },
      ],
    },
  ],
])('%j', (props, expected) => {
  expect(calculator(props).at(ENVOY)).toMatchObject(expected);
});

describe('the arguments', () => {
  const envoyArguments = proxySpec({ upstream: { host: 'api', port: 8080 } }).args;

  test('in a pod each revision has its admin interface at an address of its own', () => {
    const [[name] = ['']] = Object.entries(JSON.parse(rolling.json).locals);
    const own = `\${local.${name}}`;
    const { command, healthcheck } = rolling.at(ENVOY);
    expect(command).toEqual([own, '9901', '10', '15', ...envoyArguments]);
    expect(healthcheck).toMatchObject({ test: ['CMD', 'bash', '/etc/envoy/ready.sh', own, '9901'] });
  });

  test('alone it has it where the configuration says', () => {
    const { command, healthcheck } = recreate.at(ENVOY);
    expect(command).toEqual(['127.0.99.1', '9901', '10', '15', ...envoyArguments]);
    expect(healthcheck).toMatchObject({ test: ['CMD', 'bash', '/etc/envoy/ready.sh', '127.0.99.1', '9901'] });
  });
});

describe('the init container', () => {
  const initContainer = rolling.at(INIT);

  test.each<[string, object]>([
    ['runs once, to its end', { must_run: false, attach: true, restart: 'no' }],
    ['lets Envoy check the configuration', { entrypoint: ['bash', '/etc/envoy/init.sh'] }],
    [
      'is no more than the owner of the files, who may become the user of Envoy',
      { user: '0:0', capabilities: { drop: ['ALL'], add: ['CAP_SETGID', 'CAP_SETUID'] } },
    ],
    ['cannot gain a capability', { security_opts: ['no-new-privileges:true'] }],
    ['has bounded memory', { memory: 512, memory_swap: 512 }],
    ['has logs, to be told when it fails', { logs: true }],
  ])('%s', (_, expected) => {
    expect(initContainer).toMatchObject(expected);
  });

  test('fails the deploy with what Envoy says', () => {
    expect(initContainer.lifecycle).toMatchObject({
      postcondition: [
        {
          condition: '${self.exit_code == 0}',
          error_message: expect.stringMatching(
            /^The new revision of calc-envoy does not start, and what ran goes on\.[\s\S]*\$\{self\.container_logs\}/,
          ),
        },
      ],
    });
  });

  test('waits in a network for this pod holder, and leaves it a copy for the standby', () => {
    const hostName = `pod-\${substr(${rolling.address('envoy/pod-holder/identity')}.id, 0, 8)}`;
    expect((initContainer.command as string[])[0]).toBe(hostName);
    expect(initContainer.networks_advanced).toEqual([{ name: `\${${rolling.address('network/Default')}.id}` }]);
    expect(initContainer.volumes).toEqual([
      { container_path: '/etc/envoy', volume_name: volumeOf(rolling) },
      { container_path: '/standby', volume_name: `\${${rolling.address('envoy/pod-holder/standby')}.name}` },
    ]);
  });

  test('without a pod has no network at all', () => {
    const alone = recreate.at(INIT);
    expect(alone).toMatchObject({ network_mode: 'none' });
    expect(alone).not.toHaveProperty('networks_advanced');
    expect((alone.command as string[]).slice(0, 2)).toEqual(['-', '127.0.99.1']);
    expect(alone.volumes).toEqual([{ container_path: '/etc/envoy', volume_name: volumeOf(recreate) }]);
  });

  test('takes its files from the revision, hidden, so that a plan tells each text once', () => {
    const files = `${rolling.address(REVISION)}.triggers_replace.files`;
    const [[name] = ['']] = Object.entries(JSON.parse(rolling.json).locals);
    expect(initContainer.upload).toEqual([
      {
        file: '/etc/envoy/envoy.yaml',
        content: `\${sensitive(replace(${files}["/etc/envoy/envoy.yaml"], "127.0.99.1", local.${name}))}`,
      },
      ...['init', 'run', 'ready', 'standby'].map((script) => ({
        file: `/etc/envoy/${script}.sh`,
        content: `\${sensitive(${files}["/etc/envoy/${script}.sh"])}`,
      })),
    ]);
    expect(Object.keys(settingsOf(rolling).files as object)).toHaveLength(5);
  });
});

test('ports are published by the pod holder, or by Envoy itself where there is none', () => {
  expect(rolling.at(ENVOY)).not.toHaveProperty('ports');
  expect(recreate.at(ENVOY)).toMatchObject({
    ports: [{ internal: 8800, external: 8800, ip: '127.0.0.1' }],
  });
});

describe('a new revision', () => {
  /** Whatever makes Terraform give a revision a new name: its settings, and those of the pod that they refer to. */
  const identityOf = (stack: Synthesized) => {
    const settings = settingsOf(stack);
    return [settings, 'podHolder' in settings && stack.at('envoy/pod-holder/identity').triggers_replace];
  };

  test.each<[string, Partial<EnvoySidecarProps>, Partial<ApiServiceProps>?]>([
    ['port', { port: 9000 }],
    ['concurrency', { concurrency: 4 }],
    ['logLevel', { logLevel: 'debug' }],
    ['drain', { drainTime: '20s' }],
    ['memory, and with it the limits', { memory: '256MiB' }],
    ['limits', { limits: false }],
    ['cpus', { cpus: 0.5 }],
    ['labels', { labels: { team: 'a' } }],
    ['timeouts', { timeouts: { request: '60s' } }],
    ['patch', { patch: (bootstrap) => ({ ...bootstrap, node: { id: 'mine' } }) }],
    ['name', { name: 'front' }],
    ['a published port', { publish: { http: { port: 80 } } }],
    ['volumes', { volumes: [{ hostPath: '/srv/tls', containerPath: '/tls' }] }],
    ['migrateConnections', { migrateConnections: false }],
    ['rollout', { rollout: 'recreate' }],
    ['isolation', { isolation: 'pod' }],
    ['the name of the API', {}, { name: 'other-api' }],
    ['the port of the API', {}, { port: 9090 }],
    ['the health path of the API', {}, { healthPath: '/ready' }],
  ])('is made by a change of %s', (_, envoy, api = {}) => {
    const after = calculator(envoy, api);
    expect(identityOf(after)).not.toEqual(identityOf(rolling));
    for (const path of [ENVOY, INIT, VOLUME]) {
      expect(after.at(path).name).toContain(suffix(after));
    }
  });

  test("is made by a change of volumes, with rollout: 'recreate' too", () => {
    const volumes = [{ hostPath: '/srv/tls', containerPath: '/tls' }];
    expect(settingsOf(calculator({ rollout: 'recreate', volumes }))).not.toEqual(settingsOf(recreate));
  });

  test('is not made by a change of readyTimeout, for which no container is replaced', () => {
    const after = calculator({ readyTimeout: '2m' });
    expect(identityOf(after)).toEqual(identityOf(rolling));
    expect([ENVOY, INIT].flatMap((path) => replacing(rolling.at(path), after.at(path)))).toEqual([]);
  });

  test('the image is one of the settings', () => {
    expect(settingsOf(rolling).image).toBe(`\${${rolling.address('envoy/image')}.image_id}`);
    expect(settingsOf(rolling).image).toBe(rolling.at(ENVOY).image);
  });

  test('a change of the memory alone replaces nothing, if heap and connections have bounds of their own', () => {
    const bound = (memory: '256MiB' | '512MiB') =>
      calculator({ memory, limits: { maxHeapSize: '150MiB', maxConnections: 900 } });
    const [small, large] = [bound('256MiB'), bound('512MiB')];
    expect(replacing(small.at(ENVOY), large.at(ENVOY))).toEqual([]);
    expect(settingsOf(large)).toEqual(settingsOf(small));
    expect(large.at(ENVOY)).toMatchObject({ memory: 512, memory_swap: 512 });
  });
});

test('a file that holds a secret is marked in the settings, and Envoy is not quoted', () => {
  const files = [{ path: '/etc/envoy/key.pem', content: 'say "${hi}"', sensitive: true as const }];
  const stack = calculator({ custom: [{ files }] });
  const { locals } = JSON.parse(stack.json) as { readonly locals: object };
  expect(settingsOf(stack).files).toMatchObject({
    '/etc/envoy/key.pem': `\${sensitive(local.${Object.keys(locals).find((name) => name.includes('secret'))})}`,
  });
  expect(Object.values(locals)).toContain('say "$${hi}"');
  expect(JSON.stringify(stack.at(INIT).lifecycle)).not.toContain('container_logs');
});
