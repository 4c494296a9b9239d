import http2 from 'node:http2';
import { ADMIN_PORT } from '../../envoy/names';
import { type Backend, startBackend } from './backend';
import { atEnd, sleep, until } from './cleanup';
import { call, connectRaw, keepAlive } from './http';
import { prepareScripts, startWrapped, type Wrapped } from './wrapper';

let api: Backend;
let open: (() => void)[];

beforeAll(async () => {
  api = await startBackend({
    handler: (request, response) => {
      if (request.url === '/held') {
        open.push(() => response.end('held'));
      } else {
        response.end('at once');
      }
    },
  });
});

beforeEach(() => {
  open = [];
});

/** Ends it, and waits until the drain has begun: Envoy asks clients for a new connection. */
async function terminate(envoy: Wrapped): Promise<void> {
  envoy.child.kill('SIGTERM');
  await until(
    'the drain has begun',
    async () => (await envoy.call({ agent: keepAlive() })).headers.connection === 'close',
  );
}

/** Requests one after the other on a kept connection, as long as the answers do not ask for a new one. */
async function client(envoy: Wrapped): Promise<{ answered: number; connection: string | undefined }> {
  const agent = keepAlive();
  for (let answered = 1; ; answered += 1) {
    const { status, body, headers } = await envoy.call({ agent });
    expect([status, body]).toEqual([200, 'at once']);
    if (headers.connection === 'close') {
      return { answered, connection: headers.connection };
    }
    await sleep(5);
  }
}

describe('SIGTERM', () => {
  test('loses no request on kept connections, and asks their clients for new ones', async () => {
    const envoy = await startWrapped({ upstream: api, drain: '2s' });
    const clients = Array.from({ length: 10 }, () => client(envoy));
    await sleep(300);
    envoy.child.kill('SIGTERM');
    const ends = await Promise.all(clients);
    expect(Math.min(...ends.map(({ answered }) => answered))).toBeGreaterThan(2);

    expect(await envoy.ended).toBe(0);
    const logged = envoy
      .stdout()
      .split('\n')
      .filter((line) => line.includes('"status":200'));
    expect(logged).toHaveLength(ends.reduce((sum, { answered }) => sum + answered, 0));
    await expect(envoy.call()).rejects.toThrow('ECONNREFUSED');
  });

  test('still takes new connections during the drain', async () => {
    const envoy = await startWrapped({ upstream: api, drain: '3s' });
    await terminate(envoy);
    expect(await envoy.call({ agent: keepAlive() })).toMatchObject({ status: 200, headers: { connection: 'close' } });
    expect(await envoy.ended).toBe(0);
  });

  test('tells HTTP/2 clients to go away, and answers what they had open', async () => {
    const envoy = await startWrapped({ upstream: api, drain: '2s' });
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
    const held = get('/held');
    await until('the API has it', () => open.length === 1);
    await terminate(envoy);
    expect(await get('/')).toBe(200);
    expect(await goAway).toBe(0);
    open[0]?.();
    expect(await held).toBe(200);
    expect(await envoy.ended).toBe(0);
  });

  test('finishes a request that takes longer than the drain, and then ends soon', async () => {
    const envoy = await startWrapped({ upstream: api, drain: '1s' });
    const held = envoy.call({ path: '/held' });
    const idle = await connectRaw(envoy.port);
    await until('the API has it', () => open.length === 1);
    envoy.child.kill('SIGTERM');
    await until('the drain is over', () =>
      envoy.call().then(
        () => false,
        () => true,
      ),
    );
    await sleep(1_000);
    expect(envoy.child.exitCode).toBeNull();
    open[0]?.();
    expect(await held).toMatchObject({ status: 200, body: 'held' });
    expect(await envoy.ended).toBe(0);
    await idle.closed;
  });

  test('does not wait for ever', async () => {
    const envoy = await startWrapped({ upstream: api, drain: '1s' }, 1);
    const held = envoy.call({ path: '/held' });
    await until('the API has it', () => open.length === 1);
    envoy.child.kill('SIGTERM');
    await expect(held).rejects.toThrow('socket hang up');
    expect(await envoy.ended).toBe(0);
  });

  test('ends also an Envoy that is not ready yet', async () => {
    const prepared = await prepareScripts({ upstream: api, drain: '1s' });
    const wrapper = prepared.run();
    await sleep(15);
    wrapper.child.kill('SIGTERM');
    expect([0, 'SIGTERM']).toContain(await wrapper.ended);
    await expect(call({ host: prepared.adminAddress, port: ADMIN_PORT })).rejects.toThrow('ECONNREFUSED');
  });
});
