import type { OutgoingHttpHeaders } from 'node:http';
import type { GlobalLimits } from '../../envoy';
import {
  API_CLIENT_HEADER,
  API_KEYS_FILTER,
  BASIC_AUTH_FILTER,
  USER_HEADER,
} from '../../envoy/messages/resource-names';
import { startBackend } from './backend';
import { until } from './cleanup';
import { type Envoy, inTurn, type LiveOptions, startEnvoy } from './envoy';
import { fakeIdentityFilter } from './fake-identity-filter';
import { statuses } from './http';
import { type Restartable, startRateLimit, startRedis } from './rate-limit-service';
import { keySet, signingKey, token } from './tokens';

let redis: Restartable;
let domains = 0;

beforeAll(async () => {
  redis = await startRedis();
});

const waitUntilHealthy = async (envoy: Envoy, services = 1) =>
  until(
    'the rate limit service is healthy',
    async () => (await envoy.stat('cluster.global_rate_limit.membership_healthy')) === services,
  );

/** Starts a rate limit service and an API. `start` starts an Envoy in front of them. */
async function startLimited(limits: GlobalLimits, counting = redis) {
  domains += 1;
  const domain = `domain-${domains}`;
  const service = await startRateLimit(domain, limits, counting);
  const api = await startBackend();
  const start = async (
    own: { readonly failureMode?: 'allow' | 'deny'; readonly shadow?: boolean } = {},
    options: Partial<LiveOptions> = {},
  ) => {
    const globalRateLimit = {
      service: { host: '127.0.0.1', port: service.port },
      domain,
      limits,
      failureMode: 'deny' as const,
      ...own,
    };
    const envoy = await startEnvoy({ upstream: api, globalRateLimit, ...options });
    await waitUntilHealthy(envoy);
    return envoy;
  };
  return { service, api, start };
}

// Rates are per day, so that no window ends during a test.
describe('a global rate limit', () => {
  test('is shared exactly by two Envoys', async () => {
    const { start, api } = await startLimited({ total: '25/day' });
    const envoys = [await start(), await start()];
    const counts = await Promise.all(envoys.map(({ port }) => statuses(40, { port })));
    const sum = (status: number) => counts.reduce((total, count) => total + (count[status] ?? 0), 0);
    expect({ ok: sum(200), over: sum(429) }).toEqual({ ok: 25, over: 55 });
    expect(api.seen).toHaveLength(25);
  });

  test('answers 429 with retry-after, logs the reason, and does not call the API', async () => {
    const { start, api } = await startLimited({ total: '2/day' });
    const envoy = await start();
    expect((await envoy.call()).headers).toMatchObject({
      'x-ratelimit-limit': '2, 2;w=86400',
      'x-ratelimit-remaining': '1',
    });
    await envoy.call();
    const { status, headers } = await envoy.call({ path: '/over' });
    expect({ status, remaining: headers['x-ratelimit-remaining'] }).toEqual({ status: 429, remaining: '0' });
    expect(headers['retry-after']).toMatch(/^\d+$/);
    expect(headers['retry-after']).toBe(headers['x-ratelimit-reset']);
    expect(await envoy.logged('/over')).toMatchObject({ status: 429, flags: 'RL', upstream: null });
    expect(api.seen).toHaveLength(2);
    expect(await envoy.stat('cluster.api.ratelimit.global_rate_limit.over_limit')).toBe(1);
  });

  test('answers gRPC clients with RESOURCE_EXHAUSTED', async () => {
    const { start } = await startLimited({ total: '1/day' });
    const envoy = await start();
    await envoy.call();
    const { status, headers } = await envoy.call({ method: 'POST', headers: { 'content-type': 'application/grpc' } });
    expect({ status, code: headers['grpc-status'] }).toEqual({ status: 200, code: '8' });
  });

  test('rejects no request if it is not enforced, and counts those above the rate', async () => {
    const { start } = await startLimited({ total: '2/day' });
    const envoy = await start({ shadow: true });
    expect(await inTurn(envoy, 3)).toEqual([200, 200, 200]);
    expect((await envoy.call()).headers).not.toHaveProperty('x-ratelimit-remaining');
    expect(await envoy.stat('cluster.api.ratelimit.global_rate_limit.over_limit')).toBe(2);
  });
});

