import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { DEFAULT_IMAGE } from '../../envoy/messages/resource-names';
import type { DeployOptions } from './app';

const ROOT = resolve(__dirname, '../..');
/** The flags that cdktf needs on this machine, from the setup script. */
const FLAGS = (process.env.CDKTF_DEPLOY_FLAGS ?? '').split(' ').filter((flag) => flag !== '');

export interface Result {
  readonly code: number;
  readonly output: string;
}

/** Runs a program and waits until it exits. */
export function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  cwd = ROOT,
): Promise<Result> {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (data: Buffer) => {
      output += data.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', failed);
    child.on('close', (code) => done({ code: code ?? -1, output: stripVTControlCharacters(output) }));
  });
}

/** Runs a program that must succeed, and returns its output. */
export async function ok(command: string, ...args: string[]): Promise<string> {
  const { code, output } = await run(command, args);
  if (code !== 0) {
    throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`);
  }
  return output.trim();
}

/** Runs bash in a container of Envoy's image on a network. */
export function runAsNeighbour(network: string, script: string): Promise<Result> {
  const image = process.env.ENVOY_IMAGE ?? DEFAULT_IMAGE;
  return run('docker', ['run', '--rm', '--network', network, image, 'bash', '-c', script]);
}

// Docker cannot remove networks and volumes that a container uses.
const KINDS = ['container', 'network', 'volume'] as const;

/** Returns the names of Docker's objects of a kind that start with a prefix. */
async function named(kind: (typeof KINDS)[number], name: string): Promise<string[]> {
  const all = kind === 'container' ? ['--all'] : [];
  const format = kind === 'container' ? '{{.Names}}' : '{{.Name}}';
  const listing = await ok('docker', kind, 'ls', ...all, '--filter', `name=^${name}`, '--format', format);
  return listing.split('\n').filter((line) => line !== '');
}

/** Returns the names of all Docker objects that start with a prefix. */
export async function listRemains(name: string): Promise<string[]> {
  return (await Promise.all(KINDS.map((kind) => named(kind, name)))).flat();
}

const REMOVAL = { container: ['--force', '--volumes'], network: [], volume: ['--force'] } as const;

/**
 * Removes the remains of an interrupted run of a stack, since their names and ports would conflict. The prefix of test
 * stacks is unique to them.
 */
async function removeRemains(stack: string): Promise<void> {
  if (!stack.startsWith('envoy-test-')) {
    throw new Error(`a test stack must have the prefix envoy-test-, or the cleanup may remove other stacks: ${stack}`);
  }
  for (const kind of KINDS) {
    const names = await named(kind, stack);
    if (names.length > 0) {
      console.warn(`removed the remains of an interrupted run: ${names.join(', ')}`);
      await ok('docker', kind, 'rm', ...REMOVAL[kind], ...names);
    }
  }
}

/** Requests a page and returns the response. The error names the cause if there is none. */
export async function get(
  url: string,
  method = 'GET',
): Promise<{ status: number; server: string | null; body: string }> {
  try {
    const response = await fetch(url, {
      method,
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(20_000),
    });
    return { status: response.status, server: response.headers.get('server'), body: await response.text() };
  } catch (error) {
    const { code, message } = (error as { cause?: NodeJS.ErrnoException }).cause ?? (error as NodeJS.ErrnoException);
    throw new Error(`${code} ${message}`);
  }
}

/** Requests a page until it answers 200, for at most a minute, and returns the seconds since `start`. */
export async function secondsUntilAnswer(url: string, start: number): Promise<number> {
  for (;;) {
    const status = await get(url).then(
      (answer) => answer.status,
      () => 0,
    );
    const seconds = (Date.now() - start) / 1_000;
    if (status === 200) {
      return seconds;
    }
    if (seconds > 60) {
      throw new Error(`${url} did not answer 200 for a minute, but ${status}`);
    }
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** Kills the first process of a container, waits until Docker has restarted it, and returns the time of the kill. */
export async function kill(name: string): Promise<number> {
  const [pid, before] = (await ok('docker', 'inspect', name, '--format', '{{.State.Pid}} {{.State.StartedAt}}')).split(
    ' ',
  );
  const killed = Date.now();
  process.kill(Number(pid), 'SIGKILL');
  while ((await ok('docker', 'inspect', name, '--format', '{{.State.StartedAt}}')) === before) {
    if (Date.now() - killed > 60_000) {
      throw new Error(`${name} was not started again within a minute`);
    }
  }
  return killed;
}

/** A test stack, deployed by the real `cdktf deploy`. */
export class Stack {
  /** The folder of `cdktf.out` and the Terraform state. */
  public readonly folder = mkdtempSync(join(tmpdir(), 'deploy-'));
  private remainsRemoved: Promise<void> | undefined;

  constructor(
    public readonly name: string,
    private readonly env: NodeJS.ProcessEnv = {},
    private readonly app = 'app.ts',
  ) {}

  /** Deploys, and returns the exit code and the output of cdktf. */
  public async deploy(what: Omit<DeployOptions, 'name' | 'state'> = {}): Promise<Result> {
    this.remainsRemoved ??= removeRemains(this.name);
    await this.remainsRemoved;
    return this.cdktf('deploy', ['--auto-approve', ...FLAGS], what);
  }

  /** Deploys, throws if cdktf fails, and returns the output. */
  public async deployOrThrow(what: Omit<DeployOptions, 'name' | 'state'> = {}): Promise<string> {
    const { code, output } = await this.deploy(what);
    if (code !== 0) {
      throw new Error(`cdktf deploy ended with ${code}:\n${output}`);
    }
    return output;
  }

  /** Runs `terraform plan` on the last deployed stack. Exit codes: 0 no changes, 1 failure, 2 changes. */
  public plan(): Promise<Result> {
    return this.terraform('plan', '-detailed-exitcode', '-input=false', '-no-color');
  }

  /** Runs Terraform on the last synthesized stack. */
  public terraform(...args: readonly string[]): Promise<Result> {
    return run('terraform', [`-chdir=${this.terraformFolder}`, ...args], this.env);
  }

  /** Runs `cdktf diff` for a deploy with other options. */
  public planOf(what: Omit<DeployOptions, 'name' | 'state'>): Promise<Result> {
    return this.cdktf('diff', FLAGS, what);
  }

  /** Returns the name of the container with Envoy of the current revision. */
  public async container(): Promise<string> {
    const listing = await ok('docker', 'ps', ...this.filter('sidecar'), '--format', '{{.Names}}');
    return listing.split('\n')[0] ?? '';
  }

  /** Returns the ids of the running containers of one role. `construct` selects one of several APIs. */
  public async ids(role: string, construct?: string): Promise<string[]> {
    const listing = await ok('docker', 'ps', '--no-trunc', ...this.filter(role, construct), '--format', '{{.ID}}');
    return listing
      .split('\n')
      .filter((line) => line !== '')
      .sort();
  }

  public async destroy(): Promise<Result> {
    const result = await this.cdktf('destroy', ['--auto-approve'], {});
    rmSync(this.folder, { recursive: true });
    return result;
  }

  private filter(role: string, construct = role === 'api' ? 'api' : 'envoy'): string[] {
    const owner = `${this.name}-${construct}`;
    return [
      '--filter',
      `label=cdktf-envoy-sidecar.name=${owner}`,
      '--filter',
      `label=cdktf-envoy-sidecar.role=${role}`,
    ];
  }

  private get terraformFolder(): string {
    return join(this.folder, 'cdktf.out', 'stacks', this.name);
  }

  private cdktf(verb: string, flags: readonly string[], what: Omit<DeployOptions, 'name' | 'state'>): Promise<Result> {
    const deployed: DeployOptions = { name: this.name, state: join(this.folder, 'terraform.tfstate'), ...what };
    const app = `node --import tsx __tests__/deploy/${this.app}`;
    const output = join(this.folder, 'cdktf.out');
    return run('npx', ['cdktf', verb, ...flags, '--app', app, '--output', output, this.name], {
      ...this.env,
      // Two stacks that fill Terraform's plugin cache at once get in each other's way: "file exists".
      CDKTF_DISABLE_PLUGIN_CACHE_ENV: '1',
      DEPLOYED: JSON.stringify(deployed),
      CI: '1',
    });
  }
}
