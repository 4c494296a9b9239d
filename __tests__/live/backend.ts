import http from 'node:http';
import { atEnd } from './cleanup';
import { freePort } from './ports';

/** What a back end got of one request. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
}

export interface Backend {
  readonly host: string;
  readonly port: number;
  /** The requests that came, in their order; those of health checks apart. */
  readonly seen: Seen[];
  /** What the next requests get. */
  handler: http.RequestListener;
  readonly stop: () => Promise<void>;
}

export interface BackendOptions {
  readonly host?: string;
  readonly port?: number;
  readonly handler?: http.RequestListener;
  /** Bytes; Node's own is 16 KiB. */
  readonly maxHeaderSize?: number;
}

export const HEALTH_PATH = '/health';

/** An API that answers 200 with its own address, unless told otherwise. */
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
  // Longer than any test, so that Envoy never meets a connection that is just being closed.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((done, failed) => {
    server.on('error', failed);
    server.listen(port, host, done);
  });
  atEnd(backend.stop);
  return backend;
}

/** Ends the connection without an answer. */
export const reset: http.RequestListener = (request) => {
  request.socket.destroy();
};
