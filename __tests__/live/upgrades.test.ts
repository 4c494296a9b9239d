import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { atEnd, sleep, until } from './cleanup';
import { type Envoy, type LiveOptions, startEnvoy } from './envoy';
import { connectRaw } from './http';

const KEY = 'k'.repeat(32);

/** Starts an API with a WebSocket echo, which also changes to the protocol `tcp` and then echoes bytes. */
async function startApi(): Promise<{ host: string; port: number; seen: http.IncomingHttpHeaders[] }> {
  const seen: http.IncomingHttpHeaders[] = [];
  const server = http.createServer((request, response) => {
    seen.push(request.headers);
    response.end('no upgrade');
  });
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    seen.push(request.headers);
    if (request.headers.upgrade === 'tcp') {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: tcp\r\n\r\n');
      socket.pipe(socket);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on('message', (text) => client.send(`echo ${text}`));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  atEnd(() => {
    server.close();
    server.closeAllConnections();
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port, seen };
}

interface Connection {
  readonly echo: (text: string) => Promise<string>;
  readonly isOpen: () => boolean;
  readonly close: () => void;
}

/** Opens a WebSocket, or rejects with the status of the response. */
function connect({ port }: Envoy, path = '/', headers: http.OutgoingHttpHeaders = {}): Promise<Connection> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
  atEnd(() => socket.terminate());
  const echo = (text: string) =>
    new Promise<string>((done) => {
      socket.once('message', (answer) => done(String(answer)));
      socket.send(text);
    });
  return new Promise((done, failed) => {
    socket.on('open', () =>
      done({ echo, isOpen: () => socket.readyState === WebSocket.OPEN, close: () => socket.close() }),
    );
    socket.on('unexpected-response', (_, { statusCode }) => failed(new Error(`${statusCode}`)));
    socket.on('error', failed);
  });
}

const start = async (options: Partial<LiveOptions> = {}) => {
  const api = await startApi();
  const upstream = { host: api.host, port: api.port };
  return { api, envoy: await startEnvoy({ upstream, ...options } as LiveOptions) };
};

describe('WebSocket without any option', () => {
  let envoy: Envoy;
  let api: Awaited<ReturnType<typeof startApi>>;
  beforeAll(async () => {
    ({ api, envoy } = await start({
      timeouts: { request: '1s' },
      routes: [{ path: '/plain', upgrades: false }],
    }));
  });

  test('carries messages in both directions', async () => {
    const { echo, close } = await connect(envoy);
    expect(await echo('one')).toBe('echo one');
    expect(await echo('two')).toBe('echo two');
    close();
  });

  test('outlives the timeout of requests', async () => {
    const { echo, close } = await connect(envoy);
    await sleep(1_500);
    expect(await echo('still')).toBe('echo still');
    close();
  });

  test('answers 403 on a route with upgrades: false', async () => {
    await expect(connect(envoy, '/plain')).rejects.toThrow('403');
  });

  test('answers 403 for a protocol that no option names', async () => {
    const { status } = await envoy.call({ headers: { connection: 'upgrade', upgrade: 'tcp' } });
    expect(status).toBe(403);
  });

  test.each(['TLS/1.2', 'TLS/1.3, TLS/1.2', 'h2c', 'H2C'])('ignores the offer to change to %s', async (upgrade) => {
    api.seen.length = 0;
    const { status, body } = await envoy.call({ headers: { connection: 'upgrade, http2-settings', upgrade } });
    expect({ status, body, upgrade: api.seen[0]?.upgrade }).toEqual({ status: 200, body: 'no upgrade' });
  });
});

test('authentication sees the request before the connection is upgraded', async () => {
  const { envoy } = await start({ apiKeys: { keys: { app: KEY } } });
  await expect(connect(envoy)).rejects.toThrow('401');
  const { echo } = await connect(envoy, '/', { 'x-api-key': KEY });
  expect(await echo('known')).toBe('echo known');
});

test('csrf rejects a WebSocket that a page of another site opens', async () => {
  const { envoy } = await start({ csrf: { additionalOrigins: ['app.example.com'] } });
  await expect(connect(envoy, '/', { origin: 'https://evil.example' })).rejects.toThrow('403');
  await expect(connect(envoy)).rejects.toThrow('403');
  const { echo } = await connect(envoy, '/', { origin: 'https://app.example.com' });
  expect(await echo('own')).toBe('echo own');
});

test('bodyLimit does not hold the messages of a WebSocket', async () => {
  const { envoy } = await start({ bodyLimit: '1KiB' });
  const { echo } = await connect(envoy);
  expect(await echo('x'.repeat(5_000))).toBe(`echo ${'x'.repeat(5_000)}`);
});

test('an upgraded connection counts in the circuit breaker', async () => {
  const { envoy } = await start({ circuitBreaker: { maxRequests: 2 }, requestBuffering: false });
  await connect(envoy);
  await connect(envoy);
  await expect(connect(envoy)).rejects.toThrow('503');
});

test('a WebSocket without a byte ends after timeouts.streamIdle', async () => {
  const { envoy } = await start({ timeouts: { streamIdle: '1s' } });
  const { isOpen } = await connect(envoy);
  await sleep(500);
  expect(isOpen()).toBe(true);
  await until('the WebSocket is closed', () => !isOpen());
});

test('passes another protocol that upgrades.types names, and WebSocket no more', async () => {
  const { envoy } = await start({ upgrades: { types: ['tcp'] } });
  const { received, send } = await connectRaw(envoy.port);
  send('GET / HTTP/1.1\r\nHost: api\r\nConnection: upgrade\r\nUpgrade: tcp\r\n\r\n');
  await sleep(300);
  expect(received()).toMatch(/^HTTP\/1.1 101 /);
  send('bytes');
  await sleep(300);
  expect(received()).toMatch(/bytes$/);
  await expect(connect(envoy)).rejects.toThrow('403');
});

test('upgrades: false answers 403 for all upgrades', async () => {
  const { envoy } = await start({ upgrades: false });
  await expect(connect(envoy)).rejects.toThrow('403');
});
