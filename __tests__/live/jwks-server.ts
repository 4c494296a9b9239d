import https from 'node:https';
import type { Certificate } from './authority';
import { atEnd } from './cleanup';
import { freePort } from './ports';

/** An identity provider's server of keys, on localhost. */
export interface JwksServer {
  readonly uri: string;
  /** What it answers. */
  keys: string;
  status: number;
  readonly stop: () => Promise<void>;
}

export async function startJwksServer(
  certificate: Certificate,
  keys: string,
  port?: number,
): Promise<JwksServer & { readonly port: number }> {
  const own = port ?? (await freePort());
  const server = https.createServer({ cert: certificate.cert, key: certificate.key }, (_, response) =>
    response.writeHead(jwks.status).end(jwks.keys),
  );
  const jwks = {
    uri: `https://localhost:${own}/keys`,
    port: own,
    keys,
    status: 200,
    stop: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
  await new Promise<void>((done, failed) => {
    server.on('error', failed);
    server.listen(own, '127.0.0.1', done);
  });
  atEnd(jwks.stop);
  return jwks;
}
