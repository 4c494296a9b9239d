import net from 'node:net';
import { Worker } from 'node:worker_threads';
import { atEnd, sleep } from './cleanup';
import { freePort } from './ports';

/** Listens and never accepts, in a thread whose event loop is blocked. */
const LISTENER = `
const { parentPort, workerData } = require('node:worker_threads');
require('node:net').createServer().listen({ ...workerData, backlog: 1 }, () => {
  parentPort.postMessage('listening');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
`;

/** Starts a back end with a full accept queue: it neither accepts nor refuses further connections. */
export async function startFullBackend(): Promise<{ host: string; port: number }> {
  const address = { host: '127.0.0.1', port: await freePort() };
  const worker = new Worker(LISTENER, { eval: true, workerData: address });
  atEnd(() => worker.terminate());
  await new Promise((done, failed) => {
    worker.once('message', done);
    worker.once('error', failed);
  });
  const fillers = Array.from({ length: 8 }, () => net.connect(address).on('error', () => {}));
  atEnd(() => {
    for (const filler of fillers) {
      filler.destroy();
    }
  });
  await sleep(200);
  if (fillers.every(({ connecting }) => !connecting)) {
    throw new Error('the queue of connections is not full');
  }
  return address;
}
