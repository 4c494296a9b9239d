// node count-jest.mjs REPORT EXIT_CODE: prints `PASSED FAILED` for a report of `jest --json`.
// A test that did not run counts as failed, so nothing is skipped unseen. So does a suite that failed
// outside its tests (it doesn't load, a hook throws), and a failing jest that reports nothing else.
import { readFileSync } from 'node:fs';

const [file, exitCode] = process.argv.slice(2);

function read() {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { testResults: [] };
  }
}

let passed = 0;
let failed = 0;
for (const suite of read().testResults) {
  let failedHere = 0;
  for (const { status, fullName } of suite.assertionResults) {
    if (status === 'passed') passed++;
    else failedHere++;
    if (status !== 'passed' && status !== 'failed') console.error(`  counts as failed, ${status}: ${fullName}`);
  }
  if (suite.status === 'failed' && failedHere === 0) failedHere = 1;
  failed += failedHere;
}
if (failed === 0 && (exitCode !== '0' || passed === 0)) failed = 1;
console.log(passed, failed);
