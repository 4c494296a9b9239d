import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FileRegistry } from '@bufbuild/protobuf';
import { overloadActions, perRoute } from './categories';
import { filterTypes, linked } from './probe';

/** By category: the full names of the messages that its extensions are configured by. */
export type Extensions = ReadonlyMap<string, ReadonlySet<string>>;

interface Listed {
  readonly category: string;
  readonly type_urls?: readonly string[];
}

/** A place that nobody else uses: 127.0.0.1 is what everybody uses. */
const admin = { address: '127.83.19.7', port_value: 19000 };

/** Asks a release binary what it has built in, which it tells as a part of its node. */
async function listed(binary: string): Promise<Map<string, ReadonlySet<string>>> {
  const folder = mkdtempSync(join(tmpdir(), 'envoy-extensions-'));
  const config = join(folder, 'envoy.json');
  writeFileSync(config, JSON.stringify({ admin: { address: { socket_address: admin } } }));
  const envoy = spawn(binary, ['-c', config, '--disable-hot-restart', '--log-level', 'error'], { stdio: 'inherit' });
  try {
    const answer = await ask(`http://${admin.address}:${admin.port_value}/config_dump`);
    const byCategory = new Map<string, Set<string>>();
    for (const { category, type_urls = [] } of answer) {
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
 * type of those that it finds by their name. What a binary does not have at all is left out there.
 */
const unlisted: Readonly<Record<string, readonly string[]>> = {
  'envoy.grpc_credentials': ['envoy.config.grpc_credential.v3.FileBasedMetadataConfig'],
  'envoy.matching.action': [
    'envoy.config.rbac.v3.Action',
    'envoy.config.route.v3.Route',
    'envoy.config.route.v3.RouteList',
    'envoy.extensions.filters.common.matcher.action.v3.SkipFilter',
    'envoy.extensions.filters.http.composite.v3.ExecuteFilterAction',
    'envoy.extensions.filters.http.proto_api_scrubber.v3.RemoveFieldAction',
    'envoy.extensions.filters.http.rate_limit_quota.v3.RateLimitQuotaBucketSettings',
    'envoy.extensions.filters.network.generic_proxy.action.v3.RouteAction',
    'envoy.extensions.filters.udp.udp_proxy.v3.Route',
    'envoy.extensions.matching.actions.transform_stat.v3.TransformStat',
    'envoy.extensions.router.cluster_specifiers.matcher.v3.ClusterAction',
    'envoy.extensions.stat_sinks.open_telemetry.v3.SinkConfig.ConversionAction',
    'envoy.extensions.stat_sinks.open_telemetry.v3.SinkConfig.DropAction',
    'google.protobuf.StringValue',
  ],
  [overloadActions]: [
    'envoy.config.overload.v3.ScaleTimersOverloadActionConfig',
    'envoy.config.overload.v3.ShrinkHeapConfig',
  ],
  'envoy.resource_monitors': [
    'envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig',
  ],
  'envoy.tls.cert_validator': [
    'envoy.extensions.transport_sockets.tls.cert_validator.dynamic_modules.v3.DynamicModuleCertValidatorConfig',
    'envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig',
  ],
  'envoy.upstream_options': [
    'envoy.extensions.filters.network.redis_proxy.v3.RedisProtocolOptions',
    'envoy.extensions.filters.network.thrift_proxy.v3.ThriftProtocolOptions',
  ],
  'envoy.upstreams': [
    'envoy.extensions.upstreams.http.dynamic_modules.v3.Config',
    'envoy.extensions.upstreams.http.generic.v3.GenericConnectionPoolProto',
    'envoy.extensions.upstreams.http.http.v3.HttpConnectionPoolProto',
    'envoy.extensions.upstreams.http.tcp.v3.TcpConnectionPoolProto',
    'envoy.extensions.upstreams.http.udp.v3.UdpConnectionPoolProto',
  ],
};

/** What a binary lists, what it does not list, and what it takes on a route of that which it lists as filters. */
export async function readExtensions(binary: string, registry: FileRegistry): Promise<Extensions> {
  const all = await listed(binary);
  const missing = new Set(await linked(binary, Object.values(unlisted).flat()));
  for (const [category, types] of Object.entries(unlisted)) {
    all.set(category, new Set([...(all.get(category) ?? []), ...types.filter((type) => missing.has(type))]));
  }
  const filters = all.get('envoy.filters.http') ?? new Set();
  const { filter, route } = await filterTypes(binary, registry, filters);
  for (const category of ['envoy.filters.http', 'envoy.filters.http.upstream']) {
    all.set(category, new Set([...(all.get(category) ?? [])].filter((type) => filter.has(type) || !filters.has(type))));
  }
  return all.set(perRoute, new Set([...route, 'envoy.config.route.v3.FilterConfig']));
}

/** With the categories that fields name, which may be several ones in one, and without those that none has a type for. */
export function withJoined(extensions: Extensions, ofFields: Iterable<string>): Extensions {
  const joined = [...ofFields].map((category): [string, Set<string>] => [
    category,
    new Set(category.split(',').flatMap((each) => [...(extensions.get(each) ?? [])])),
  ]);
  return new Map([...[...extensions].filter(([, types]) => types.size > 0), ...joined]);
}
