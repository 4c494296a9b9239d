import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './envoy';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority for one test. */
export interface Authority {
  readonly pem: string;
  /** Issues a certificate for a subject alternative name such as `DNS:localhost`. */
  readonly issue: (name: string) => Certificate;
}

export function authority(): Authority {
  const folder = temporaryFolder();
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  // Some clients require the usage extensions.
  const signs = ['-addext', 'keyUsage=critical,keyCertSign'];
  const ca = ['-keyout', file('ca.key'), '-out', file('ca.pem'), '-subj', '/CN=ca', '-days', '1', ...signs];
  openssl('req', '-x509', ...key, ...ca);
  let count = 0;
  return {
    pem: readFileSync(file('ca.pem'), 'utf8'),
    issue: (name) => {
      count += 1;
      const [csr, keyFile, cert, extensions] = ['csr', 'key', 'pem', 'ext'].map((end) => file(`${count}.${end}`)) as [
        string,
        string,
        string,
        string,
      ];
      writeFileSync(
        extensions,
        `subjectAltName=${name}\nextendedKeyUsage=serverAuth,clientAuth\nauthorityKeyIdentifier=keyid\n`,
      );
      openssl('req', '-new', ...key, '-keyout', keyFile, '-out', csr, '-subj', '/CN=server');
      const by = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-set_serial', String(count)];
      openssl('x509', '-req', '-in', csr, ...by, '-out', cert, '-days', '1', '-extfile', extensions);
      return { cert: readFileSync(cert, 'utf8'), key: readFileSync(keyFile, 'utf8') };
    },
  };
}