describe('a global rate limit counts', () => {
  test('per client address, IPv6 by /64, and does not count rejected requests in the total', async () => {
    const { start } = await startLimited({ total: '7/day', perClient: '2/day' });
    const envoy = await start({}, { clientIp: { numTrustedHops: 1 } });
    const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
    expect(await inTurn(envoy, 8, from('198.51.100.1'))).toEqual([200, 200, ...Array(6).fill(429)]);
    expect(await inTurn(envoy, 2, from('198.51.100.2'))).toEqual([200, 200]);
    expect(await inTurn(envoy, 1, from('2001:db8:0:1::1'))).toEqual([200]);
    expect(await inTurn(envoy, 2, from('2001:db8:0:1:ffff::2'))).toEqual([200, 429]);
    expect(await inTurn(envoy, 2, from('2001:db8:0:2::1'))).toEqual([200, 429]);
  });

  test('per header value, and requests without the header or with a long value together', async () => {
    const { start } = await startLimited({ total: '100/day', perHeader: { name: 'X-API-Key', rate: '2/day' } });
    const envoy = await start();
    const key = (value: string) => ({ headers: { 'x-api-key': value } });
    expect(await inTurn(envoy, 3, key('a'))).toEqual([200, 200, 429]);
    // The service separates descriptors with underscores.
    expect(await inTurn(envoy, 3, key('a_b'))).toEqual([200, 200, 429]);
    expect(await inTurn(envoy, 3, key('*'))).toEqual([200, 200, 429]);
    expect(await inTurn(envoy, 3)).toEqual([200, 200, 429]);
    expect(await inTurn(envoy, 1, key(''))).toEqual([429]);
    expect(await inTurn(envoy, 1, key('c'.repeat(257)))).toEqual([429]);
  });

  test('per claim and issuer, and requests without the claim together', async () => {
    const { start } = await startLimited({ perClaim: { claim: 'sub', rate: '2/day' } });
    const key = signingKey('ES256');
    const provider = (issuer: string) => ({ issuer, audiences: ['api'] as const, jwks: { inline: keySet(key) } });
    const jwt = { token: 'optional', providers: { a: provider('https://a/'), b: provider('https://b/') } } as const;
    const as = (iss: string, sub?: string): { headers: OutgoingHttpHeaders } => ({
      headers: { authorization: `Bearer ${token(key, { iss, sub, aud: 'api' })}` },
    });
    const envoy = await start({}, { jwt });
    expect(await inTurn(envoy, 3, as('https://a/', 'ann'))).toEqual([200, 200, 429]);
    expect(await inTurn(envoy, 3, as('https://a/', 'bob'))).toEqual([200, 200, 429]);
    expect(await inTurn(envoy, 3, as('https://b/', 'ann'))).toEqual([200, 200, 429]);
    expect(await inTurn(envoy, 3, as('https://a/'))).toEqual([200, 200, 429]);
    expect(await inTurn(envoy, 3)).toEqual([200, 200, 429]);
  });

  test('per verified identity of any kind, and requests without an identity together', async () => {
    const { start } = await startLimited({ perClaim: { claim: 'sub', rate: '2/day' }, perApiClient: '3/day' });
    const key = signingKey('ES256');
    const main = { issuer: 'https://a/', audiences: ['api'] as const, jwks: { inline: keySet(key) } };
    const keys = { partner: 'not-a-real-key-of-a-partner', shop: 'not-a-real-key-of-a-shop' };
    const envoy = await start(
      {},
      {
        jwt: { providers: { main } },
        apiKeys: { keys },
        authentication: { publicPaths: ['/open'], anyOf: ['apiKeys', 'jwt'] },
      },
    );
    for (const sub of ['ann', 'bob']) {
      const headers = { authorization: `Bearer ${token(key, { iss: 'https://a/', sub, aud: 'api' })}` };
      expect(await inTurn(envoy, 3, { headers })).toEqual([200, 200, 429]);
    }
    for (const one of Object.values(keys)) {
      expect(await inTurn(envoy, 4, { headers: { 'x-api-key': one } })).toEqual([200, 200, 200, 429]);
    }
    expect(await inTurn(envoy, 3, { path: '/open' })).toEqual([200, 200, 429]);
  });

  test.each([
    ['perApiClient', API_KEYS_FILTER, API_CLIENT_HEADER],
    ['perUser', BASIC_AUTH_FILTER, USER_HEADER],
  ] as const)('%s without trust in a forged identity header', async (option, filter, header) => {
    const { start } = await startLimited({ [option]: '1/day' });
    const envoy = await start({}, { custom: [fakeIdentityFilter(filter)] });
    expect(await inTurn(envoy, 1, { headers: { [header]: 'ann' } })).toEqual([200]);
    expect(await inTurn(envoy, 1, { headers: { [header]: 'bob' } })).toEqual([429]);
  });
});

