// npm run bench: our constructs against the same stack by hand, and whose time the synthesis of main.ts takes. All numbers
// are of this run on this machine; what can be compared between runs are the ratios. With --smoke it only shows that it works.
import { deepStrictEqual } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';

const SMOKE = process.argv.includes('--smoke');
/** How often each number of services is measured, both ways. */
const ROUNDS = SMOKE ? { 1: 1 } : { 1: 9, 10: 7, 100: 5, 1000: 2 };
const MAIN_ROUNDS = SMOKE ? 1 : 9;

type Laps = Readonly<Record<string, number>>;
// biome-ignore lint/suspicious/noExplicitAny: what is read of it is checked by the comparison
type Json = any;

const folder = mkdtempSync(join(tmpdir(), 'bench-synth-'));
const stackFile = join(folder, 'stack.json');

try {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 1_024 ** 3);
  console.log(`Node ${process.version}, ${cpus().length} cores (${cpu?.model.trim()}), ${memory} GiB\n`);
  compareResults();
  compareTimes();
  splitMain();
} finally {
  rmSync(folder, { recursive: true });
}

/** That both ways lead to the same, or there is nothing to compare. Leaves what the stack by hand is written from. */
function compareResults(): void {
  writeFileSync(stackFile, JSON.stringify(stackOf('ours', 1)));
  const services = 2;
  const [ours, byHand] = [stackOf('ours', services), stackOf('by-hand', services)];
  deepStrictEqual(withoutPaths(ours), withoutPaths(byHand));
  const counts = Object.entries<Json>(ours.resource).map(
    ([type, all]) => `${Object.keys(all).length / services} ${type}`,
  );
  console.log(`One service, both ways the same in every attribute: ${counts.join(', ')}.\n`);
}

function compareTimes(): void {
  console.log(
    '| services | rounds | ours ms | by hand ms | time | without load | constructors | memory MiB | memory |',
  );
  console.log('| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
  for (const [services, rounds] of Object.entries(ROUNDS)) {
    const pairs = Array.from({ length: rounds }, () => [run('ours', services), run('by-hand', services)] as const);
    const ours = (value: (laps: Laps) => number) => Math.round(median(pairs.map(([laps]) => value(laps))));
    const byHand = (value: (laps: Laps) => number) => Math.round(median(pairs.map(([, laps]) => value(laps))));
    const ratio = (value: (laps: Laps) => number) => median(pairs.map(([a, b]) => value(a) / value(b))).toFixed(2);
    const total = sum('total');
    const memory = sum('memory');
    console.log(
      `| ${[
        services,
        rounds,
        ours(total),
        byHand(total),
        ratio(total),
        ratio(sum('construct', 'synth')),
        ratio(sum('construct')),
        ours(memory),
        ratio(memory),
      ].join(' | ')} |`,
    );
  }
}

/** Whose time it is that main.ts takes. */
function splitMain(): void {
  const laps = Array.from({ length: MAIN_ROUNDS }, () => run('main'));
  const row = (title: string, ...names: string[]) => {
    const time = median(laps.map(sum(...names)));
    const share = median(laps.map((one) => sum(...names)(one) / sum('total')(one)));
    console.log(`| ${title} | ${time.toFixed(0)} | ${(share * 100).toFixed(0)} % |`);
  };
  console.log('\n| main.ts | ms | share |\n| :--- | ---: | ---: |');
  row('node and tsx start', 'start');
  row('load cdktf', 'cdktf');
  row('load the provider bindings', 'provider');
  row('cdktf synthesizes', 'synth');
  row('load yaml', 'yaml');
  row('load lib and envoy', 'lib');
  row('constructors, the bindings in them too', 'construct');
  row('YAML', 'stringify');
  row('**ours in all**', 'yaml', 'lib', 'construct', 'stringify');
  row('**total**', 'total');
}

function run(what: string, services = '0'): Laps {
  const env = { ...process.env, BENCH_STACK: stackFile, CDKTF_OUTDIR: join(folder, 'out') };
  const args = ['--import', 'tsx', join(__dirname, 'child.ts'), what, services];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: join(__dirname, '..'), env, encoding: 'utf8' }));
}

function stackOf(who: string, services: number): Json {
  run(who, String(services));
  return JSON.parse(readFileSync(join(folder, 'out/stacks/bench/cdk.tf.json'), 'utf8'));
}

/** Without the paths of constructs, and with `envoy-0-pod-identity` for `envoy-0_pod_identity_63A27EE4`. */
function withoutPaths(stack: Json): Json {
  const text = JSON.stringify(stack, (key, value) => (key === '//' ? undefined : value));
  return JSON.parse(text.replace(/([\w-]+)_[0-9A-F]{8}\b/g, (_, path: string) => path.replaceAll('_', '-')));
}

function sum(...names: string[]): (laps: Laps) => number {
  return (laps) => names.reduce((total, name) => total + (laps[name] ?? 0), 0);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
}
