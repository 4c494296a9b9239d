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
  /** The address that it comes from; all of 127.0.0.0/8 are this machine's. */
  readonly localAddress?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** One request, by default on a connection of its own. */
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

/** As many requests at once; gives how often each status came. */
export async function statuses(count: number, each: Call): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const { status } of await Promise.all(Array.from({ length: count }, () => call(each)))) {
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

/** As many requests, 32 at a time on kept connections; gives how often each status came. */
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

/** An agent that keeps its connections, as browsers do. */
export function keepAlive(maxSockets = 1): http.Agent {
  const agent = new http.Agent({ keepAlive: true, maxSockets });
  atEnd(() => agent.destroy());
  return agent;
}

/** A bare connection, for what a well-behaved client would not send. */
export interface RawConnection {
  readonly send: (text: string) => void;
  /** All that came so far. */
  readonly received: () => string;
  readonly isClosed: () => boolean;
  /** Resolves with all that came once the other side ended the connection. */
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

/** One request as exactly these lines; gives the whole answer. Its path is sent as it is, `..` and all. */
export async function rawCall(port: number, ...lines: string[]): Promise<string> {
  const connection = await connectRaw(port);
  connection.send([...lines, 'Host: api', 'Connection: close', '', ''].join('\r\n'));
  return connection.closed;
}

/** The status that a path as it is gets, `..` and all. Does not wait for the end: Envoy ends a refused connection a second late. */
export async function rawStatus(port: number, path: string, method = 'GET'): Promise<number> {
  const connection = await connectRaw(port);
  connection.send(`${method} ${path} HTTP/1.1\r\nHost: api\r\nConnection: close\r\n\r\n`);
  await until('a status', () => connection.received().length > 12 || connection.isClosed());
  connection.end();
  return Number(connection.received().slice(9, 12));
}
