import { once } from 'node:events';
import http2 from 'node:http2';
import { extension } from '../../envoy/messages/builders';
import { type Backend, startBackend } from './backend';
import { binaries } from './binaries';
import { atEnd, sleep, until } from './cleanup';
import { type Envoy, startEnvoy, withManager } from './envoy';
import { startFullBackend } from './full-backend';
import { connectRaw, keepAlive, type RawConnection } from './http';
import { Authority } from './tls-backend';

let api: Backend;

beforeAll(async () => {
  api = await startBackend({
    handler: (request, response) => {
      if (request.url === '/never') {
        return;
      }
      if (request.url === '/part') {
        response.write('part');
        return;
      }
      setTimeout(() => response.end('late'), request.url === '/quick' ? 0 : 400);
    },
  });
});

/** Returns the data of the connection that closes first, which must be the one with a limit. */
async function firstClosed(limited: Promise<string>, unlimited: Promise<string>): Promise<string> {
  return Promise.race([limited, unlimited.then(() => 'the one without a limit')]);
}

async function statusOf(stream: http2.ClientHttp2Stream): Promise<number | undefined> {
  const [headers] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader];
  stream.resume();
  await once(stream, 'close');
  return headers[':status'];
}

/** Sends a byte every 50 ms, so that there is never a long pause. */
function drip(connections: readonly RawConnection[], byte: string): () => void {
  const timer = setInterval(() => {
    for (const connection of connections.filter(({ isClosed }) => !isClosed())) {
      connection.send(byte);
    }
  }, 50);
  return () => clearInterval(timer);
}

describe('the request timeout', () => {
  test('answers 504 if the API takes longer', async () => {
    const envoy = await startEnvoy({ upstream: api, timeouts: { request: '200ms' } });
    expect(await envoy.call({ path: '/never' })).toMatchObject({ status: 504 });
    expect(await envoy.logged('/never')).toMatchObject({ flags: 'UT', details: 'response_timeout' });
  });

  test.each(['5s', '0s'] as const)('passes a slow response with %s', async (request) => {
    const envoy = await startEnvoy({ upstream: api, timeouts: { request } });
    expect(await envoy.call({ path: '/slow' })).toMatchObject({ status: 200, body: 'late' });
  });
});

describe('the timeout for request headers', () => {
  test('answers 408 to a slow client and closes the connection', async () => {
    const [limited, unlimited] = await Promise.all([
      startEnvoy({ upstream: api, timeouts: { requestHeaders: '300ms' } }),
      startEnvoy({ upstream: api, timeouts: { requestHeaders: '0s' } }),
    ]);
    const [slow, patient] = await Promise.all([connectRaw(limited.port), connectRaw(unlimited.port)]);
    for (const connection of [patient, slow]) {
      connection.send('GET / HTTP/1.1\r\nHost: a');
    }
    const stop = drip([patient, slow], 'p');
    const answer = await firstClosed(slow.closed, patient.closed);
    stop();
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(patient.received()).toBe('');
    patient.send('i\r\n\r\n');
    await sleep(500);
    expect(patient.received()).toMatch(/^HTTP\/1.1 200 /);
  });
});

describe('the timeout for the request body', () => {
  test('answers 408 if the body is incomplete', async () => {
    const [limited, unlimited] = await Promise.all([
      startEnvoy({ upstream: api, timeouts: { requestBody: '300ms' } }),
      startEnvoy({ upstream: api, timeouts: { requestBody: '0s' } }),
    ]);
    const [slow, patient] = await Promise.all([connectRaw(limited.port), connectRaw(unlimited.port)]);
    for (const connection of [patient, slow]) {
      connection.send('POST /never HTTP/1.1\r\nHost: api\r\nContent-Length: 1000\r\n\r\n');
    }
    const stop = drip([patient, slow], 'x');
    const answer = await firstClosed(slow.closed, patient.closed);
    stop();
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(patient.received()).toBe('');
  });
});

describe('the idle timeout of a stream', () => {
  test('aborts a response that pauses, with any request timeout', async () => {
    const envoy = await startEnvoy({ upstream: api, timeouts: { streamIdle: '300ms', request: '0s' } });
    const connection = await connectRaw(envoy.port);
    connection.send('GET /part HTTP/1.1\r\nHost: api\r\n\r\n');
    expect(await connection.closed).toMatch(/^HTTP\/1.1 200 [\s\S]*\r\npart\r\n$/);
    expect(await envoy.logged('/part')).toMatchObject({ details: 'stream_idle_timeout' });
  });

  test('answers 504 if the API does not respond, and 408 if the request body pauses', async () => {
    const envoy = await startEnvoy({ upstream: api, timeouts: { streamIdle: '300ms', request: '0s' } });
    expect(await envoy.call({ path: '/never' })).toMatchObject({ status: 504 });
    const connection = await connectRaw(envoy.port);
    connection.send('POST /never HTTP/1.1\r\nHost: api\r\nContent-Length: 10\r\n\r\nx');
    expect(await connection.closed).toMatch(/^HTTP\/1.1 408 /);
  });
});

