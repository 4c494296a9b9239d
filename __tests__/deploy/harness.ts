import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { DEFAULT_IMAGE } from '../../envoy/messages/resource-names';
import type { Deployed } from './app';

const ROOT = resolve(__dirname, '../..');
/** What the set-up says that cdktf needs here. */
const FLAGS = (process.env.CDKTF_DEPLOY_FLAGS ?? '').split(' ').filter((flag) => flag !== '');

export interface Result {
  readonly code: number;
  readonly output: string;
}

/** Runs a program to its end. */
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

/** Runs a program that has to succeed, and gives what it printed. */
export async function ok(command: string, ...args: string[]): Promise<string> {
  const { code, output } = await run(command, args);
  if (code !== 0) {
    throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`);
  }
  return output.trim();
}

/** Runs bash in a container of Envoy's image on a network, as a neighbour of whoever is on it. */
export function neighbour(network: string, script: string): Promise<Result> {
  const image = process.env.ENVOY_IMAGE ?? DEFAULT_IMAGE;
  return run('docker', ['run', '--rm', '--network', network, image, 'bash', '-c', script]);
}

// Networks and volumes can't be removed while a container uses them.
const KINDS = ['container', 'network', 'volume'] as const;

/** The names of what Docker has of a kind whose name begins so. */
async function named(kind: (typeof KINDS)[number], name: string): Promise<string[]> {
  const all = kind === 'container' ? ['--all'] : [];
  const format = kind === 'container' ? '{{.Names}}' : '{{.Name}}';
  const listing = await ok('docker', kind, 'ls', ...all, '--filter', `name=^${name}`, '--format', format);
  return listing.split('\n').filter((line) => line !== '');
}

/** The names of what Docker has whose name begins so. */
export async function left(name: string): Promise<string[]> {
  return (await Promise.all(KINDS.map((kind) => named(kind, name)))).flat();
}

const REMOVAL = { container: ['--force', '--volumes'], network: [], volume: ['--force'] } as const;

/**
 * Removes what a run that was interrupted left of a stack: it would be in the way of this one, by its names and ports.
 * Names of test stacks begin so that nobody else's do.
 */
async function swept(stack: string): Promise<void> {
  if (!stack.startsWith('envoy-test-')) {
    throw new Error(`a stack of the tests must be called envoy-test-..., or sweeping may hit others: ${stack}`);
  }
  for (const kind of KINDS) {
    const names = await named(kind, stack);
    if (names.length > 0) {
      console.warn(`left by an interrupted run, and removed: ${names.join(', ')}`);
      await ok('docker', kind, 'rm', ...REMOVAL[kind], ...names);
    }
  }
}

/** Asks for a page, and gives what came; the cause of no answer is in the error's message. */
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

/** Asks until a page answers 200, for a minute at the most, and tells how long after `start` that was. */
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

/** Kills the first process of a container, waits until Docker has started it again, and gives the time of the kill. */
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

/** A stack of the tests, deployed by the real `cdktf deploy`. */
export class Stack {
  /** All that cdktf and Terraform write for it: `cdktf.out` and the state. */
  public readonly folder = mkdtempSync(join(tmpdir(), 'deploy-'));
  private swept: Promise<void> | undefined;

  constructor(
    public readonly name: string,
    private readonly env: NodeJS.ProcessEnv = {},
    private readonly app = 'app.ts',
  ) {}

  /** Deploys and gives what cdktf printed; the exit code tells whether it went well. */
  public async deploy(what: Omit<Deployed, 'name' | 'state'> = {}): Promise<Result> {
    this.swept ??= swept(this.name);
    await this.swept;
    return this.cdktf('deploy', ['--auto-approve', ...FLAGS], what);
  }

  /** Deploys what has to succeed. */
  public async deployed(what: Omit<Deployed, 'name' | 'state'> = {}): Promise<string> {
    const { code, output } = await this.deploy(what);
    if (code !== 0) {
      throw new Error(`cdktf deploy ended with ${code}:\n${output}`);
    }
    return output;
  }

  /** What `terraform plan` says of the stack as it was deployed last: 0 no change, 2 changes, 1 failed. */
  public plan(): Promise<Result> {
    return this.terraform('plan', '-detailed-exitcode', '-input=false', '-no-color');
  }

  /** Runs Terraform on the stack as it was synthesized last. */
  public terraform(...args: readonly string[]): Promise<Result> {
    return run('terraform', [`-chdir=${this.terraformFolder}`, ...args], this.env);
  }

  /** What a deploy of something else would change, as `cdktf diff` shows it. */
  public planOf(what: Omit<Deployed, 'name' | 'state'>): Promise<Result> {
    return this.cdktf('diff', FLAGS, what);
  }

  /** The name of the container in which Envoy of the present revision runs. */
  public async container(): Promise<string> {
    const listing = await ok('docker', 'ps', ...this.filter('sidecar'), '--format', '{{.Names}}');
    return listing.split('\n')[0] ?? '';
  }

  /** The ids of its containers of one role, that run; of an API by another name of its construct too. */
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

  private cdktf(verb: string, flags: readonly string[], what: Omit<Deployed, 'name' | 'state'>): Promise<Result> {
    const deployed: Deployed = { name: this.name, state: join(this.folder, 'terraform.tfstate'), ...what };
    const app = `node --import tsx __tests__/deploy/${this.app}`;
    const output = join(this.folder, 'cdktf.out');
    return run('npx', ['cdktf', verb, ...flags, '--app', app, '--output', output, this.name], {
      ...this.env,
      DEPLOYED: JSON.stringify(deployed),
      CI: '1',
    });
  }
}
