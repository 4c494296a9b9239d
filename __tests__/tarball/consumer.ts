import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const PROJECT = resolve(__dirname, '../..');

/** What npm says of the packed package. */
interface Packed {
  readonly filename: string;
  /** Bytes, compressed. */
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}
export const [packed] = JSON.parse(process.env.TARBALL ?? '') as [Packed];

export const manifestOf = (path: string) => JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));

/** What `npm install` takes for the version of a package that this project has. */
export const ours = (name: string) => `${name}@${manifestOf(join(PROJECT, 'node_modules', name)).version}`;

/** A project of a user, with the packed package in it. */
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

  /** The output of a program that has to succeed. */
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

  /** The result of type checks of `main.ts` with an empty output where all is well. */
  public typeCheck(module: string, moduleResolution: string): string {
    const options = ['--strict', '--target', 'es2022', '--module', module, '--moduleResolution', moduleResolution];
    return this.run('npx', 'tsc', '--noEmit', ...options, 'main.ts');
  }

  public compile(): void {
    this.run('npx', 'tsc', '--strict', '--target', 'es2022', '--module', 'node16', '--skipLibCheck', 'main.ts');
  }

  /** The stack of the name `consumer`, as it was synthesized last. */
  public stack() {
    return JSON.parse(readFileSync(join(this.folder, STACK), 'utf8'));
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const STACK = 'cdktf.out/stacks/consumer/cdk.tf.json';
