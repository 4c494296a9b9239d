import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProxyFile } from '../../envoy';
import { moveToFolder, writeProxyFiles } from '../files';
import { mountedFiles } from '../mounted-files';

/** What `envoy --mode validate` says. `stuck`: it ended by a signal, or took more than ten seconds. */
export interface Verdict {
  readonly is: 'accepted' | 'refused' | 'stuck';
  /** What it wrote, when it didn't accept. */
  readonly output: string;
}

const MILLISECONDS = 10_000;

// One thread and no shared memory: a fifth of the time less. Without a level of 'critical' the reason isn't told.
const ARGS = ['--mode', 'validate', '--concurrency', '1', '--disable-hot-restart', '--log-level', 'critical'];

const withMounted = mountedFiles();

/** Asks the real Envoy, in a folder of its own. Not in /dev/shm: Envoy reads no configuration from /dev. */
export class Judge {
  private readonly folder = mkdtempSync(join(tmpdir(), 'agreement-'));
  private readonly file = join(this.folder, 'envoy.json');
  private readonly text = join(this.folder, 'envoy.yaml');
  private readonly log = join(this.folder, 'log');

  constructor(private readonly envoy: string) {}

  /**
   * One question at a time.
   *
   * @param config - the text of a YAML file, or what a JSON file holds
   * @param files - what the configuration reads beside itself
   */
  public ask(config: unknown, files: readonly ProxyFile[] = []): Promise<Verdict> {
    writeProxyFiles(this.folder, files);
    const isText = typeof config === 'string';
    const file = isText ? this.text : this.file;
    writeFileSync(file, moveToFolder(withMounted(isText ? config : JSON.stringify(config)), this.folder));
    // Not a pipe: Envoy opens /dev/stdout as a file, for access logs.
    const log = openSync(this.log, 'w');
    const child = spawn(this.envoy, [...ARGS, '--config-path', file], {
      stdio: ['ignore', log, log],
      cwd: this.folder,
      timeout: MILLISECONDS,
      killSignal: 'SIGKILL',
    });
    return new Promise((done, failed) => {
      child.on('error', failed);
      child.on('close', (code, signal) => {
        closeSync(log);
        const is = code === 0 ? 'accepted' : code === 1 && signal === null ? 'refused' : 'stuck';
        done({ is, output: is === 'accepted' ? '' : readFileSync(this.log, 'utf8') });
      });
    });
  }

  public close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
