import { once } from 'node:events';
import http2 from 'node:http2';
import https from 'node:https';
import tls from 'node:tls';
import { atEnd } from './cleanup';
import type { Answer } from './http';

export interface SecureCall extends tls.ConnectionOptions {
  readonly port: number;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: https.Agent;
}

/** A response with the certificate names and the TLS version of the server. */
export interface SecureAnswer extends Answer {
  readonly from: string | undefined;
  readonly version: string | null;
}

/** Sends a request with HTTP/1.1 over TLS, by default on its own connection. */
export function secureCall({ agent, ...options }: SecureCall): Promise<SecureAnswer> {
  return new Promise((resolve, reject) => {
    const request = https.request({ host: '127.0.0.1', agent: agent ?? false, ...options }, (response) => {
      const socket = response.socket as tls.TLSSocket;
      const told = { from: namesOf(socket), version: socket.getProtocol() };
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const body = Buffer.concat(parts).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body, ...told });
      });
    });
    request.on('error', reject);
    request.end();
  });
}

/** Returns the subject alternative names of the server's certificate. */
export const namesOf = (socket: tls.TLSSocket) => socket.getPeerCertificate().subjectaltname;

/** Sends a request with HTTP/2, over TLS unless the protocol is `http`. */
export function http2Call({
  port,
  path = '/',
  protocol = 'https',
  ...options
}: SecureCall & { protocol?: 'http' | 'https' }): Promise<{ status: number; alpn: string }> {
  const session = http2.connect(`${protocol}://127.0.0.1:${port}`, options);
  atEnd(() => session.destroy());
  return new Promise((resolve, reject) => {
    session.on('error', reject);
    const stream = session.request({ ':path': path, ...options.headers });
    stream.on('error', reject);
    stream.on('response', ({ ':status': status = 0 }) => {
      resolve({ status, alpn: session.alpnProtocol ?? '' });
      session.close();
    });
    stream.resume();
    stream.end();
  });
}

/** Opens a persistent TLS connection and sends one request on it. */
export async function connectTls(options: tls.ConnectionOptions) {
  const socket = tls.connect({ host: '127.0.0.1', ...options });
  atEnd(() => socket.destroy());
  await once(socket, 'secureConnect');
  socket.write('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n');
  return socket;
}

/** Returns whether a second connection resumes the TLS session of a first one. */
export async function resumesSession(options: tls.ConnectionOptions): Promise<boolean> {
  const first = await connectTls(options);
  // With TLS 1.3, Envoy sends the session with the first response.
  await once(first, 'data');
  const second = await connectTls({ ...options, session: first.getSession() });
  return second.isSessionReused();
}
