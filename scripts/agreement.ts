/**
 * npm run test:agreement: asks our check and the real Envoy of each minor about random configurations, and writes
 * docs/reference/agreement.md. Fails when they disagree in a way that has no reason in __tests__/agreement/known-differences.ts.
 *
 *   --count 10000   configurations for each minor
 *   --seed 1        another one makes other configurations
 *   --envoy 1.39    this minor alone, with the same configurations as beside others; the report is then not written
 *   --case 7:123    shows one configuration of the report, with --envoy
 *
 * Ctrl-C ends it with a report of what was asked until then. What Envoy said is kept in the cache, so that the next run only
 * asks it about configurations that are new.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { type Case, cases, configuration } from '../__tests__/agreement/cases';
import { type Comparison, compare } from '../__tests__/agreement/compare';
import { Judge } from '../__tests__/agreement/envoy';
import { type Judged, report } from '../__tests__/agreement/report';
import { binaries, binary } from '../__tests__/live/binaries';
import { VerdictCache } from './verdict-cache';

const REPORT = resolve(__dirname, '../docs/reference/agreement.md');

/** Cases of one seed of fast-check: more at once would only take memory. */
const BATCH = 500;
/** Binaries that run at the same time. */
const LANES = 2;

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    envoy: { type: 'string' },
    case: { type: 'string' },
  },
});

interface Task extends Pick<Judged, 'minor' | 'id' | 'given'> {}

/** Each minor has its own configurations, so that four find more than one. */
function* tasks(minors: readonly string[], count: number, seed: number): Generator<Task> {
  const all = [...binaries().keys()];
  for (let from = 0; from < count; from += BATCH) {
    for (const minor of minors) {
      const batchSeed = seed + from / BATCH + all.indexOf(minor) * 1_000_000;
      const batch = fc.sample(cases, { seed: batchSeed, numRuns: Math.min(BATCH, count - from) });
      for (const [index, given] of batch.entries()) {
        yield { minor, id: `${batchSeed}:${index}`, given };
      }
    }
  }
}

async function main(): Promise<void> {
  const minors = values.envoy === undefined ? [...binaries().keys()] : [values.envoy];
  const count = number('count', values.count);
  const seed = number('seed', values.seed);
  const queue = tasks(minors, count, seed);
  const total = count * minors.length;
  const judged: Judged[] = [];
  const start = Date.now();
  // A report of what there is, instead of nothing after an hour.
  let isEnough = false;
  process.once('SIGINT', () => {
    isEnough = true;
  });
  const progress = setInterval(() => {
    const faults = judged.filter(({ comparison }) => comparison.fault !== undefined).length;
    console.log(`${seconds(start)} s: ${judged.length} of ${total}, ${faults} faults`);
  }, 10_000);
  const remembered = new Map(minors.map((minor) => [minor, new VerdictCache(binary(minor))]));
  const lane = async () => {
    const judges = new Map(minors.map((minor) => [minor, new Judge(binary(minor))]));
    for (const { minor, id, given } of queue) {
      const judge = remembered.get(minor)?.by(judges.get(minor) as Judge) as Pick<Judge, 'ask'>;
      const comparison = await compare(judge, minor, given);
      if (isEnough) {
        // Ctrl-C has ended Envoy, too.
        break;
      }
      judged.push({ minor, id, given, comparison });
    }
    for (const judge of judges.values()) {
      judge.close();
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  clearInterval(progress);
  const faults = judged.filter(({ comparison }) => comparison.fault !== undefined);
  const text = report(judged, { seed, count, seconds: seconds(start), date: new Date().toISOString().slice(0, 10) });
  if (values.envoy === undefined) {
    writeFileSync(REPORT, text);
  }
  console.log(text);
  console.log(`${judged.length - faults.length} agree or have a reason, ${faults.length} do not`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

/** One case of a report: its configuration and both verdicts. */
async function show(id: string, minor: string): Promise<void> {
  const [seed = '', index = ''] = id.split(':');
  const given = fc.sample(cases, { seed: number('case', seed), numRuns: BATCH })[number('case', index)] as Case;
  const judge = new Judge(binary(minor));
  const comparison: Comparison = await compare(judge, minor, given);
  judge.close();
  console.log(JSON.stringify({ given, config: configuration(given), comparison }, null, 2));
}

function number(name: string, text: string): number {
  if (!/^\d+$/.test(text)) {
    throw new Error(`--${name} must be a whole number, got '${text}'`);
  }
  return Number(text);
}

function seconds(start: number): number {
  return Math.round((Date.now() - start) / 1_000);
}

values.case === undefined ? main() : show(values.case, values.envoy ?? '1.39');
