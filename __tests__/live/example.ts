import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ADMIN_ADDRESS, ADMIN_PORT, CONFIG_FILE, CONFIG_FOLDER } from '../../envoy/messages/resource-names';
import { type ExampleSidecar, synthesizeExample } from '../synthesized-example';
import { type Backend, startBackend } from './backend';
import { binary } from './binaries';
import { until } from './cleanup';
import { run, temporaryFolder } from './envoy';
import { type Answer, type Call, call } from './http';

/** A running example. Each container is replaced by a process with its own loopback address and the container's ports. */
export interface RunningExample {
  /** The back ends in place of the APIs, by construct id. Each answers with its id by default. */
  readonly apis: Readonly<Record<string, Backend>>;
  /** Sends a request to the first port of a sidecar, by construct id. */
  readonly call: (sidecar: string, request?: Omit<Call, 'host' | 'port'>) => Promise<Answer>;
  /** The loopback addresses of all processes, by construct id. */
  readonly addresses: Readonly<Record<string, string>>;
}

/**
 * Runs the sidecars that `examples/<name>/main.ts` synthesizes, with addresses in place of Docker's names.
 *
 * @param folders - the folders in place of those of the Docker host
 */
export async function startExample(
  name: string,
  folders: Readonly<Record<string, string>> = {},
): Promise<RunningExample> {
  const { containers, sidecars } = synthesizeExample(name);
  const names = [...new Set(containers.map((one) => one.name))];
  const idOf = (container: string) => container.slice(name.length + 1);
  const addresses = Object.fromEntries(names.map((container) => [container, randomAddress()]));
  const configs = Object.values(sidecars).map(({ files }) => files[CONFIG_FILE] ?? '');
  const apis = containers
    .filter(({ role }) => role === 'api')
    .map(async ({ name: container }): Promise<[string, Backend]> => {
      const [port] = configs.flatMap((config) => portOf(config, container));
      const handler: Backend['handler'] = (_, response) => response.end(idOf(container));
      return [idOf(container), await startBackend({ host: addresses[container] ?? '', port: port ?? 0, handler })];
    });
  const started = Object.fromEntries(await Promise.all(apis));
  for (const [sidecar, parts] of Object.entries(sidecars)) {
    await startSidecar(parts, folders, addresses[sidecar] ?? '', addresses);
  }
  const byId = Object.fromEntries(Object.entries(addresses).map(([container, address]) => [idOf(container), address]));
  return {
    apis: started,
    addresses: byId,
    call: (sidecar, request = {}) => {
      const [port = 0] = portOf(sidecars[`${name}-${sidecar}`]?.files[CONFIG_FILE] ?? '', '0.0.0.0');
      return call({ host: byId[sidecar] ?? '', port, ...request });
    },
  };
}

/** Returns a loopback address that no other process listens on. */
function randomAddress(): string {
  const octet = () => 1 + Math.floor(Math.random() * 254);
  return `127.${octet()}.${octet()}.${octet()}`;
}

/** Returns the ports that a configuration has with an address. */
function portOf(config: string, address: string): number[] {
  return [...config.matchAll(/^ *address: (\S+)\n *port_value: (\d+)$/gm)].flatMap(([, at, port]) =>
    at === address ? [Number(port)] : [],
  );
}

async function startSidecar(
  { files, folders: mounted }: ExampleSidecar,
  folders: Readonly<Record<string, string>>,
  own: string,
  addresses: Readonly<Record<string, string>>,
): Promise<void> {
  const folder = temporaryFolder();
  const at: Readonly<Record<string, string>> = { ...addresses, '0.0.0.0': own, [ADMIN_ADDRESS]: own };
  for (const [path, text] of Object.entries(files)) {
    const content = Object.entries(mounted)
      .reduce((so, [inside, from]) => so.replaceAll(`: ${inside}/`, `: ${folders[from]}/`), text)
      .replaceAll(CONFIG_FOLDER, folder)
      // The certificate has the host name, so the endpoint keeps it beside the address.
      .replace(/ endpoint:\n( *)(address:\n *socket_address:\n *address: (\S+)\n)/g, ' endpoint:\n$1hostname: $3\n$1$2')
      .replace(/^( *address: )(\S+)$/gm, (_, key, host) => key + (at[host] ?? host));
    writeFileSync(join(folder, basename(path)), content);
  }
  const config = join(folder, basename(CONFIG_FILE));
  const { child, stderr } = run(binary(), ['--config-path', config, '--concurrency', '1', '--disable-hot-restart']);
  await until('Envoy is ready', async () => {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`Envoy does not start:\n${stderr()}`);
    }
    return call({ host: own, port: ADMIN_PORT, path: '/ready' }).then(
      ({ status }) => status === 200,
      () => false,
    );
  });
}
