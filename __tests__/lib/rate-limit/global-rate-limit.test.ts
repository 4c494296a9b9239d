import { readFileSync } from 'node:fs';
import { TerraformStack, Testing } from 'cdktf';
import { ApiService, DockerNetwork, EnvoySidecar, GlobalRateLimit, type GlobalRateLimitProps } from '../../../lib';
import { type Resource, replacing, synth } from '../../helpers';

const network = DockerNetwork.fromName('shared');
const base: GlobalRateLimitProps = { network, limits: { total: '10/s' } };

const made = (props: Partial<GlobalRateLimitProps> = {}) =>
  synth((stack) => new GlobalRateLimit(stack, 'limits', { ...base, ...props }));
const service = (props: Partial<GlobalRateLimitProps> = {}): Resource => made(props).at('limits/Default');
const redis = (props: Partial<GlobalRateLimitProps> = {}): Resource => made(props).at('limits/redis');

test('its resources have addresses that stay', () => {
  expect(made().addresses).toMatchInlineSnapshot(`
    [
      "docker_container.limits",
      "docker_container.limits_delayed-removal_7FEE7E64",
      "docker_container.limits_init_582C53CE",
      "docker_container.limits_redis_E6869A3F",
      "docker_image.limits_image_B254092A",
      "docker_image.limits_redis-image_2B65A2BC",
      "docker_network.limits_network_2106817C",
      "docker_volume.limits_volume_5ED43DBC",
      "terraform_data.limits_init-revision_E1E651BC",
      "terraform_data.limits_redis-revision_B62C707F",
      "terraform_data.limits_revision_C7D1CC1B",
    ]
  `);
});

test.each(['limits/Default', 'limits/redis'])('%s is nobody, can write nowhere and publishes no port', (path) => {
  const container = made().at(path);
  expect(container).toMatchObject({
    user: '65532:65532',
    read_only: true,
    capabilities: { drop: ['ALL'] },
    security_opts: ['no-new-privileges:true'],
    restart: 'unless-stopped',
    memory: 128,
    memory_swap: 128,
    log_opts: { 'max-size': '10m', 'max-file': '3' },
    lifecycle: { create_before_destroy: true },
  });
  expect(container).not.toHaveProperty('ports');
});

test('Redis is on a network of its own, which only the service is on as well', () => {
  const stack = made();
  const between = `\${${stack.address('limits/network')}.id}`;
  expect(stack.at('limits/network')).toMatchObject({
    name: 'calc-limits-redis',
    internal: true,
  });
  expect(stack.at('limits/redis').networks_advanced).toEqual([{ name: between, aliases: ['calc-limits-redis'] }]);
  expect(stack.at('limits/Default').networks_advanced).toEqual([
    { name: 'shared', aliases: ['calc-limits'] },
    { name: between },
  ]);
});

test('Redis keeps nothing on a disk, and three quarters of its memory for counts', () => {
  expect(redis({ redisMemory: '64MiB' })).toMatchObject({
    image: `\${${made().address('limits/redis-image')}.image_id}`,
    entrypoint: ['redis-server'],
    command: [
      ...['--save', '--appendonly', 'no'],
      ...['--maxmemory', '50331648', '--maxmemory-policy', 'volatile-ttl', '--protected-mode', 'no'],
    ],
    memory: 64,
    healthcheck: { test: ['CMD', 'redis-cli', 'ping'] },
    wait: true,
  });
});

test('the service has its settings, and its limits from a volume that it can only read', () => {
  const stack = made();
  const volume = `\${${stack.address('limits/volume')}.name}`;
  expect(stack.at('limits/Default')).toMatchObject({
    entrypoint: ['/bin/ratelimit'],
    volumes: [
      {
        container_path: '/etc/ratelimit',
        read_only: true,
        volume_name: volume,
      },
    ],
    depends_on: [stack.address('limits/init'), stack.address('limits/redis')],
  });
  expect(stack.at('limits/Default').env).toEqual([
    'GRPC_PORT=8081',
    'HOST=127.0.0.1',
    'DEBUG_HOST=127.0.0.1',
    'REDIS_SOCKET_TYPE=tcp',
    'REDIS_URL=calc-limits-redis:6379',
    'REDIS_TIMEOUT=1s',
    'RUNTIME_ROOT=/etc/ratelimit',
    'RUNTIME_APPDIRECTORY=config',
    'RUNTIME_WATCH_ROOT=false',
    'RUNTIME_IGNOREDOTFILES=true',
    'REDIS_HEALTH_CHECK_ACTIVE_CONNECTION=true',
    'HEALTHY_WITH_AT_LEAST_ONE_CONFIG_LOADED=true',
    'STOP_CACHE_KEY_INCREMENT_WHEN_OVERLIMIT=true',
    'EXPIRATION_JITTER_MAX_SECONDS=0',
    'DISABLE_STATS=true',
    'LOG_LEVEL=warn',
  ]);
});

