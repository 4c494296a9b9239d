// npm run bench:check: what the check costs, beside Envoy's own in the same run, and what its types cost a user of tsc.
// All numbers are of this run on this machine; what can be compared between runs are the ratios. With --smoke it only shows
// that it works.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { goldenFiles, moveToFolder, writeProxyFiles } from '../__tests__/files';
import { goldenYaml } from '../__tests__/golden-configs';
import { mountedFiles } from '../__tests__/mounted-files';

const SMOKE = process.argv.includes('--smoke');
const ROUNDS = SMOKE ? 1 : 9;
const TYPE_ROUNDS = SMOKE ? 1 : 5;
const PROJECT = resolve(__dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'bench-check-'));
const CONFIG = join(folder, 'everything.yaml');

try {
  // Beside the files that it names, or Envoy refuses it.
  writeProxyFiles(folder, goldenFiles);
  const golden = goldenYaml('everything');
  writeFileSync(CONFIG, moveToFolder(mountedFiles()(golden), folder));
  // What users run is the built package.
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: PROJECT });
  time();
  size();
  types();
} finally {
  rmSync(folder, { recursive: true });
}

/** One process a round: everything cold, then the same configuration again. */
function time(): void {
  const code = `
    const { readFileSync } = require('node:fs');
    const { parse } = require('yaml');
    const config = parse(readFileSync(${JSON.stringify(CONFIG)}, 'utf8'));
    const laps = {};
    const lap = (name, work) => { const start = performance.now(); work(); laps[name] = performance.now() - start; };
    let check;
    lap('load', () => { ({ check } = require('./dist/envoy/check/check')); });
    lap('first', () => check(config));
    lap('second', () => check(config));
    lap('hundred', () => { for (let i = 0; i < 100; i++) check(config); });
    console.log(JSON.stringify(laps));`;
  const envoy = /(?:^|:)1\.39=([^:]+)/.exec(process.env.ENVOY_BINARIES ?? '')?.[1];
  if (!envoy) {
    throw new Error(
      "ENVOY_BINARIES is not set: run 'scripts/setup.sh test' and source the file 'env.test' that it writes",
    );
  }
  const rounds = Array.from({ length: ROUNDS }, () => {
    const laps = JSON.parse(execFileSync(process.execPath, ['--eval', code], { cwd: PROJECT, encoding: 'utf8' }));
    const start = performance.now();
    const { status } = spawnSync(envoy, ['--mode', 'validate', '--config-path', CONFIG], {
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    if (status !== 0) {
      throw new Error(`Envoy refuses ${CONFIG}`);
    }
    return { ...laps, envoy: performance.now() - start } as Record<string, number>;
  });
  const lines = readFileSync(CONFIG, 'utf8').split('\n').length;
  const ms = (name: string) => median(rounds.map((laps) => laps[name] ?? Number.NaN));
  console.log(`| check of ${lines} lines, median of ${ROUNDS} processes | ms |\n| :--- | ---: |`);
  console.log(`| load the code | ${ms('load').toFixed(1)} |`);
  console.log(`| first check, the model's loading in it | ${ms('first').toFixed(1)} |`);
  console.log(`| second check | ${ms('second').toFixed(1)} |`);
  console.log(`| each of a hundred more | ${(ms('hundred') / 100).toFixed(2)} |`);
  console.log(`| \`envoy --mode validate\`, a process of its own | ${ms('envoy').toFixed(1)} |`);
  const ratio = median(rounds.map((laps) => (laps.envoy ?? 0) / ((laps.hundred ?? 0) / 100)));
  console.log(`\nEnvoy's own takes ${ratio.toFixed(0)} times as long as one of the hundred.\n`);
}

function size(): void {
  console.log('| file | bytes | gzip | brotli |\n| :--- | ---: | ---: | ---: |');
  for (const file of ['dist/envoy/messages/schema/model.json', 'dist/envoy/messages/schema/types.d.ts']) {
    const data = readFileSync(join(PROJECT, file));
    console.log(`| ${file} | ${data.length} | ${gzipSync(data).length} | ${brotliCompressSync(data).length} |`);
  }
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
      cwd: PROJECT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  console.log(`| the packed package | ${packed.unpackedSize} | ${statSync(join(folder, packed.filename)).size} | |\n`);
}

/** A user's file that names Envoy's types, and the same one with `object` in their place. */
function types(): void {
  const from = JSON.stringify(join(PROJECT, 'dist/envoy/messages/schema/types'));
  const body = "export const cluster: Cluster = { name: 'api', type: 'STATIC', connect_timeout: '1s' };\n";
  writeFileSync(
    join(folder, 'with.ts'),
    `import type { envoy } from ${from};\ntype Cluster = envoy.config.cluster.v3.Cluster;\n${body}`,
  );
  writeFileSync(join(folder, 'without.ts'), `type Cluster = object;\n${body}`);
  const measure = (name: string) => {
    const args = ['tsc', '--noEmit', '--strict', '--target', 'es2022', '--module', 'node16', '--types', 'node'];
    const out = execFileSync('npx', [...args, '--extendedDiagnostics', join(folder, `${name}.ts`)], {
      cwd: PROJECT,
      encoding: 'utf8',
    });
    const value = (label: string) => Number(new RegExp(`^${label}: +([\\d.]+)`, 'm').exec(out)?.[1]);
    return { total: value('Total time'), check: value('Check time'), memory: value('Memory used') / 1_024 };
  };
  const pairs = Array.from({ length: TYPE_ROUNDS }, () => [measure('with'), measure('without')] as const);
  console.log('| tsc of a file of a user | total s | check s | memory MiB |\n| :--- | ---: | ---: | ---: |');
  for (const [index, name] of ["with Envoy's types", 'without'].entries()) {
    const of = (key: 'total' | 'check' | 'memory') => median(pairs.map((pair) => pair[index]?.[key] ?? Number.NaN));
    console.log(`| ${name} | ${of('total').toFixed(2)} | ${of('check').toFixed(2)} | ${of('memory').toFixed(0)} |`);
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
}
