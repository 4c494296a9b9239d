import { startBackend } from './backend';
import { startEnvoy } from './envoy';

/** An API that takes half a second. */
async function startSlow() {
  return startBackend({ handler: (_, response) => setTimeout(() => response.end('late'), 500) });
}

test('a route has a time-out of its own, also below its path and with a query, and its neighbours have not', async () => {
  const envoy = await startEnvoy({
    upstream: await startSlow(),
    routes: [{ path: '/quick', timeouts: { request: '100ms' } }],
  });
  const status = async (path: string, method = 'GET') => (await envoy.call({ path, method })).status;
  expect(await status('/quick')).toBe(504);
  expect(await status('/quick/and/deep')).toBe(504);
  expect(await status('/quick?x=1')).toBe(504);
  expect(await status('/quick', 'POST')).toBe(504);
  expect(await status('/quickly')).toBe(200);
  expect(await status('/')).toBe(200);
});

test('the longest path counts, whatever the order', async () => {
  const envoy = await startEnvoy({
    upstream: await startSlow(),
    routes: [
      { path: '/a', timeouts: { request: '100ms' } },
      { path: '/a/b', timeouts: { request: '5s' } },
    ],
  });
  expect((await envoy.call({ path: '/a/b/c' })).status).toBe(200);
  expect((await envoy.call({ path: '/a/c' })).status).toBe(504);
});

test('false turns retries off there, and options turn them on there', async () => {
  const upstream = await startBackend({ handler: (request) => request.socket.destroy() });
  const triesOf = async (envoy: Awaited<ReturnType<typeof startEnvoy>>, path: string) => {
    upstream.seen.length = 0;
    await envoy.call({ path });
    return upstream.seen.length;
  };
  const on = await startEnvoy({
    upstream,
    retries: { backOff: '1ms' },
    routes: [
      { path: '/once', retries: false },
      { path: '/twice', retries: { attempts: 1 } },
    ],
  });
  expect([await triesOf(on, '/'), await triesOf(on, '/once'), await triesOf(on, '/twice')]).toEqual([4, 1, 2]);
  const off = await startEnvoy({
    upstream,
    retries: false,
    routes: [{ path: '/twice', retries: { attempts: 1, backOff: '1ms' } }],
  });
  expect([await triesOf(off, '/'), await triesOf(off, '/twice')]).toEqual([1, 2]);
});

test('a path is compared after it was normalized', async () => {
  const envoy = await startEnvoy({
    upstream: await startSlow(),
    routes: [{ path: '/quick', timeouts: { request: '100ms' } }],
  });
  for (const path of ['//quick', '/./quick', '/x/../quick', '/%71uick']) {
    expect({ path, status: (await envoy.call({ path })).status }).toEqual({ path, status: 504 });
  }
});

test('a stream of a route may be silent for as long as the route says', async () => {
  const envoy = await startEnvoy({
    upstream: await startSlow(),
    timeouts: { request: '0s' },
    routes: [{ path: '/live', timeouts: { streamIdle: '100ms' } }],
  });
  expect((await envoy.call({ path: '/live' })).status).toBe(504);
  expect((await envoy.call({ path: '/' })).status).toBe(200);
});
