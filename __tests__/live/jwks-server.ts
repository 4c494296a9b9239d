import https from 'node:https';
import type { Certificate } from './authority';
import { atEnd } from './cleanup';
import { freePort } from './ports';

/** An identity provider that serves its keys on localhost. */
export interface JwksServer {
  readonly uri: string;
  /** The body of the responses. */
  keys: string;
  status: number;
  /** Milliseconds before each response. */
  delay: number;
  /** The number of requests. */
  asked: number;
  readonly port: number;
  readonly stop: () => Promise<void>;
}

export async function startJwksServer({ cert, key }: Certificate, keys: string, port?: number): Promise<JwksServer> {
  const own = port ?? (await freePort());
  const server = https.createServer({ cert, key }, (_, response) => {
    jwks.asked += 1;
    setTimeout(() => response.writeHead(jwks.status, { location: '/keys' }).end(jwks.keys), jwks.delay);
  });
  const jwks: JwksServer = {
    uri: `https://localhost:${own}/keys`,
    port: own,
    keys,
    status: 200,
    delay: 0,
    asked: 0,
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
