import http from 'node:http';
import { atEnd } from './cleanup';
import { freePort } from './ports';

/** A request as the back end received it. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
}

export interface Backend {
  readonly host: string;
  readonly port: number;
  /** The requests received, in order, without those of health checks. */
  readonly seen: Seen[];
  /** Answers the next requests. */
  handler: http.RequestListener;
  readonly stop: () => Promise<void>;
}

export interface BackendOptions {
  readonly host?: string;
  readonly port?: number;
  readonly handler?: http.RequestListener;
  /** Bytes. Node.js has 16 KiB by default. */
  readonly maxHeaderSize?: number;
}

export const HEALTH_PATH = '/health';

/** Starts an API that answers 200 with its address, unless `handler` says otherwise. */
export async function startBackend(options: BackendOptions = {}) {
  const { host = '127.0.0.1', port = await freePort(host), maxHeaderSize = 16_384 } = options;
  const server = http.createServer({ maxHeaderSize }, (request, response) => {
    if (request.url !== HEALTH_PATH) {
      const { method = '', url = '', headers } = request;
      backend.seen.push({ method, url, headers });
    }
    backend.handler(request, response);
  });
  const backend: Backend = {
    host,
    port,
    seen: [],
    handler: options.handler ?? ((_, response) => response.end(host)),
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
  // Longer than any test, so that the server never closes a connection that Envoy is about to use.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((done, failed) => {
    server.on('error', failed);
    server.listen(port, host, done);
  });
  atEnd(backend.stop);
  return backend;
}

/** Closes the connection without a response. */
export const reset: http.RequestListener = (request) => {
  request.socket.destroy();
};
