import { readFileSync } from 'node:fs';
import { Container } from '@cdktf/provider-docker/lib/container';
import { Image } from '@cdktf/provider-docker/lib/image';
import { Network } from '@cdktf/provider-docker/lib/network';
import { Volume } from '@cdktf/provider-docker/lib/volume';
import { DataResource, Fn, Op, TerraformLocal, TerraformOutput, type TerraformStack } from 'cdktf';
import { DEFAULT_IMAGE } from '../envoy/names';

/** What lies beside a stack written by hand: Envoy's configuration, the scripts, the health check. */
interface Texts {
  readonly files: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly healthTest: readonly string[];
  readonly hold: readonly string[];
}

const texts: Texts = JSON.parse(readFileSync(process.env.BENCH_TEXTS ?? '', 'utf8'));

const LOG_ROTATION = { logDriver: 'json-file', logOpts: { 'max-size': '10m', 'max-file': '3' } };
const HARDENED = {
  capabilities: { drop: ['ALL'] },
  securityOpts: ['no-new-privileges:true'],
  ulimit: [{ name: 'nproc', soft: 4_096, hard: 4_096 }],
};
const MEMORY = { memory: 256, memorySwap: 256 };
const ROLLING = { createBeforeDestroy: true };
const ADMIN_ADDRESS = '127.0.99.1';

/** The same as in ours.ts, with nothing but the provider's own classes. */
export function service(stack: TerraformStack, index: number): void {
  if (index === 0) {
    stack.addOverride('terraform.required_providers.docker.version', '>= 3.6.2, < 5.0.0');
  }
  const network = new Network(stack, `network-${index}`, {
    name: `bench-network-${index}`,
    driver: 'bridge',
    internal: true,
    ipv6: false,
    labels: [],
  });
  const api = apiService(stack, `api-${index}`, network);
  sidecar(stack, index, network, api);
  new TerraformOutput(stack, `url-${index}`, { value: `http://127.0.0.1:${10_000 + index}` });
  new TerraformOutput(stack, `admin-${index}`, { value: `http://127.0.0.1:${20_000 + index}` });
}

function apiService(stack: TerraformStack, id: string, network: Network): Container {
  const name = `bench-${id}`;
  const image = new Image(stack, `${id}-image`, {
    name: 'tiangolo/uvicorn-gunicorn-fastapi:python3.11',
    keepLocally: true,
  });
  const settings = {
    image: image.imageId,
    command: ['uvicorn', 'api:app', '--host', '0.0.0.0', '--port', '8080'],
    env: [],
    volumes: [],
    networksAdvanced: [{ name: network.id, aliases: [name] }],
    labels: labels(name, 'api'),
    stopTimeout: 30,
    healthcheck: { test: [...texts.healthTest], interval: '2s', timeout: '15s', startPeriod: '0s', retries: 3 },
    ...LOG_ROTATION,
  };
  const files = { '/app/api.py': { content: readFileSync('api.py', 'utf8') } };
  const generation = new DataResource(stack, `${id}-generation`, {
    triggersReplace: { ...settings, files },
    lifecycle: ROLLING,
  });
  return new Container(stack, id, {
    ...settings,
    name: `${name}-${Fn.substr(generation.id, 0, 8)}-1`,
    restart: 'unless-stopped',
    upload: Object.keys(files).map((file) => ({ file, content: setting(generation, 'files', file, 'content') })),
    destroyGraceSeconds: 30,
    wait: true,
    waitTimeout: 60,
    lifecycle: ROLLING,
  });
}

