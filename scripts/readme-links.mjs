// node readme-links.mjs absolute|relative: npm runs it before and after it packs. The package has the README without the
// files that it links to, so there its links lead to the repository.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const { homepage } = JSON.parse(readFileSync('package.json', 'utf8'));
const base = homepage.replace('#readme', '/blob/HEAD/');
const readme = readFileSync('README.md', 'utf8');
// First back to relative ones, so that a run that was interrupted does no harm.
const relative = readme.replaceAll(`](${base}`, '](');
const absolute = relative.replaceAll(/\]\((?![a-z]+:|#)/g, `](${base}`);
writeFileSync('README.md', process.argv[2] === 'absolute' ? absolute : relative);
