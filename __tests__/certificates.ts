import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate with its key, as PEM and as files. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export interface IssueOptions {
  /** The validity in days. A negative number creates an expired certificate. */
  readonly days?: number;
  /** The arguments of `openssl req -newkey`, for example `rsa:2048`. */
  readonly key?: readonly string[];
  readonly subject?: string;
  /** The extended key usage, for example `serverAuth`. */
  readonly purposes?: string;
}

const P256 = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];

/** A certificate authority in a temporary folder. */
export class TestAuthority {
  public readonly pem: string;
  public readonly file: string;
  private count = 0;

  private constructor(
    private readonly folder: string,
    private readonly its: Issued,
  ) {
    this.pem = its.cert;
    this.file = its.certFile;
  }

  public static create(name = 'ca'): TestAuthority {
    const folder = mkdtempSync(join(tmpdir(), 'authority-'));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    const [certFile, keyFile] = [join(folder, 'ca.pem'), join(folder, 'ca.key')];
    const ca = ['-keyout', keyFile, '-out', certFile, '-subj', `/CN=${name}`, '-days', '10'];
    openssl('req', '-x509', '-nodes', '-newkey', ...P256, ...ca);
    return new TestAuthority(folder, issued(certFile, keyFile));
  }

  /** Issues a certificate for names such as `DNS:a.test` or `IP:127.0.0.2`, separated by commas. */
  public issue(names: string, { days = 10, key = P256, subject = '/CN=test', purposes }: IssueOptions = {}): Issued {
    const use = purposes === undefined ? '' : `extendedKeyUsage=${purposes}\n`;
    return this.sign(key, subject, days, `subjectAltName=${names}\n${use}`);
  }

  /** Issues a certificate for names with any characters, by type: `{ 'URI.1': 'a;b' }`. */
  public issueNames(names: Readonly<Record<string, string>>): Issued {
    const lines = Object.entries(names).map(([kind, name]) => `${kind}="${name.replaceAll('"', '\\"')}"`);
    return this.sign(P256, '/CN=test', 10, `subjectAltName=@names\n[names]\n${lines.join('\n')}\n`);
  }

  /** Creates an intermediate authority. */
  public intermediate(): TestAuthority {
    const below = this.sign(P256, '/CN=intermediate', 10, 'basicConstraints=critical,CA:true\n');
    return new TestAuthority(mkdtempSync(join(this.folder, 'below-')), below);
  }

  /** Creates a certificate revocation list. */
  public crl(...revoked: readonly Issued[]): string {
    const file = (name: string) => join(this.folder, name);
    const config = `[ca]\ndefault_ca=own\n[own]\ndatabase=${file('index')}\ndefault_md=sha256\ndefault_crl_days=10\n`;
    writeFileSync(file('crl.cnf'), config);
    writeFileSync(file('index'), '');
    const by = ['-config', file('crl.cnf'), '-cert', this.its.certFile, '-keyfile', this.its.keyFile];
    for (const { certFile } of revoked) {
      openssl('ca', ...by, '-revoke', certFile);
    }
    openssl('ca', ...by, '-gencrl', '-out', file('crl.pem'));
    return readFileSync(file('crl.pem'), 'utf8');
  }

  private sign(key: readonly string[], subject: string, days: number, extensions: string): Issued {
    this.count += 1;
    const file = (end: string) => join(this.folder, `${this.count}.${end}`);
    openssl('req', '-new', '-nodes', '-newkey', ...key, '-keyout', file('key'), '-out', file('csr'), '-subj', subject);
    writeFileSync(file('ext'), extensions);
    const by = ['-CA', this.its.certFile, '-CAkey', this.its.keyFile, '-set_serial', String(this.count)];
    openssl(
      'x509',
      '-req',
      '-in',
      file('csr'),
      '-out',
      file('pem'),
      '-extfile',
      file('ext'),
      '-days',
      `${days}`,
      ...by,
    );
    return issued(file('pem'), file('key'));
  }
}

function issued(certFile: string, keyFile: string): Issued {
  return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}
