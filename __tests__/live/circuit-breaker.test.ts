import type http from 'node:http';
import type { CircuitBreakerOptions } from '../../envoy';
import { startBackend } from './backend';
import { until } from './cleanup';
import { startDns } from './dns';
import { startEnvoy } from './envoy';
import { type Answer, call } from './http';
import { freePort } from './ports';

/**
 * Starts an API at two addresses that holds each response until the test releases it. Envoy has one thread, since several
 * may exceed a limit briefly.
 */
async function start(circuitBreaker?: CircuitBreakerOptions | false) {
  const held: http.ServerResponse[] = [];
  const connections = { '127.0.0.2': new Set<unknown>(), '127.0.0.3': new Set<unknown>() };
  const port = await freePort();
  const hosts = ['127.0.0.2', '127.0.0.3'] as const;
  const apis = await Promise.all(
    hosts.map((host) =>
      startBackend({
        host,
        port,
        handler: (request, response) => {
          connections[host].add(request.socket);
          held.push(response);
        },
      }),
    ),
  );
  const dns = await startDns(...hosts);
  const envoy = await startEnvoy({
    upstream: { host: 'api.test', port, ...(circuitBreaker !== undefined && { circuitBreaker }) },
    patch: dns.patch,
    concurrency: 1,
  });
  const answers: Answer[] = [];
  return {
    envoy,
    answers,
    connections: () => hosts.map((host) => connections[host].size),
    /** Sends requests at once and collects their responses. */
    send: (count: number) => Array.from({ length: count }, async () => answers.push(await call({ port: envoy.port }))),
    reached: () => apis.reduce((sum, { seen }) => sum + seen.length, 0),
    release: () => {
      for (const response of held.splice(0)) {
        response.end('ok');
      }
    },
  };
}

const OVERLOADED = expect.objectContaining({
  status: 503,
  headers: expect.objectContaining({ 'x-envoy-overloaded': 'true' }),
});
const countByOutcome = (answers: readonly Answer[]) => ({
  served: answers.filter(({ status }) => status === 200).length,
  refused: answers.filter(({ status }) => status === 503).length,
});

test('rejects requests above the limit immediately, and serves later ones', async () => {
  const { envoy, answers, send, reached, release } = await start({ maxRequests: 5 });
  const sent = send(30);
  await until('25 requests are rejected', () => answers.length === 25);
  expect(answers).toEqual(answers.map(() => OVERLOADED));
  expect(reached()).toBe(5);
  expect(await envoy.stat('cluster.api.circuit_breakers.default.remaining_rq')).toBe(0);
  expect(await envoy.stat('cluster.api.circuit_breakers.default.rq_open')).toBe(1);
  // Envoy does not retry a request that the circuit breaker rejected.
  expect(await envoy.stat('cluster.api.upstream_rq_retry')).toBe(0);

  release();
  await Promise.all(sent);
  expect(countByOutcome(answers)).toEqual({ served: 5, refused: 25 });
  expect(await envoy.stat('cluster.api.circuit_breakers.default.remaining_rq')).toBe(5);
  answers.length = 0;
  const more = send(5);
  await until('the API holds five more requests', () => reached() === 10);
  release();
  await Promise.all(more);
  expect(countByOutcome(answers)).toEqual({ served: 5, refused: 0 });
});

test('queues requests above the limit of connections, and rejects those above the limit of the queue', async () => {
  const { envoy, answers, send, reached, release, connections } = await start({
    maxConnections: 4,
    maxPendingRequests: 10,
  });
  // A request that waits for a new connection is pending too.
  const first = send(4);
  await until('all connections are open', () => reached() === 4);
  const sent = [...first, ...send(26)];
  await until('16 requests are rejected', () => answers.length === 16);
  expect(answers).toEqual(answers.map(() => OVERLOADED));
  expect(reached()).toBe(4);
  expect(await envoy.stat('cluster.api.upstream_rq_pending_active')).toBe(10);
  expect(await envoy.stat('cluster.api.circuit_breakers.default.remaining_cx')).toBe(0);

  const served = until('all other requests are served', () => {
    release();
    return answers.length === 30;
  });
  await Promise.all([...sent, served]);
  expect(countByOutcome(answers)).toEqual({ served: 14, refused: 16 });
  expect(connections().reduce((sum, count) => sum + count)).toBe(4);
});

test('limits the connections to each replica', async () => {
  const { answers, send, release, connections } = await start({ maxConnectionsPerHost: 3 });
  const sent = send(60);
  const served = until('all requests are served', () => {
    release();
    return answers.length === 60;
  });
  await Promise.all([...sent, served]);
  expect(countByOutcome(answers)).toEqual({ served: 60, refused: 0 });
  expect(connections()).toEqual([3, 3]);
});

test('serves 300 requests at once by default', async () => {
  const { envoy, answers, send, reached, release } = await start();
  const sent = send(300);
  await until('the API holds all requests', () => reached() === 300);
  expect(await envoy.stat('cluster.api.circuit_breakers.default.remaining_rq')).toBe(724);
  release();
  await Promise.all(sent);
  expect(countByOutcome(answers)).toEqual({ served: 300, refused: 0 });
});

test('stays closed if the API returns errors', async () => {
  const failing = await startBackend({
    handler: (_, response) => {
      response.statusCode = 500;
      response.end('mine');
    },
  });
  const envoy = await startEnvoy({ upstream: { ...failing, circuitBreaker: { maxRequests: 5 } } });
  for (let count = 0; count < 50; count += 1) {
    expect(await envoy.call()).toMatchObject({ status: 500, body: 'mine' });
  }
  expect(failing.seen).toHaveLength(50);
});

test("circuitBreaker: false keeps Envoy's limits, without statistics of what remains", async () => {
  const { envoy, answers, send, reached, release } = await start(false);
  const sent = send(100);
  await until('the API holds all requests', () => reached() === 100);
  expect(await envoy.stat('cluster.api.circuit_breakers.default.remaining_rq')).toBeNaN();
  release();
  await Promise.all(sent);
  expect(countByOutcome(answers)).toEqual({ served: 100, refused: 0 });
});