function sidecar(stack: TerraformStack, index: number, network: Network, api: Container): void {
  const id = `envoy-${index}`;
  const name = `bench-${id}`;
  const image = new Image(stack, `${id}-image`, { name: DEFAULT_IMAGE, keepLocally: true }).imageId;

  const outside = new Network(stack, `${id}-network`, { name: `${name}-outside` });
  const networkIds = [network.id, outside.id];
  const ports = [
    { internal: 8800, ip: '127.0.0.1', external: 10_000 + index },
    { internal: 8081, ip: '127.0.0.1', external: 20_000 + index },
  ];
  const sysctls = { 'net.ipv4.tcp_migrate_req': '1' };
  const identity = new DataResource(stack, `${id}-pod-identity`, { triggersReplace: { networkIds, ports, sysctls } });
  const hostName = `pod-${Fn.substr(identity.id, 0, 8)}`;
  const standIn = new Volume(stack, `${id}-pod-stand-in`, { name: `${name}-stand-in` });
  new Container(stack, `${id}-pod`, {
    name,
    image,
    entrypoint: [...texts.hold],
    init: true,
    ports,
    sysctls,
    networksAdvanced: networkIds.map((networkId) => ({ name: networkId, aliases: [hostName] })),
    user: '101:101',
    readOnly: true,
    ...HARDENED,
    ...MEMORY,
    volumes: [{ volumeName: standIn.name, containerPath: '/etc/envoy', readOnly: true }],
    restart: 'unless-stopped',
    ...LOG_ROTATION,
    labels: labels(name, 'holder'),
    lifecycle: { ignoreChanges: ['image'] },
  });

  const settings = { image, user: '101:101', ...HARDENED, ...LOG_ROTATION, stopTimeout: 30 };
  const files = Object.fromEntries(
    Object.entries(texts.files).map(([path, text]) => [path, text.replaceAll('bench-api-0', `bench-api-${index}`)]),
  );
  const generation = new DataResource(stack, `${id}-generation`, {
    triggersReplace: { files, args: texts.args, ...settings, labels: labels(name, 'sidecar'), pod: identity.id },
    lifecycle: ROLLING,
  });
  const suffix = Fn.substr(generation.id, 0, 8);
  const octet = (start: number) => Op.add(1, Op.mod(Fn.parseint(Fn.substr(generation.id, start, 2), 16), 254));
  const admin = new TerraformLocal(
    stack,
    `${id}-generation-address`,
    Fn.format('127.%d.%d.%d', [octet(0), octet(2), octet(4)]),
  ).asString;
  const volume = new Volume(stack, `${id}-volume`, { name: `${name}-${suffix}`, lifecycle: ROLLING });
  const carrier = new Container(stack, `${id}-carrier`, {
    ...settings,
    ...MEMORY,
    name: `${name}-carrier-${suffix}`,
    labels: labels(name, 'carrier'),
    entrypoint: ['bash', '/etc/envoy/check.sh'],
    command: [hostName, admin, ...texts.args],
    networksAdvanced: [{ name: network.id }],
    volumes: [
      { volumeName: volume.name, containerPath: '/etc/envoy' },
      { volumeName: standIn.name, containerPath: '/stand-in' },
    ],
    user: '0:0',
    upload: Object.keys(files).map((file) => {
      const text = setting(generation, 'files', file);
      return {
        file,
        content: Fn.sensitive(file.endsWith('/envoy.yaml') ? Fn.replace(text, ADMIN_ADDRESS, admin) : text),
      };
    }),
    mustRun: false,
    attach: true,
    logs: true,
    restart: 'no',
    lifecycle: {
      ...ROLLING,
      postcondition: [
        {
          condition: '${self.exit_code == 0}',
          errorMessage: `The new generation of ${name} does not start, and what ran goes on. \${self.name} says:\n\${self.container_logs}`,
        },
      ],
    },
  });
  new Container(stack, id, {
    ...settings,
    ...MEMORY,
    name: `${name}-${suffix}`,
    labels: labels(name, 'sidecar'),
    entrypoint: ['bash', '/etc/envoy/run.sh'],
    command: [admin, '9901', '10', '15', ...texts.args],
    readOnly: true,
    volumes: [{ volumeName: volume.name, containerPath: '/etc/envoy', readOnly: true }],
    networkMode: `container:${name}`,
    restart: 'unless-stopped',
    destroyGraceSeconds: 30,
    healthcheck: {
      test: ['CMD', 'bash', '/etc/envoy/ready.sh', admin, '9901'],
      interval: '2s',
      timeout: '2s',
      startPeriod: '0s',
      retries: 3,
    },
    wait: true,
    waitTimeout: 60,
    dependsOn: [carrier, api],
    lifecycle: { ...ROLLING, ignoreChanges: ['network_mode'] },
  });
}

function setting(generation: DataResource, ...path: string[]): string {
  return Fn.lookupNested(generation.interpolationForAttribute('triggers_replace'), path);
}

function labels(name: string, role: string) {
  return [
    { label: 'cdktf-envoy-sidecar.name', value: name },
    { label: 'cdktf-envoy-sidecar.role', value: role },
  ];
}
