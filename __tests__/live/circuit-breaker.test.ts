import type http from 'node:http';
import type { CircuitBreakerOptions } from '../../envoy';
import { startBackend } from './backend';
import { until } from './cleanup';
import { startDns } from './dns';
import { startEnvoy } from './envoy';
import { type Answer, call } from './http';
import { freePort } from './ports';

/** An API at two addresses that answers once it is let go. One thread: several may be above a bound for an instant. */
async function start(circuitBreaker?: CircuitBreakerOptions | false) {
  const waiting: http.ServerResponse[] = [];
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
          waiting.push(response);
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
    /** Sends so many at once; they get their answer, or wait. */
    send: (count: number) => Array.from({ length: count }, async () => answers.push(await call({ port: envoy.port }))),
    reached: () => apis.reduce((sum, { seen }) => sum + seen.length, 0),
    letGo: () => {
      for (const response of waiting.splice(0)) {
        response.end('ok');
      }
    },
  };
}

const OVERLOADED = expect.objectContaining({
  status: 503,
  headers: expect.objectContaining({ 'x-envoy-overloaded': 'true' }),
});
const counted = (answers: readonly Answer[]) => ({
  served: answers.filter(({ status }) => status === 200).length,
  refused: answers.filter(({ status }) => status === 503).length,
});

test('requests under way: those above the bound are refused at once, and later ones served again', async () => {
  const { envoy, answers, send, reached, letGo } = await start({ requests: 5 });
  const sent = send(30);
  await until('25 are refused', () => answers.length === 25);
  expect(answers).toEqual(answers.map(() => OVERLOADED));
  expect(reached()).toBe(5);
  expect(await envoy.stat('cluster.api.circuit_breakers.default.remaining_rq')).toBe(0);
  expect(await envoy.stat('cluster.api.circuit_breakers.default.rq_open')).toBe(1);
  // Nobody tries again what was refused for its amount.
  expect(await envoy.stat('cluster.api.upstream_rq_retry')).toBe(0);

  letGo();
  await Promise.all(sent);
  expect(counted(answers)).toEqual({ served: 5, refused: 25 });
  expect(await envoy.stat('cluster.api.circuit_breakers.default.remaining_rq')).toBe(5);
  answers.length = 0;
  const more = send(5);
  await until('they are there', () => reached() === 10);
  letGo();
  await Promise.all(more);
  expect(counted(answers)).toEqual({ served: 5, refused: 0 });
});

test('connections: requests above the bound wait, those above the bound of the waiting are refused', async () => {
  const { envoy, answers, send, reached, letGo, connections } = await start({ connections: 4, pendingRequests: 10 });
  // One that still waits for its connection to be made is a waiting one, too.
  const first = send(4);
  await until('all connections are there', () => reached() === 4);
  const sent = [...first, ...send(26)];
  await until('16 are refused', () => answers.length === 16);
  expect(answers).toEqual(answers.map(() => OVERLOADED));
  expect(reached()).toBe(4);
  expect(await envoy.stat('cluster.api.upstream_rq_pending_active')).toBe(10);
  expect(await envoy.stat('cluster.api.circuit_breakers.default.remaining_cx')).toBe(0);

  const served = until('the rest is served', () => {
    letGo();
    return answers.length === 30;
  });
  await Promise.all([...sent, served]);
  expect(counted(answers)).toEqual({ served: 14, refused: 16 });
  expect(connections().reduce((sum, count) => sum + count)).toBe(4);
});

test('connectionsPerHost: each replica has so many at the most', async () => {
  const { answers, send, letGo, connections } = await start({ connectionsPerHost: 3 });
  const sent = send(60);
  const served = until('all are served', () => {
    letGo();
    return answers.length === 60;
  });
  await Promise.all([...sent, served]);
  expect(counted(answers)).toEqual({ served: 60, refused: 0 });
  expect(connections()).toEqual([3, 3]);
});

test('by default many requests are served at once', async () => {
  const { envoy, answers, send, reached, letGo } = await start();
  const sent = send(300);
  await until('all are there', () => reached() === 300);
  expect(await envoy.stat('cluster.api.circuit_breakers.default.remaining_rq')).toBe(724);
  letGo();
  await Promise.all(sent);
  expect(counted(answers)).toEqual({ served: 300, refused: 0 });
});

test('errors open nothing', async () => {
  const failing = await startBackend({
    handler: (_, response) => {
      response.statusCode = 500;
      response.end('mine');
    },
  });
  const envoy = await startEnvoy({ upstream: { ...failing, circuitBreaker: { requests: 5 } } });
  for (let count = 0; count < 50; count += 1) {
    expect(await envoy.call()).toMatchObject({ status: 500, body: 'mine' });
  }
  expect(failing.seen).toHaveLength(50);
});

test("off: Envoy's own bounds, which tell nothing of what is left", async () => {
  const { envoy, answers, send, reached, letGo } = await start(false);
  const sent = send(100);
  await until('all are there', () => reached() === 100);
  expect(await envoy.stat('cluster.api.circuit_breakers.default.remaining_rq')).toBeNaN();
  letGo();
  await Promise.all(sent);
  expect(counted(answers)).toEqual({ served: 100, refused: 0 });
});
