import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONFIG_FOLDER } from '../envoy/names';
import { TestAuthority } from './certificates';

/** What stands in `/tls` and, beside the configuration, in its folder, in configurations of the examples. */
function textsOf(authority: TestAuthority): Readonly<Record<string, string>> {
  const { cert, key } = authority.issue('DNS:api.example.com');
  const secrets = [0, 1, 2].map((index) => [`${CONFIG_FOLDER}/tls-${index}`, { pem: cert, key, yaml: '' }] as const);
  return {
    ...Object.fromEntries(
      secrets.flatMap(([path, ends]) => Object.entries(ends).map(([end, text]) => [`${path}.${end}`, text])),
    ),
    // Envoy looks at what these hold only when it starts.
    [`${CONFIG_FOLDER}/tls-clients.yaml`]: '',
    '/tls/fullchain.pem': cert,
    '/tls/privkey.pem': key,
    '/tls/ca.pem': authority.pem,
    '/tls/crl.pem': authority.crl(),
  };
}

/** Puts the files that the examples name into a folder of its own, where a configuration then names them. */
export function configFiles(): (config: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'config-files-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const texts = textsOf(TestAuthority.create());
  const here = (path: string) => join(folder, path.slice(1).replaceAll('/', '-'));
  for (const [path, text] of Object.entries(texts)) {
    writeFileSync(here(path), text);
  }
  return (config) => Object.keys(texts).reduce((text, path) => text.replaceAll(path, here(path)), config);
}