describe('the timeout of the TLS handshake', () => {
  test('closes a connection whose handshake is incomplete', async () => {
    const { chain, key } = new Authority().issue('edge', 'DNS:edge.test');
    const socket = extension(
      'envoy.transport_sockets.tls',
      'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
      {
        common_tls_context: {
          tls_certificates: [{ certificate_chain: { filename: chain }, private_key: { filename: key } }],
        },
      },
    );
    const withTls = (handshake: '300ms' | '0s') =>
      startEnvoy({
        upstream: api,
        timeouts: { handshake },
        custom: [{ filterChain: { transport_socket: socket } }],
      });
    const [limited, unlimited] = await Promise.all([withTls('300ms'), withTls('0s')]);
    const [slow, patient] = await Promise.all([connectRaw(limited.port), connectRaw(unlimited.port)]);
    for (const connection of [patient, slow]) {
      // The header of a ClientHello of 512 bytes. The rest follows byte by byte.
      connection.send('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03');
    }
    const stop = drip([patient, slow], 'x');
    expect(await firstClosed(slow.closed, patient.closed)).toBe('');
    stop();
    expect(patient.isClosed()).toBe(false);
  });
});

describe('the idle timeout of a connection', () => {
  test('closes a connection without requests', async () => {
    const [limited, unlimited] = await Promise.all([
      // By default, Envoy waits five more seconds for requests that the client has already sent.
      startEnvoy({ upstream: api, timeouts: { idle: '300ms' }, patch: withManager({ drain_timeout: '0.1s' }) }),
      startEnvoy({ upstream: api }),
    ]);
    const [idle, patient] = await Promise.all([connectRaw(limited.port), connectRaw(unlimited.port)]);
    for (const connection of [patient, idle]) {
      connection.send('GET /slow HTTP/1.1\r\nHost: api\r\n\r\n');
    }
    // A connection with an open request is not idle.
    expect(await firstClosed(idle.closed, patient.closed)).toMatch(/^HTTP\/1.1 200 [\s\S]*late$/);
    expect(patient.isClosed()).toBe(false);
  });
});

describe.each([...binaries()])('the maximal duration of a connection in Envoy %s', (minor) => {
  let envoy: Envoy;
  beforeAll(async () => {
    envoy = await startEnvoy({ upstream: api, timeouts: { maxConnectionDuration: '300ms' } }, minor);
  });
  const reached = () => envoy.stat('http.ingress_http.downstream_cx_max_duration_reached');

  test('closes an HTTP/1.1 connection after the next response, and no idle one', async () => {
    const connection = await connectRaw(envoy.port);
    connection.send('GET /slow HTTP/1.1\r\nHost: api\r\n\r\n');
    await until('the connection has reached its maximal duration', async () => (await reached()) > 0);
    await until('the response is complete', () => connection.received().endsWith('late'));
    connection.send('GET /slow HTTP/1.1\r\nHost: api\r\n\r\n');
    const answers = (await connection.closed).split(/(?=HTTP\/1.1 )/);
    expect(answers.map((one) => [one.slice(9, 12), /^connection: close/m.test(one)])).toEqual([
      ['200', false],
      ['200', true],
    ]);
  });

  test('sends GOAWAY over HTTP/2, and finishes open requests', async () => {
    const session = http2.connect(`http://127.0.0.1:${envoy.port}`);
    atEnd(() => session.destroy());
    const ask = () => statusOf(session.request({ ':path': '/slow' }));
    const before = ask();
    await once(session, 'goaway');
    expect(await before).toBe(200);
  });

  test('loses no request of clients with persistent connections', async () => {
    const begin = await envoy.stat('http.ingress_http.downstream_cx_total');
    const agents = Array.from({ length: 4 }, () => keepAlive());
    const end = Date.now() + 1_500;
    const counts: Record<number, number> = {};
    await Promise.all(
      agents.map(async (agent) => {
        while (Date.now() < end) {
          const { status } = await envoy.call({ path: '/quick', agent });
          counts[status] = (counts[status] ?? 0) + 1;
        }
      }),
    );
    expect(Object.keys(counts)).toEqual(['200']);
    expect((await envoy.stat('http.ingress_http.downstream_cx_total')) - begin).toBeGreaterThan(8);
  });
});

describe('the connect timeout', () => {
  test('answers 503 if the API does not accept the connection', async () => {
    const full = await startFullBackend();
    const envoy = await startEnvoy({ upstream: full, timeouts: { connect: '200ms' }, retries: false });
    expect(await envoy.call({ path: '/connect' })).toMatchObject({ status: 503 });
    expect(await envoy.logged('/connect')).toMatchObject({
      flags: 'UF',
      details: 'upstream_reset_before_response_started{connection_timeout}',
    });
  });

  test('leads to retries', async () => {
    const full = await startFullBackend();
    const envoy = await startEnvoy({
      upstream: full,
      timeouts: { connect: '200ms' },
      retries: { numRetries: 2, backOff: { baseInterval: '10ms' } },
    });
    expect(await envoy.call({ path: '/connect', method: 'POST' })).toMatchObject({ status: 503 });
    expect(await envoy.logged('/connect')).toMatchObject({ upstream_attempts: 3 });
  });
});
