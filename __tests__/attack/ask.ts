import net from 'node:net';

export interface Outcome {
  readonly status: number;
  /** The handler of the back end that served the request, if any. */
  readonly handler: string | undefined;
  readonly location: string | undefined;
}

const TIMEOUT = 5_000;

/** Sends a request with exactly this path and host. */
export function ask(port: number, path: string, host = 'api'): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1', timeout: TIMEOUT });
    let text = '';
    const done = () => {
      socket.destroy();
      const header = (name: string) => new RegExp(`^${name}: *(.*)$`, 'im').exec(text)?.[1]?.trim();
      resolve({ status: Number(text.slice(9, 12)), handler: header('x-handler'), location: header('location') });
    };
    socket.setEncoding('latin1');
    socket.on('data', (part: string) => {
      text += part;
      if (text.includes('\r\n\r\n')) {
        done();
      }
    });
    socket.on('end', done);
    socket.on('timeout', () => socket.destroy(new Error(`no answer to ${JSON.stringify({ path, host })}`)));
    socket.on('error', reject);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`, 'latin1');
  });
}

const REDIRECTS = 3;

/** Sends a request, follows redirects, and returns the last response. */
export async function follow(port: number, path: string, host: string): Promise<Outcome> {
  let outcome = await ask(port, path, host);
  for (let count = 0; count < REDIRECTS && outcome.location?.startsWith('/'); count += 1) {
    outcome = await ask(port, outcome.location, host);
  }
  return outcome;
}
