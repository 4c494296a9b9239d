// node smoke-test.mjs OUTPUTS_FILE PATH...: requests each path of the `url` output of every deployed stack.
import { readFileSync } from 'node:fs';

const [file, ...paths] = process.argv.slice(2);
const stacks = Object.entries(JSON.parse(readFileSync(file, 'utf8')));
const deployed = stacks.filter(([, outputs]) => typeof outputs.url === 'string');
if (deployed.length === 0) console.log('\nDeployed. No stack has an output named `url`, so nothing was requested.');

for (const [stack, { url }] of deployed) {
  console.log(`\n${stack} answers at ${url}`);
  for (const path of paths) {
    try {
      const response = await fetch(new URL(path, url), { signal: AbortSignal.timeout(10_000) });
      const body = (await response.text()).trim();
      console.log(`  GET ${path}  ${response.status}  server: ${response.headers.get('server')}  ${body}`);
      if (!response.ok) process.exitCode = 1;
    } catch (error) {
      console.log(`  GET ${path}  no answer: ${error.cause?.message ?? error.message}`);
      process.exitCode = 1;
    }
  }
}