test('a route costs more requests or none', async () => {
  const { start } = await startLimited({ total: '10/day' });
  const routes = [
    { path: '/report', globalRateLimit: { cost: 4 } },
    { path: '/health', globalRateLimit: false },
  ] as const;
  const envoy = await start({}, { routes });
  expect(await inTurn(envoy, 20, { path: '/health' })).toEqual(Array(20).fill(200));
  expect(await inTurn(envoy, 2, { path: '/report' })).toEqual([200, 200]);
  expect(await inTurn(envoy, 3)).toEqual([200, 200, 429]);
});

describe('during an outage', () => {
  const both = async (counting?: Restartable) => {
    const made = await startLimited({ total: '3/day' }, counting);
    return { ...made, strict: await made.start(), lenient: await made.start({ failureMode: 'allow' }) };
  };

  test('of Redis, each Envoy allows or denies as configured, and limits again afterwards', async () => {
    const own = await startRedis();
    const { strict, lenient, api } = await both(own);
    expect(await inTurn(strict, 4)).toEqual([200, 200, 200, 429]);
    expect(await inTurn(lenient, 1)).toEqual([429]);
    await own.stop();
    api.seen.length = 0;
    expect(await inTurn(strict, 5)).toEqual(Array(5).fill(503));
    expect(api.seen).toHaveLength(0);
    expect(await inTurn(lenient, 5)).toEqual(Array(5).fill(200));
    expect(await lenient.stat('cluster.api.ratelimit.global_rate_limit.failure_mode_allowed')).toBe(5);
    await own.start();
    // The restarted Redis has no counts, so that it allows three more requests.
    await until('the allowing Envoy limits again', async () => (await lenient.call()).status === 429);
    await until('the denying Envoy limits again', async () => (await strict.call()).status === 429);
  });

  test('of the service, each Envoy allows or denies as configured, and limits again afterwards', async () => {
    const { strict, lenient, service } = await both();
    expect(await inTurn(strict, 4)).toEqual([200, 200, 200, 429]);
    await service.stop();
    const { status, headers } = await strict.call({ path: '/away' });
    expect({ status, after: headers['retry-after'] }).toEqual({ status: 503, after: undefined });
    expect(await strict.logged('/away')).toMatchObject({ flags: 'RLSE', upstream: null });
    expect(await inTurn(lenient, 5)).toEqual(Array(5).fill(200));
    await service.start();
    await Promise.all([waitUntilHealthy(strict), waitUntilHealthy(lenient)]);
    // Redis was available all the time and has kept the counts.
    expect(await inTurn(strict, 2)).toEqual([429, 429]);
    expect(await inTurn(lenient, 2)).toEqual([429, 429]);
  });
});

test('uses the second service while the first is down, and counts every request', async () => {
  const limits = { total: '100000/day' } as const;
  const [one, other] = [await startRateLimit('two', limits, redis), await startRateLimit('two', limits, redis)];
  const envoy = await startEnvoy({
    upstream: await startBackend(),
    globalRateLimit: { service: { host: '127.0.0.1', port: one.port }, domain: 'two', limits, failureMode: 'deny' },
    // Two containers with one name have two addresses.
    patch: (config) => {
      const cluster = config.static_resources?.clusters?.find(({ name }) => name === 'global_rate_limit');
      const second = { address: { socket_address: { address: '127.0.0.1', port_value: other.port } } };
      cluster?.load_assignment?.endpoints?.[0]?.lb_endpoints?.push({ endpoint: second });
      return config;
    },
  });
  await waitUntilHealthy(envoy, 2);
  expect(await statuses(50, { port: envoy.port })).toEqual({ 200: 50 });
  await other.stop();
  expect(await statuses(200, { port: envoy.port })).toEqual({ 200: 200 });
  const cluster = (name: string) => envoy.stat(`cluster.global_rate_limit.${name}`);
  expect(await cluster('upstream_cx_connect_fail')).toBeGreaterThan(0);
  expect(await cluster('upstream_rq_retry_success')).toBeGreaterThan(0);
  expect((await envoy.call()).headers['x-ratelimit-remaining']).toBe(String(100_000 - 251));
});