test('its limits are put in their place at once, so that it never sees none', () => {
  const stack = made({ limits: { total: '10/s', perClaim: { claim: 'sub', rate: '60/min' } } });
  const initRevision = stack.address('limits/init-revision/Default');
  expect(stack.at('limits/init')).toMatchObject({
    image: `\${${stack.address('limits/redis-image')}.image_id}`,
    entrypoint: ['mv'],
    command: ['/etc/ratelimit/config/.new.yaml', '/etc/ratelimit/config/limits.yaml'],
    upload: [
      {
        file: '/etc/ratelimit/config/.new.yaml',
        content: `\${${initRevision}.triggers_replace.config}`,
      },
    ],
    volumes: [{ container_path: '/etc/ratelimit', volume_name: `\${${stack.address('limits/volume')}.name}` }],
    user: '0:0',
    capabilities: { drop: ['ALL'] },
    network_mode: 'none',
    must_run: false,
    attach: true,
    restart: 'no',
    lifecycle: { create_before_destroy: true, postcondition: [{ condition: '${self.exit_code == 0}' }] },
  });
  expect(stack.resources[initRevision]?.triggers_replace).toMatchObject({
    config: [
      'domain: sidecars',
      'descriptors:',
      '  - key: all',
      '    rate_limit:',
      '      unit: second',
      '      requests_per_unit: 10',
      '  - key: issuer',
      '    descriptors:',
      '      - key: claim',
      '        rate_limit:',
      '          unit: minute',
      '          requests_per_unit: 60',
      '',
    ].join('\n'),
  });
});

test('a changed rate makes a new init container alone: the service reads it, and Redis keeps its counts', () => {
  const [one, other] = [made(), made({ limits: { total: '20/s' } })];
  const changed = one.addresses.filter(
    (address) => JSON.stringify(one.resources[address]) !== JSON.stringify(other.resources[address]),
  );
  expect(other.addresses).toEqual(one.addresses);
  expect(changed).toEqual([one.address('limits/init-revision/Default')]);
  expect(one.at('limits/init').name).toBe(`calc-limits-init-\${substr(${changed[0]}.id, 0, 8)}`);
});

test('another service keeps the old one for five seconds, in which sidecars find the new one', () => {
  const stack = made();
  const container = stack.at('limits/delayed-removal');
  expect(container).toMatchObject({
    name: 'calc-limits-delayed-removal',
    image: `\${${stack.address('limits/redis-image')}.image_id}`,
    entrypoint: ['sleep'],
    command: ['5'],
    // So it is made anew after each new service, and the old one goes after that.
    env: [`AFTER=\${${stack.address('limits/Default')}.id}`],
    user: '65532:65532',
    read_only: true,
    capabilities: { drop: ['ALL'] },
    network_mode: 'none',
    must_run: false,
    attach: true,
    restart: 'no',
  });
  // Nor does one that failed stop the next deploy.
  expect(container).not.toHaveProperty('lifecycle');
});

test.each<[string, string, Partial<GlobalRateLimitProps>]>([
  ['redis', 'redis-revision', { labels: { a: 'b' } }],
  ['redis', 'redis-revision', { redisMemory: '64MiB' }],
  ['Default', 'revision', { labels: { a: 'b' } }],
])('what replaces %s is in %s, which its name is made of: %j', (container, revision, change) => {
  const [before, after] = [made(), made(change)];
  const at = `limits/${container}`;
  expect(replacing(before.at(at), after.at(at))).not.toEqual([]);
  expect(after.at(`limits/${revision}/Default`)).not.toEqual(before.at(`limits/${revision}/Default`));
});

