import net from 'node:net';

/** Ports for each of jest's workers: between the look at one and its use, another worker must not take it. */
const EACH = 5_000;
const FIRST = 20_000 + (Number(process.env.JEST_WORKER_ID ?? 1) - 1) * EACH;
let next = Math.floor(Math.random() * EACH);

/**
 * A port that nobody uses, below those that the system gives to outgoing connections. In turn, so that no two tests at the same
 * time get one: two Envoys would share it without a word.
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
