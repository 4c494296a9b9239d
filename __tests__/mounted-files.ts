import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestAuthority } from './certificates';

/** Returns the files that the examples mount. */
function textsOf(authority: TestAuthority): Readonly<Record<string, string>> {
  const { cert, key } = authority.issue('DNS:api.example.com');
  return {
    '/tls/fullchain.pem': cert,
    '/tls/privkey.pem': key,
    '/tls/ca.pem': authority.pem,
    '/tls/crl.pem': authority.crl(),
  };
}

/** Writes the files that the examples mount to a folder, and returns a function that replaces their paths in a configuration. */
export function mountedFiles(): (config: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'mounted-files-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const texts = textsOf(TestAuthority.create());
  const here = (path: string) => join(folder, path.slice(1).replaceAll('/', '-'));
  for (const [path, text] of Object.entries(texts)) {
    writeFileSync(here(path), text);
  }
  return (config) => Object.keys(texts).reduce((text, path) => text.replaceAll(path, here(path)), config);
}
