import net from 'node:net';

/** The number of ports per Jest worker, so that no worker takes a port between the check and the use by another. */
const EACH = 5_000;
const FIRST = 20_000 + (Number(process.env.JEST_WORKER_ID ?? 1) - 1) * EACH;
let next = Math.floor(Math.random() * EACH);

/**
 * Returns an unused port below the range of outgoing connections. The ports are consecutive, so that concurrent tests get
 * different ones: two Envoys would share a port without an error.
 */
export async function freePort(host = '0.0.0.0'): Promise<number> {
  for (;;) {
    const port = FIRST + next;
    next = (next + 1) % EACH;
    if (await isFree(port, host)) {
      return port;
    }
  }
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.on('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
