import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { atEnd } from './cleanup';
import { temporaryFolder } from './envoy';
import { freePort } from './ports';

/** The files of a certificate and its key. */
export interface Certificate {
  readonly chain: string;
  readonly key: string;
}

export const inFiles = ({ chain, key }: Certificate) => ({ certificateChainFile: chain, privateKeyFile: key });
export const asText = ({ chain, key }: Certificate) => ({
  certificateChain: readFileSync(chain, 'utf8'),
  privateKey: readFileSync(key, 'utf8'),
});

/** A certificate authority. */
export class Authority {
  private readonly folder = temporaryFolder();
  public readonly file = join(this.folder, 'ca.pem');

  public constructor() {
    const ca = ['-keyout', join(this.folder, 'ca.key'), '-out', this.file, '-subj', '/CN=ca', '-days', '10'];
    openssl('req', '-x509', ...NEW_KEY, ...ca);
  }

  /** Issues a certificate for names such as `DNS:api.test` or `IP:127.0.0.2`. With negative days it has expired. */
  public issue(name: string, altNames: string, days = 10): Certificate {
    const file = (end: string) => join(this.folder, `${name}.${end}`);
    openssl('req', ...NEW_KEY, '-keyout', file('key'), '-out', file('csr'), '-subj', `/CN=${name}`);
    writeFileSync(file('ext'), `subjectAltName=${altNames}\n`);
    const ca = ['-CA', this.file, '-CAkey', join(this.folder, 'ca.key'), '-CAcreateserial', '-days', String(days)];
    openssl('x509', '-req', '-in', file('csr'), '-out', file('pem'), '-extfile', file('ext'), ...ca);
    return { chain: file('pem'), key: file('key') };
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}

/** Starts an API with TLS that records the TLS parameters of each request. */
export async function startTlsBackend(
  { chain, key }: Certificate,
  options: https.ServerOptions & { readonly host?: string } = {},
) {
  const { host = '127.0.0.2', ...rest } = options;
  const port = await freePort(host);
  const seen: { readonly serverName: string | false; readonly version: string | null; readonly client?: unknown }[] =
    [];
  const server = https.createServer(
    { cert: readFileSync(chain), key: readFileSync(key), ...rest },
    ({ socket }, response) => {
      const tls = socket as TLSSocket & { servername: string | false };
      const { subject } = tls.getPeerCertificate();
      seen.push({
        serverName: tls.servername,
        version: tls.getProtocol(),
        ...(subject && { client: subject.CN }),
      });
      response.end('from the API');
    },
  );
  await new Promise<void>((done) => server.listen(port, host, done));
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  atEnd(stop);
  return { host, port, seen, server, stop };
}
