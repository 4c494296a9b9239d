import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FileRegistry } from '@bufbuild/protobuf';
import { perRoute } from './categories';

/** By category: the full names of the messages that its extensions are configured by. */
export type Extensions = ReadonlyMap<string, ReadonlySet<string>>;

interface Listed {
  readonly category: string;
  readonly type_urls?: readonly string[];
}

/** A place that nobody else uses: 127.0.0.1 is what everybody uses. */
const admin = { address: '127.83.19.7', port_value: 19000 };

/** Asks a release binary what it has built in, which it tells as a part of its node. */
export async function readExtensions(binary: string): Promise<Extensions> {
  const folder = mkdtempSync(join(tmpdir(), 'envoy-extensions-'));
  const config = join(folder, 'envoy.json');
  writeFileSync(config, JSON.stringify({ admin: { address: { socket_address: admin } } }));
  const envoy = spawn(binary, ['-c', config, '--disable-hot-restart', '--log-level', 'error'], { stdio: 'inherit' });
  try {
    const listed = await ask(`http://${admin.address}:${admin.port_value}/config_dump`);
    const byCategory = new Map<string, Set<string>>();
    for (const { category, type_urls = [] } of listed) {
      const types = byCategory.get(category) ?? new Set();
      byCategory.set(category, types);
      for (const type of type_urls) {
        types.add(type);
      }
    }
    return byCategory;
  } finally {
    envoy.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
}

async function ask(url: string): Promise<readonly Listed[]> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    try {
      const response = await fetch(url);
      const dump = (await response.json()) as { configs: { bootstrap?: { node: { extensions: Listed[] } } }[] };
      const extensions = dump.configs.find((config) => config.bootstrap)?.bootstrap?.node.extensions;
      if (!extensions) {
        throw new Error('the dump of the configuration has no extensions');
      }
      return extensions;
    } catch (error) {
      if (Date.now() > deadline) {
        throw error;
      }
      await sleep(100);
    }
  }
}

/**
 * What the binary does not list: where several kinds of factories share a category, it lists those of one, and it names no
 * type of those that it finds by their name. What a minor's API does not have is left out there.
 */
const unlisted: Readonly<Record<string, readonly string[]>> = {
  'envoy.grpc_credentials': ['envoy.config.grpc_credential.v3.FileBasedMetadataConfig'],
  'envoy.tls.cert_validator': [
    'envoy.extensions.transport_sockets.tls.cert_validator.dynamic_modules.v3.DynamicModuleCertValidatorConfig',
    'envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig',
  ],
  'envoy.upstreams': [
    'envoy.extensions.upstreams.http.dynamic_modules.v3.Config',
    'envoy.extensions.upstreams.http.generic.v3.GenericConnectionPoolProto',
    'envoy.extensions.upstreams.http.http.v3.HttpConnectionPoolProto',
    'envoy.extensions.upstreams.http.tcp.v3.TcpConnectionPoolProto',
    'envoy.extensions.upstreams.http.udp.v3.UdpConnectionPoolProto',
  ],
};

/** With what is not listed, and what a route may say of a filter. */
export function withUnlisted(listed: Extensions, registry: FileRegistry): Extensions {
  const all = new Map(listed);
  for (const [category, types] of Object.entries(unlisted)) {
    all.set(category, new Set([...(all.get(category) ?? []), ...types.filter((type) => registry.getMessage(type))]));
  }
  return all.set(perRoute, new Set([...(all.get('envoy.filters.http') ?? []), 'envoy.config.route.v3.FilterConfig']));
}

/** With the categories that fields name, which may be several ones in one, and without those that none has a type for. */
export function withJoined(extensions: Extensions, ofFields: Iterable<string>): Extensions {
  const joined = [...ofFields].map((category): [string, Set<string>] => [
    category,
    new Set(category.split(',').flatMap((each) => [...(extensions.get(each) ?? [])])),
  ]);
  return new Map([...[...extensions].filter(([, types]) => types.size > 0), ...joined]);
}
