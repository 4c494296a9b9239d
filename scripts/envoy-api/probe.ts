import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DescMessage, FileRegistry } from '@bufbuild/protobuf';
import { sample } from './sample';

const url = (type: string): string => `type.googleapis.com/${type}`;

/** What Envoy itself says of a configuration: nothing where it takes it. */
async function refusal(binary: string, configuration: unknown): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'envoy-probe-'));
  const file = join(folder, 'envoy.json');
  writeFileSync(file, JSON.stringify(configuration));
  try {
    await promisify(execFile)(binary, ['--mode', 'validate', '-c', file, '--log-level', 'critical'], {
      timeout: 30_000,
    });
    return '';
  } catch (error) {
    return String((error as { stderr?: string }).stderr || error);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Those of the types that the binary has at all, as found by where any of them may stand. */
export async function linked(binary: string, types: readonly string[]): Promise<readonly string[]> {
  const metadata = Object.fromEntries(types.map((type) => [type, { '@type': url(type) }]));
  const cluster = { name: 'c', metadata: { typed_filter_metadata: metadata } };
  const said = await refusal(binary, { static_resources: { clusters: [cluster] } });
  const missing = /could not find @type '[^']*\/([^'/]+)'/.exec(said)?.[1];
  return missing === undefined
    ? types
    : linked(
        binary,
        types.filter((type) => type !== missing),
      );
}

/** All messages that the binary has. Those of a file are all there, or none of them. */
export async function allLinked(binary: string, registry: FileRegistry): Promise<readonly string[]> {
  const files = [...registry.files].map((file) => file.messages.flatMap(withNested)).filter(([first]) => first);
  const firsts = new Set(
    await linked(
      binary,
      files.flatMap(([first]) => first ?? []),
    ),
  );
  return files.filter(([first = '']) => firsts.has(first)).flat();
}

function withNested(message: DescMessage): string[] {
  return message.proto.options?.mapEntry ? [] : [message.typeName, ...message.nestedMessages.flatMap(withNested)];
}

export interface FilterTypes {
  readonly filter: ReadonlySet<string>;
  readonly route: ReadonlySet<string>;
}

/**
 * Which of the types of HTTP filters configure a filter, and which say something of it for a route: some do both. Envoy
 * does not look at the type of a message with nothing in it, and breaks its rules before anything else.
 */
export async function filterTypes(
  binary: string,
  registry: FileRegistry,
  types: Iterable<string>,
): Promise<FilterTypes> {
  const filter = new Set<string>();
  const route = new Set<string>();
  for (const type of types) {
    const content = sample(registry, type);
    if (Object.keys(content).length === 0) {
      filter.add(type);
      continue;
    }
    const config = { '@type': url(type), ...content };
    const [asFilter, onRoute] = await Promise.all([
      refusal(binary, listener([{ name: 'f', typed_config: config }], {})),
      refusal(binary, listener([], { typed_per_filter_config: { f: config } })),
    ]);
    if (!isWrongType(asFilter)) {
      filter.add(type);
    }
    if (!isWrongType(onRoute)) {
      route.add(type);
    }
  }
  return { filter, route };
}

/** Whether it is refused for its type, and not for what is in it. */
function isWrongType(said: string): boolean {
  if (said.includes('Unable to parse JSON')) {
    throw new Error(said);
  }
  return [
    'Unable to unpack as',
    "doesn't support virtual host or route specific",
    "Didn't find a registered implementation for 'f'",
  ].some((part) => said.includes(part));
}

function listener(filters: readonly object[], route: object): unknown {
  const hcm = {
    '@type': url('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'),
    stat_prefix: 's',
    http_filters: [
      ...filters,
      { name: 'r', typed_config: { '@type': url('envoy.extensions.filters.http.router.v3.Router') } },
    ],
    route_config: {
      virtual_hosts: [
        { name: 'v', domains: ['*'], routes: [{ match: { prefix: '/' }, direct_response: { status: 200 }, ...route }] },
      ],
    },
  };
  const address = { socket_address: { address: '127.0.0.1', port_value: 0 } };
  return {
    node: { id: 'n', cluster: 'c' },
    static_resources: { listeners: [{ address, filter_chains: [{ filters: [{ name: 'h', typed_config: hcm }] }] }] },
  };
}
