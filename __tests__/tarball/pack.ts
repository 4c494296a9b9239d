import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const PROJECT = join(__dirname, '../..');
const NOT_COPIED = ['node_modules', '.git', 'dist', 'cdktf.out'];

/** Packs a copy of the project once for all test files, and writes npm's description into the environment. */
export default function pack(): void {
  const folder = mkdtempSync(join(tmpdir(), 'tarball-'));
  const project = join(folder, 'project');
  cpSync(PROJECT, project, { recursive: true, filter: (path) => !NOT_COPIED.includes(basename(path)) });
  symlinkSync(join(PROJECT, 'node_modules'), join(project, 'node_modules'));
  process.env.TARBALL_FOLDER = folder;
  process.env.TARBALL = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: project,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
