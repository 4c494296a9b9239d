#!/usr/bin/env node
import { run } from './check';
import { findFilesBelow } from './files-below';
import { readFile } from './read-file';

// A reader that has seen enough, as `head`, is no mistake of ours.
process.stdout.on('error', () => process.exit());

async function main(): Promise<void> {
  const { version }: { version: string } = require('cdktf-envoy-sidecar/package.json');
  const { status, stdout, stderr } = await run(process.argv.slice(2), { version, read: readFile, findFilesBelow });
  process.exitCode = status;
  process.stdout.write(stdout);
  process.stderr.write(stderr);
}

main().catch((error: unknown) => {
  process.exitCode = 2;
  console.error(`cdktf-envoy-sidecar: a mistake of this tool, please report it: ${error}`);
});
