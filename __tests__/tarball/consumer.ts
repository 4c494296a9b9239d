import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const PROJECT = resolve(__dirname, '../..');

/** The description of the packed package that npm prints. */
interface Packed {
  readonly filename: string;
  /** Bytes, compressed. */
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}
export const [packed] = JSON.parse(process.env.TARBALL ?? '') as [Packed];

export const manifestOf = (path: string) => JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));

/** Returns the argument of `npm install` for the version of a package that this project has. */
export const installedVersion = (name: string) => `${name}@${manifestOf(join(PROJECT, 'node_modules', name)).version}`;

/** A user's project with the packed package installed. */
export class Consumer {
  public readonly folder = mkdtempSync(join(tmpdir(), 'consumer-'));

  constructor(...packages: readonly string[]) {
    this.write('package.json', '{ "name": "consumer", "private": true }');
    this.install(join(process.env.TARBALL_FOLDER as string, packed.filename), ...packages);
  }

  public install(...packages: readonly string[]): void {
    this.run('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock', ...packages);
  }

  public write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  /** Runs a program that must succeed, and returns its output. */
  public run(command: string, ...args: readonly string[]): string {
    return this.runWith({}, command, ...args);
  }

  public runWith(env: NodeJS.ProcessEnv, command: string, ...args: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync(command, args, {
      cwd: this.folder,
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
    if (status !== 0) {
      throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
    }
    return stdout;
  }

  /** Type-checks `main.ts` and returns the errors, an empty text if there are none. */
  public typeCheck(module: string, moduleResolution: string): string {
    const options = ['--strict', '--target', 'es2022', '--module', module, '--moduleResolution', moduleResolution];
    return this.run('npx', 'tsc', '--noEmit', ...options, 'main.ts');
  }

  public compile(): void {
    this.run('npx', 'tsc', '--strict', '--target', 'es2022', '--module', 'node16', '--skipLibCheck', 'main.ts');
  }

  /** Returns the last synthesized stack `consumer`. */
  public stack() {
    return JSON.parse(readFileSync(join(this.folder, STACK), 'utf8'));
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const STACK = 'cdktf.out/stacks/consumer/cdk.tf.json';
