import type { Agent } from 'node:http';
import http2 from 'node:http2';
import { ADMIN_PORT } from '../../envoy/messages/resource-names';
import { type Backend, startBackend } from './backend';
import { atEnd, sleep, until } from './cleanup';
import { call, connectRaw, keepAlive } from './http';
import { prepareScripts, startWrapped, type Wrapped } from './wrapper';

/** Starts an API that responds immediately, and holds the response to `/held` until the test releases it. */
async function startApi(): Promise<{ api: Backend; held: (() => void)[] }> {
  const held: (() => void)[] = [];
  const api = await startBackend({
    handler: (request, response) => {
      if (request.url === '/held') {
        held.push(() => response.end('held'));
      } else {
        response.end('at once');
      }
    },
  });
  return { api, held };
}

/** Sends SIGTERM and waits until Envoy drains: it asks clients to close their connections. */
async function terminate(envoy: Wrapped): Promise<void> {
  envoy.child.kill('SIGTERM');
  await until(
    'the drain has begun',
    async () => (await envoy.call({ agent: keepAlive() })).headers.connection === 'close',
  );
}

/** Sends requests on one connection until a response asks to close it. */
class Client {
  public answered = 0;
  public readonly ended: Promise<void>;

  constructor(envoy: Wrapped) {
    this.ended = this.send(envoy, keepAlive());
  }

  private async send(envoy: Wrapped, agent: Agent): Promise<void> {
    for (;;) {
      const { status, body, headers } = await envoy.call({ agent });
      expect([status, body]).toEqual([200, 'at once']);
      this.answered += 1;
      if (headers.connection === 'close') {
        return;
      }
      await sleep(5);
    }
  }
}

// The tests run concurrently, since each has its own Envoy and mostly waits.
describe('SIGTERM', () => {
  test.concurrent('loses no request on open connections, and asks clients to close them', async () => {
    const { api } = await startApi();
    const envoy = await startWrapped({ upstream: api, drainTime: '2s' });
    const clients = Array.from({ length: 10 }, () => new Client(envoy));
    await until('all clients get responses', () => clients.every(({ answered }) => answered > 5));
    envoy.child.kill('SIGTERM');
    await Promise.all(clients.map(({ ended }) => ended));

    expect(await envoy.ended).toBe(0);
    const logged = envoy
      .stdout()
      .split('\n')
      .filter((line) => line.includes('"status":200'));
    expect(logged).toHaveLength(clients.reduce((sum, { answered }) => sum + answered, 0));
    await expect(envoy.call()).rejects.toThrow('ECONNREFUSED');
  });

  test.concurrent('accepts new connections during the drain', async () => {
    const { api } = await startApi();
    const envoy = await startWrapped({ upstream: api, drainTime: '3s' });
    await terminate(envoy);
    expect(await envoy.call({ agent: keepAlive() })).toMatchObject({ status: 200, headers: { connection: 'close' } });
    expect(await envoy.ended).toBe(0);
  });

  test.concurrent('sends GOAWAY to HTTP/2 clients, and answers their open requests', async () => {
    const { api, held } = await startApi();
    const envoy = await startWrapped({ upstream: api, drainTime: '2s' });
    const session = http2.connect(`http://127.0.0.1:${envoy.port}`);
    atEnd(() => session.destroy());
    const goAway = new Promise<number>((done) => session.once('goaway', done));
    const get = (path: string) =>
      new Promise<unknown>((done, failed) => {
        const stream = session.request({ ':path': path });
        stream.on('response', ({ ':status': status }) => done(status));
        stream.on('error', failed);
        stream.resume();
      });
    const answer = get('/held');
    await until('the API holds the request', () => held.length === 1);
    await terminate(envoy);
    expect(await get('/')).toBe(200);
    expect(await goAway).toBe(0);
    held[0]?.();
    expect(await answer).toBe(200);
    expect(await envoy.ended).toBe(0);
  });

  test.concurrent('finishes a request that takes longer than the drain, and exits afterwards', async () => {
    const { api, held } = await startApi();
    const envoy = await startWrapped({ upstream: api, drainTime: '1s' });
    const answer = envoy.call({ path: '/held' });
    const idle = await connectRaw(envoy.port);
    await until('the API holds the request', () => held.length === 1);
    envoy.child.kill('SIGTERM');
    await until('Envoy accepts no more connections', () =>
      envoy.call().then(
        () => false,
        () => true,
      ),
    );
    await sleep(1_000);
    expect(envoy.child.exitCode).toBeNull();
    held[0]?.();
    expect(await answer).toMatchObject({ status: 200, body: 'held' });
    expect(await envoy.ended).toBe(0);
    await idle.closed;
  });

  test.concurrent('aborts a request after the timeout', async () => {
    const { api, held } = await startApi();
    const envoy = await startWrapped({ upstream: api, drainTime: '1s' }, 1);
    const answer = envoy.call({ path: '/held' });
    await until('the API holds the request', () => held.length === 1);
    envoy.child.kill('SIGTERM');
    await expect(answer).rejects.toThrow('socket hang up');
    expect(await envoy.ended).toBe(0);
  });

  test.concurrent('stops an Envoy that is not ready yet', async () => {
    const { api } = await startApi();
    const prepared = await prepareScripts({ upstream: api, drainTime: '1s' });
    const wrapper = prepared.run();
    await sleep(15);
    wrapper.child.kill('SIGTERM');
    expect([0, 'SIGTERM']).toContain(await wrapper.ended);
    await expect(call({ host: prepared.adminAddress, port: ADMIN_PORT })).rejects.toThrow('ECONNREFUSED');
  });
});
