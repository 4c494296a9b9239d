import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { TerraformStack, Testing } from 'cdktf';
import { atEnd } from '../live/cleanup';

jest.setTimeout(120_000);

/** The programs that apply our stacks. `scripts/setup.sh test` installs OpenTofu. */
export const PROGRAMS = [
  ['Terraform', 'terraform'],
  ['OpenTofu', process.env.TOFU ?? 'tofu'],
] as const;

export interface Result {
  readonly code: number | null;
  readonly output: string;
}

/** A folder with one stack for the real Terraform or OpenTofu. */
export class Project {
  public readonly folder = mkdtempSync(join(tmpdir(), 'terraform-'));

  /** Synthesizes a stack, or writes the given JSON. */
  constructor(
    private readonly program: string,
    stack: ((stack: TerraformStack) => void) | string,
    private readonly variables: Readonly<Record<string, string>> = {},
  ) {
    atEnd(() => rmSync(this.folder, { recursive: true, force: true }));
    this.write('cdk.tf.json', typeof stack === 'string' ? stack : synthesized(stack));
  }

  public write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  /** Runs a command and waits until it exits. */
  public run(...args: readonly string[]): Result {
    const env = { ...process.env, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1', ...this.variables };
    const { status, stdout, stderr, error } = spawnSync(this.program, args, {
      cwd: this.folder,
      env,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    if (error) {
      throw new Error(`${this.program} can't be run; 'scripts/setup.sh test' sets it up: ${error.message}`);
    }
    return { code: status, output: stripVTControlCharacters(stdout + stderr) };
  }

  /** Runs a command that must succeed, and returns its output. */
  public ok(...args: readonly string[]): string {
    const { code, output } = this.run(...args);
    if (code !== 0) {
      throw new Error(`${this.program} ${args.join(' ')} ended with ${code}:\n${output}`);
    }
    return output;
  }

  /** Applies the stack and returns its outputs. */
  public applyAndReadOutputs(): Record<string, unknown> {
    this.ok('init', '-input=false');
    this.ok('apply', '-auto-approve', '-input=false');
    const outputs = JSON.parse(this.ok('output', '-json')) as Record<string, { readonly value: unknown }>;
    return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
  }
}

/** Synthesizes a stack without providers. */
function synthesized(build: (stack: TerraformStack) => void): string {
  const stack = new TerraformStack(Testing.app(), 'stack');
  build(stack);
  return Testing.synth(stack, true);
}
