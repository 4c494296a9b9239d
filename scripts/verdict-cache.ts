import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Judge, Verdict } from '../__tests__/agreement/envoy';
import { CACHE } from './cache';

/**
 * What one binary said of a configuration, it says again: with its verdicts kept, a changed rule of ours is compared with
 * all of them in minutes. The file's name has the path of the binary in it, which has its version.
 */
export class VerdictCache {
  private readonly file: string;
  private readonly known = new Map<string, Verdict>();

  constructor(envoy: string) {
    this.file = join(CACHE, 'agreement', `${hash(envoy)}.ndjson`);
    mkdirSync(dirname(this.file), { recursive: true });
    const lines = existsSync(this.file) ? readFileSync(this.file, 'utf8').split('\n') : [];
    for (const line of lines) {
      // The last line of a run that was ended may be half of one.
      const [key, verdict] = line.endsWith(']') ? (JSON.parse(line) as [string, Verdict]) : [];
      if (key !== undefined && verdict !== undefined) {
        this.known.set(key, verdict);
      }
    }
  }

  /** Asks this judge, who runs that binary, unless the answer is known. */
  public by(judge: Judge): Pick<Judge, 'ask'> {
    return {
      ask: async (config, files = []) => {
        const key = hash(JSON.stringify(files.length > 0 ? [config, files] : config));
        const verdict = this.known.get(key) ?? (await judge.ask(config, files));
        // A time-out tells of the machine.
        if (!this.known.has(key) && verdict.is !== 'stuck') {
          this.known.set(key, verdict);
          appendFileSync(this.file, `${JSON.stringify([key, verdict])}\n`);
        }
        return verdict;
      },
    };
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
