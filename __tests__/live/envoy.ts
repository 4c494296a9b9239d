import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Bootstrap,
  type EnvoyOptions,
  type ProxySpec,
  proxySpec,
  type RunOptions,
  type Upstream,
} from '../../envoy';
import { features } from '../../envoy/features/registry';
import { ADMIN_ADDRESS, ADMIN_PORT, CONFIG_FILE, CONFIG_FOLDER } from '../../envoy/messages/resource-names';
import { membersOf } from '../../envoy/options/endpoints';
import { binary } from './binaries';
import { atEnd, until } from './cleanup';
import { type Answer, type Call, call } from './http';
import { freePort } from './ports';

jest.setTimeout(60_000);

// Fails immediately if the binary is missing.
binary();

export type LiveOptions = EnvoyOptions & RunOptions;

export interface AccessLine {
  readonly [field: string]: unknown;
}

export interface Envoy {
  readonly port: number;
  readonly adminAddress: string;
  readonly adminViewPort: number;
  /** Sends a request to the listener of the API. */
  readonly call: (request?: Omit<Call, 'port'>) => Promise<Answer>;
  /** Sends a request to Envoy's admin interface. */
  readonly admin: (path: string, method?: string) => Promise<Answer>;
  readonly stat: (name: string) => Promise<number>;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Returns the lines of the access log written so far. */
  readonly accessLog: () => AccessLine[];
  /** Waits for the line of the access log with this path. */
  readonly logged: (path: string) => Promise<AccessLine>;
  readonly isRunning: () => boolean;
  /** Stops Envoy after it has written the access log. */
  readonly stop: () => Promise<void>;
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'envoy-live-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Prepared {
  readonly spec: ProxySpec;
  /** The folder of the proxy's files, in place of CONFIG_FOLDER. */
  readonly folder: string;
  readonly configFile: string;
  /** The arguments of `envoy`. */
  readonly args: string[];
  readonly port: number;
  readonly adminAddress: string;
  readonly adminViewPort: number;
}

/** Writes the configuration with free ports and, as `EnvoySidecar` does, its own admin address. */
export async function prepare(options: LiveOptions): Promise<Prepared> {
  const its = options.baseConfig?.static_resources?.listeners?.[0]?.address?.socket_address?.port_value;
  const port = its ?? options.port ?? (await freePort());
  const view = options.adminView && { port: await freePort(), ...options.adminView };
  // A back end of a test has fields that an upstream has not.
  const isOption = ([name]: [string, unknown]) => ['host', 'port', 'replicas', ...Object.keys(features)].includes(name);
  const only = (of: object) => Object.fromEntries(Object.entries(of).filter(isOption)) as unknown as Upstream;
  const members = membersOf('upstream', options.upstream);
  const [first] = members;
  const upstream =
    members.length === 1 && first
      ? only(first.service)
      : members.map(({ service, fallback }) => ({ service: only(service), fallback }));
  const own = options.baseConfig === undefined ? { port } : {};
  const spec = proxySpec({ ...options, ...own, upstream, ...(view && { adminView: view }) });
  const octet = () => 1 + Math.floor(Math.random() * 254);
  const adminAddress = `127.${octet()}.${octet()}.${octet()}`;
  const folder = temporaryFolder();
  const here = (text: string) => text.replaceAll(CONFIG_FOLDER, folder);
  for (const { path, content } of spec.files) {
    writeFileSync(here(path), here(content).replaceAll(ADMIN_ADDRESS, adminAddress));
  }
  const args = spec.args.map(here);
  // Envoy flushes the access log after 20 ms instead of a second.
  args[args.indexOf('--file-flush-interval-msec') + 1] = '20';
  return {
    spec,
    folder,
    configFile: here(CONFIG_FILE),
    args,
    port,
    adminAddress,
    adminViewPort: view ? view.port : 0,
  };
}

/** Returns a patch that sets fields of the HTTP connection manager which no option sets. */
export function withManager(changes: Readonly<Record<string, unknown>>): (bootstrap: Bootstrap) => Bootstrap {
  return (bootstrap) => {
    const copy = structuredClone(bootstrap);
    const manager = copy.static_resources?.listeners?.[0]?.filter_chains?.[0]?.filters?.[0]?.typed_config;
    Object.assign(manager ?? {}, changes);
    return copy;
  };
}

/** Starts a child process and collects its output. The process ends with the test file at the latest. */
export function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const ended = new Promise<number | string>((done, failed) => {
    child.on('error', failed);
    child.on('close', (code, signal) => done(code ?? signal ?? ''));
  });
  atEnd(() => kill(child, ended));
  return { child, ended, stdout: () => stdout, stderr: () => stderr };
}

/** Returns the running child processes of a process. */
export function childrenOf(pid: number | undefined): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Kills a process and its children. */
async function kill(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const children = childrenOf(child.pid);
    child.kill('SIGKILL');
    for (const pid of children.filter((pid) => existsSync(`/proc/${pid}`))) {
      process.kill(pid, 'SIGKILL');
    }
  }
  await ended;
}

/** Starts Envoy and waits until it is ready. */
export async function startEnvoy(options: LiveOptions, minor?: string): Promise<Envoy> {
  const prepared = await prepare(options);
  const { port, adminAddress, adminViewPort } = prepared;
  const { child, ended, stdout, stderr } = run(binary(minor), prepared.args);
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const admin = (path: string, method = 'GET') => call({ host: adminAddress, port: ADMIN_PORT, path, method });
  const accessLog = () =>
    stdout()
      .split('\n')
      .slice(0, -1)
      .map((line): AccessLine => JSON.parse(line));
  await until('Envoy is ready', async () => {
    if (!isRunning()) {
      throw new Error(`Envoy does not start:\n${stderr()}`);
    }
    return admin('/ready').then(
      ({ status }) => status === 200,
      () => false,
    );
  });
  return {
    port,
    adminAddress,
    adminViewPort,
    call: (request = {}) => call({ port, ...request }),
    admin,
    stat: async (name) => {
      const { body } = await admin('/stats');
      const line = body.split('\n').find((text) => text.startsWith(`${name}: `));
      return Number(line?.slice(name.length + 2) ?? Number.NaN);
    },
    stdout,
    stderr,
    accessLog,
    logged: (path) =>
      until(`the access log has a line with path ${path}`, () => accessLog().find((line) => line.path === path)),
    isRunning,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Sends requests one after another and returns their statuses. */
export async function inTurn(envoy: Envoy, count: number, each: Omit<Call, 'port'> = {}): Promise<number[]> {
  const result: number[] = [];
  for (let index = 0; index < count; index += 1) {
    result.push((await envoy.call(each)).status);
  }
  return result;
}
