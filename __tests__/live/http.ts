import http from 'node:http';
import net from 'node:net';
import { atEnd, until } from './cleanup';

export interface Call {
  readonly host?: string;
  readonly port: number;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: string | Buffer;
  readonly agent?: http.Agent;
  /** The source address, any of 127.0.0.0/8. */
  readonly localAddress?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a request, by default on its own connection. */
export function call({ host = '127.0.0.1', path = '/', body, agent, ...rest }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, path, agent: agent ?? false, ...rest }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts).toString(),
        }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Sends requests at once and counts the responses of each status. */
export async function statuses(count: number, each: Call): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const { status } of await Promise.all(Array.from({ length: count }, () => call(each)))) {
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

/** Sends requests on 32 persistent connections and counts the responses of each status. */
export async function statusesOfEach(count: number, each: (index: number) => Call): Promise<Record<number, number>> {
  const agent = keepAlive(32);
  const counts: Record<number, number> = {};
  let next = 0;
  const some = async () => {
    while (next < count) {
      next += 1;
      const { status } = await call({ agent, ...each(next - 1) });
      counts[status] = (counts[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: 32 }, some));
  return counts;
}

/** Returns an agent with persistent connections, as browsers have. */
export function keepAlive(maxSockets = 1): http.Agent {
  const agent = new http.Agent({ keepAlive: true, maxSockets });
  atEnd(() => agent.destroy());
  return agent;
}

/** A TCP connection, for requests that no HTTP client sends. */
export interface RawConnection {
  readonly send: (text: string) => void;
  /** Returns the data received so far. */
  readonly received: () => string;
  readonly isClosed: () => boolean;
  /** Resolves with all received data when the other side closes the connection. */
  readonly closed: Promise<string>;
  readonly end: () => void;
}

export function connectRaw(port: number, host = '127.0.0.1', localAddress?: string): Promise<RawConnection> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host, ...(localAddress !== undefined && { localAddress }) });
    let text = '';
    let isClosed = false;
    const closed = new Promise<string>((done) => {
      socket.on('close', () => {
        isClosed = true;
        done(text);
      });
    });
    socket.setEncoding('latin1');
    socket.on('data', (part: string) => {
      text += part;
    });
    socket.on('error', reject);
    socket.on('connect', () =>
      resolve({
        send: (data) => socket.write(data, 'latin1'),
        received: () => text,
        isClosed: () => isClosed,
        closed,
        end: () => socket.destroy(),
      }),
    );
    atEnd(() => socket.destroy());
  });
}

/** Sends a request of exactly these lines and returns the response. The path keeps its dot segments. */
export async function rawCall(port: number, ...lines: string[]): Promise<string> {
  const connection = await connectRaw(port);
  connection.send([...lines, 'Host: api', 'Connection: close', '', ''].join('\r\n'));
  return connection.closed;
}

/**
 * Requests a path with its dot segments and returns the status. Does not wait until the connection is closed, since Envoy
 * closes the connection of a rejected request a second later.
 */
export async function rawStatus(port: number, path: string, method = 'GET'): Promise<number> {
  const connection = await connectRaw(port);
  connection.send(`${method} ${path} HTTP/1.1\r\nHost: api\r\nConnection: close\r\n\r\n`);
  await until('a status line', () => connection.received().length > 12 || connection.isClosed());
  connection.end();
  return Number(connection.received().slice(9, 12));
}
