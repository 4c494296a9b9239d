// The package as it is published: dist anew, with the data that tsc does not copy.
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
rmSync('dist', { recursive: true, force: true });
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
copyFileSync('envoy/messages/schema/model.json', 'dist/envoy/messages/schema/model.json');

// The entry for cdktn: the same lib, but for the one file that imports the toolkit.
cpSync('dist/lib', 'dist/cdktn', { recursive: true });
for (const file of ['dist/cdktn/cdk.js', 'dist/cdktn/cdk.d.ts']) {
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/(["']@?)cdktf(?=["'/])/g, '$1cdktn'));
}