test('a sidecar takes its options, and says what is to happen without it', () => {
  let yaml = '';
  const stack = synth((stack) => {
    const limits = new GlobalRateLimit(stack, 'limits', base);
    expect(limits.options).toEqual({
      service: { host: 'calc-limits', port: 8081 },
      domain: 'sidecars',
      limits: { total: '10/s' },
    });
    const upstream = new ApiService(stack, 'api', {
      image: 'api:1',
      port: 8080,
      network,
    });
    const globalRateLimit = {
      ...limits.options,
      failureMode: 'deny',
    } as const;
    yaml = new EnvoySidecar(stack, 'envoy', { upstream, globalRateLimit }).envoyYaml;
  });
  expect(stack.addresses).toContain('docker_container.envoy');
  expect(yaml).toContain('address: calc-limits');
  expect(yaml).toContain('failure_mode_deny: true');
});

test('without a choice of what is to happen without it, it does not compile, and is refused', () => {
  const stack = new TerraformStack(Testing.app(), 'calc');
  const limits = new GlobalRateLimit(stack, 'limits', base);
  const upstream = new ApiService(stack, 'api', {
    image: 'api:1',
    port: 8080,
    network,
  });
  const globalRateLimit = limits.options;
  // @ts-expect-error failureMode is missing
  const sidecar = () => new EnvoySidecar(stack, 'envoy', { upstream, globalRateLimit });
  expect(sidecar).toThrow(
    new Error(`calc/envoy: globalRateLimit.failureMode is required, got undefined; choose one of 'allow', 'deny'`),
  );
});

test('names, images and labels are as asked for', () => {
  const props = {
    name: 'quota',
    image: 'limit:1',
    redisImage: 'valkey:1',
    labels: { team: 'a' },
  };
  const stack = made(props);
  expect(stack.at('limits/image')).toMatchObject({
    name: 'limit:1',
    keep_locally: true,
  });
  expect(stack.at('limits/redis-image')).toMatchObject({
    name: 'valkey:1',
    keep_locally: true,
  });
  expect(stack.at('limits/network').name).toBe('quota-redis');
  expect(service(props).networks_advanced).toMatchObject([{ name: 'shared', aliases: ['quota'] }, {}]);
  expect(service(props).labels).toEqual([
    { label: 'team', value: 'a' },
    { label: 'cdktf-envoy-sidecar.name', value: 'quota' },
    { label: 'cdktf-envoy-sidecar.role', value: 'rate-limit' },
  ]);
});

test('the substitute images of the set-up are made for the default images', () => {
  const setup = readFileSync('scripts/setup/ratelimit.sh', 'utf8');
  const tag = (name: string) => new RegExp(`^${name}=(.+)$`, 'm').exec(setup)?.[1];
  const commit = /envoyproxy\/ratelimit v\S+-([0-9a-f]{12})$/m.exec(
    readFileSync('scripts/setup/third-party-configs/go.mod', 'utf8'),
  )?.[1];
  expect(tag('RATELIMIT_TAG')).toBe(commit?.slice(0, 8));
  expect(made().at('limits/image').name).toBe(`envoyproxy/ratelimit:${tag('RATELIMIT_TAG')}`);
  expect(made().at('limits/redis-image').name).toBe(`redis:${tag('REDIS_TAG')}`);
});

test.each<[object, string]>([
  [{ limits: {} }, "limits must have a rate, got {}; write for example { total: '1000/s', perClient: '100/min' }"],
  [
    { limits: { total: '1/month' } },
    `limits.total must be requests in a time (s, min, hour or day), got "1/month"; write for example '100/min'`,
  ],
  [{ image: '' }, 'image must name an image, got ""; leave it out'],
  [{ redisImage: '' }, 'redisImage must name an image, got ""; leave it out'],
  [{ redisMemory: '1MiB' }, `redisMemory must be whole MiB, and 6MiB at least, got "1MiB"; write for example '256MiB'`],
  [{ memory: '1.5MiB' }, `memory must be whole MiB, and 6MiB at least, got "1.5MiB"; write for example '256MiB'`],
  [{ failureMode: 'allow' }, 'failureMode is not an option, got "allow"; remove it'],
])('refuses %j', (props, message) => {
  expect(() => made(props)).toThrow(new Error(`calc/limits: ${message}`));
});
