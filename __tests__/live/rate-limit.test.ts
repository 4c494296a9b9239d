import type { Bootstrap } from '../../envoy';
import { type Backend, startBackend } from './backend';
import { sleep } from './cleanup';
import { type Envoy, inTurn, type LiveOptions, startEnvoy } from './envoy';
import { type Call, statuses, statusesOfEach } from './http';

let api: Backend;

beforeAll(async () => {
  api = await startBackend();
});

beforeEach(() => {
  api.seen.length = 0;
});

const started = (options: Partial<LiveOptions>) => startEnvoy({ upstream: api, ...options });

const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

describe('a rate limit', () => {
  test('answers 429 with retry-after, logs the reason, and does not call the API', async () => {
    const envoy = await started({ rateLimit: '3/hour' });
    expect((await envoy.call({ path: '/first' })).headers).toMatchObject({
      'x-ratelimit-limit': '3',
      'x-ratelimit-remaining': '2',
    });
    await inTurn(envoy, 2);
    const { status, headers } = await envoy.call({ path: '/over' });
    expect(status).toBe(429);
    expect(headers).toMatchObject({
      'retry-after': '1200',
      'x-ratelimit-limit': '3',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': expect.stringMatching(/^\d+$/),
    });
    expect(Number(headers['x-ratelimit-reset'])).toBeLessThanOrEqual(3_600);
    expect(await envoy.logged('/over')).toMatchObject({ status: 429, flags: 'RL', upstream: null });
    expect(api.seen).toHaveLength(3);
    expect(await envoy.stat('rate_limit.http_local_rate_limit.enforced')).toBe(1);
  });

  test('is shared exactly by all threads and connections', async () => {
    const envoy = await started({ rateLimit: '25/hour', concurrency: 4 });
    expect(await statuses(100, { port: envoy.port })).toEqual({ 200: 25, 429: 75 });
    expect(api.seen).toHaveLength(25);
  });

  test('refills its bucket evenly', async () => {
    const envoy = await started({ rateLimit: '2/s' });
    expect(await inTurn(envoy, 3)).toEqual([200, 200, 429]);
    await sleep(600);
    expect(await inTurn(envoy, 2)).toEqual([200, 429]);
    await sleep(1_100);
    expect(await inTurn(envoy, 3)).toEqual([200, 200, 429]);
  });

  test('answers gRPC clients with RESOURCE_EXHAUSTED', async () => {
    const envoy = await started({ rateLimit: '1/hour' });
    await envoy.call();
    const { status, headers } = await envoy.call({ method: 'POST', headers: { 'content-type': 'application/grpc' } });
    expect({ status, code: headers['grpc-status'] }).toEqual({ status: 200, code: '8' });
  });
});

describe('a rate per client', () => {
  test('limits each client separately', async () => {
    const envoy = await started({ rateLimit: { perClient: '2/hour' } });
    const client = (localAddress: string) => inTurn(envoy, 3, { localAddress });
    expect(await client('127.0.0.1')).toEqual([200, 200, 429]);
    expect(await client('127.0.0.2')).toEqual([200, 200, 429]);
    expect(await client('127.0.0.3')).toEqual([200, 200, 429]);
  });

  test('ignores claimed addresses', async () => {
    const envoy = await started({ rateLimit: { perClient: '1/hour' } });
    expect(await inTurn(envoy, 1, from('203.0.113.1'))).toEqual([200]);
    expect(await inTurn(envoy, 1, from('203.0.113.2'))).toEqual([429]);
  });

  test('adds to the total rate, which does not count rejected requests of a client', async () => {
    const envoy = await started({ rateLimit: { total: '5/hour', perClient: '3/hour' } });
    expect(await inTurn(envoy, 10, { localAddress: '127.0.0.1' })).toEqual([...[200, 200, 200], ...Array(7).fill(429)]);
    expect(await inTurn(envoy, 3, { localAddress: '127.0.0.2' })).toEqual([200, 200, 429]);
    expect(await inTurn(envoy, 1, { localAddress: '127.0.0.3' })).toEqual([429]);
  });

  test('counts IPv6 clients by /64 and IPv4 clients by address', async () => {
    const envoy = await started({ clientIp: { numTrustedHops: 1 }, rateLimit: { perClient: '1/hour' } });
    const first = async (address: string) => (await envoy.call(from(address))).status;
    expect(await first('2001:db8:0:1::1')).toBe(200);
    expect(await first('2001:db8:0:1::2')).toBe(429);
    expect(await first('2001:db8:0:1:ffff:ffff:ffff:ffff')).toBe(429);
    expect(await first('2001:db8:0:2::1')).toBe(200);
    expect(await first('198.51.100.1')).toBe(200);
    expect(await first('198.51.100.2')).toBe(200);
    expect(await first('198.51.100.1')).toBe(429);
    expect(await first('::ffff:198.51.100.9')).toBe(200);
    expect(await first('::ffff:203.0.113.9')).toBe(429);
  });
});

describe('a rate per client with 50,000 clients', () => {
  const COUNT = 50_000;
  const FIRST = '10.0.0.0';

  /** Returns a patch with a direct response in place of the API, since the tests need only the limit. */
  function answering(changes: Record<string, unknown>) {
    return (bootstrap: Bootstrap): Bootstrap => {
      const text = JSON.stringify(bootstrap, (key, value) => {
        if (key === 'routes') {
          return [{ match: { prefix: '/' }, direct_response: { status: 200 } }];
        }
        return value?.max_dynamic_descriptors === undefined ? value : { ...value, ...changes };
      });
      return JSON.parse(text);
    };
  }

  /** Sends one request per client and counts those accepted. */
  async function countAcceptedClients(port: number, count: number): Promise<number> {
    const counts = await statusesOfEach(count, (index) => {
      const address = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
      return { port, ...from(address) };
    });
    return counts[200] ?? 0;
  }

  const options = {
    clientIp: { numTrustedHops: 1 },
    rateLimit: { perClient: '1/day' },
    limits: { maxHeapSize: '160MiB' },
    accessLog: false,
    retries: false,
  } as const;
  const first = async (envoy: Envoy) => (await envoy.call(from(FIRST))).status;

  test('keeps the count of every client, with less than 600 bytes each', async () => {
    const envoy = await started({ ...options, patch: answering({}) });
    const before = await envoy.stat('server.memory_allocated');
    expect(await countAcceptedClients(envoy.port, COUNT)).toBe(COUNT);
    expect(await first(envoy)).toBe(429);
    expect(await countAcceptedClients(envoy.port, 1_000)).toBe(0);
    const each = ((await envoy.stat('server.memory_allocated')) - before) / COUNT;
    // The docstring promises two thirds of it.
    expect(each).toBeLessThan(600);
  });

  test("forgets the first client with Envoy's default of 20 clients", async () => {
    const envoy = await started({ ...options, patch: answering({ max_dynamic_descriptors: 20 }) });
    expect(await first(envoy)).toBe(200);
    expect(await first(envoy)).toBe(429);
    await countAcceptedClients(envoy.port, 50);
    expect(await first(envoy)).toBe(200);
  });

  test('limits clients above the maximum by the total rate', async () => {
    const rateLimit = { total: '1500/day', perClient: '1/day', maxTrackedClients: 1_000 } as const;
    const envoy = await started({ ...options, rateLimit, patch: answering({}) });
    expect(await countAcceptedClients(envoy.port, 2_000)).toBe(1_500);
  });
});

describe('a flood that fills every counter leads to 429, not to an outage', () => {
  const HEAP = 24 * 1_024 ** 2;
  const answer = { directResponse: { status: 200 } } as const;
  const strict = { perClient: '5/day', perHeader: { name: 'x-api-key', rate: '3/day' } } as const;

  test.each<[string, number, Partial<LiveOptions>, (index: number) => Omit<Call, 'port'>]>([
    [
      'with header values of 256 bytes from one address on two routes',
      12_000,
      {
        rateLimit: { ...strict, total: '1000000/day' },
        routes: [
          { path: '/0', ...answer },
          { path: '/1', ...answer, rateLimit: { total: '900000/day' } },
        ],
      },
      (index) => ({ path: `/${index % 2}`, headers: { 'x-api-key': String(index).padStart(256, '-') } }),
    ],
    [
      'with IPv6 networks on five routes',
      24_000,
      {
        clientIp: { numTrustedHops: 1 },
        rateLimit: { perClient: '5/day' },
        routes: [0, 1, 2, 3, 4].map((at) => ({ path: `/${at}`, ...answer, rateLimit: { perClient: '4/day' } })),
      },
      (index) => ({ path: `/${index % 5}`, ...from(`2001:db8:${(index >> 8) + 4096}:${(index & 255) + 4096}::1`) }),
    ],
  ])('%s', async (_, count, options, request) => {
    const envoy = await started({ ...options, limits: { maxHeapSize: `${HEAP / 1_024 ** 2}MiB` }, accessLog: false });
    const { port } = envoy;
    const answers = await statusesOfEach(count, (index) => ({ port, ...request(index) }));
    expect(Object.keys(answers).filter((status) => !['200', '429'].includes(status))).toEqual([]);
    expect((await envoy.call({ localAddress: '127.0.0.2', ...from('198.51.100.1') })).status).toBe(200);
    // Above 75 %, Envoy closes idle connections earlier.
    expect(await envoy.stat('overload.envoy.resource_monitors.fixed_heap.pressure')).toBeLessThan(75);
  });
});

describe('a rate per header value', () => {
  const key = (value: string | string[]) => ({ headers: { 'x-api-key': value } });

  test('counts each value separately, and requests without the header or with a long value together', async () => {
    const envoy = await started({ rateLimit: { total: '100/hour', perHeader: { name: 'X-API-Key', rate: '2/hour' } } });
    expect(await inTurn(envoy, 3, key('a'))).toEqual([200, 200, 429]);
    expect(await inTurn(envoy, 3, key('b'))).toEqual([200, 200, 429]);
    expect(await inTurn(envoy, 3)).toEqual([200, 200, 429]);
    expect(await inTurn(envoy, 1, key(''))).toEqual([429]);
    expect(await inTurn(envoy, 1, key('c'.repeat(257)))).toEqual([429]);
    expect(await inTurn(envoy, 1, key(['d', 'c'.repeat(256)]))).toEqual([429]);
    expect(await inTurn(envoy, 3, key('d'.repeat(256)))).toEqual([200, 200, 429]);
    // 65 characters of four bytes each.
    expect(await inTurn(envoy, 1, key(Buffer.from('\u{1f511}'.repeat(65)).toString('latin1')))).toEqual([429]);
    // Invalid UTF-8.
    expect(await inTurn(envoy, 3, key('\xff\xfe'))).toEqual([200, 200, 429]);
  });

  test('limits a client that invents values by the rate per client', async () => {
    const perHeader = { name: 'x-api-key', rate: '2/hour' } as const;
    const envoy = await started({ rateLimit: { perClient: '3/hour', perHeader } });
    const made: number[] = [];
    for (const value of ['a', 'b', 'c', 'd', 'e']) {
      made.push((await envoy.call(key(value))).status);
    }
    expect(made).toEqual([200, 200, 200, 429, 429]);
  });
});

describe('a rate limit in shadow mode', () => {
  test('rejects no request, and counts and marks those above the rate for the API', async () => {
    const envoy = await started({ rateLimit: { total: '2/hour', shadow: true } });
    const answers = await inTurn(envoy, 4);
    expect(answers).toEqual([200, 200, 200, 200]);
    expect(api.seen.map(({ headers }) => headers['x-rate-limited'])).toEqual([undefined, undefined, 'true', 'true']);
    expect((await envoy.call()).headers).not.toHaveProperty('x-ratelimit-remaining');
    expect(await envoy.stat('rate_limit.http_local_rate_limit.rate_limited')).toBe(3);
    expect(await envoy.stat('rate_limit.http_local_rate_limit.enforced')).toBe(0);
  });
});

describe('a rate limit of a route', () => {
  test('has its own buckets for all methods together, apart from those of other routes', async () => {
    const envoy = await started({
      rateLimit: '3/hour',
      routes: [
        { path: '/login', rateLimit: '2/hour' },
        { path: '/v1.0/search', rateLimit: '2/hour' },
        { path: '/health', rateLimit: false },
        { path: '/gone', directResponse: { status: 410 }, rateLimit: '1/hour' },
        { path: '/items', methods: ['POST'], rateLimit: '1/hour' },
        { path: '/slow', timeouts: { request: '60s' } },
      ],
    });
    expect(await inTurn(envoy, 1, { path: '/login', method: 'POST' })).toEqual([200]);
    expect(await inTurn(envoy, 2, { path: '/login/again' })).toEqual([200, 429]);
    expect(await inTurn(envoy, 1, { path: '/login', method: 'POST' })).toEqual([429]);
    expect(await inTurn(envoy, 3, { path: '/v1.0/search' })).toEqual([200, 200, 429]);
    expect(await inTurn(envoy, 2, { path: '/gone' })).toEqual([410, 429]);
    expect(await inTurn(envoy, 2, { path: '/items', method: 'POST' })).toEqual([200, 429]);
    expect(await inTurn(envoy, 9, { path: '/health' })).toEqual(Array(9).fill(200));
    // Other paths have the rate of the proxy.
    expect(await inTurn(envoy, 1, { path: '/loginx', method: 'POST' })).toEqual([200]);
    expect(await inTurn(envoy, 1, { path: '/slow' })).toEqual([200]);
    expect(await inTurn(envoy, 2)).toEqual([200, 429]);
    expect(await inTurn(envoy, 1, { path: '/slow', method: 'POST' })).toEqual([429]);
    expect(await inTurn(envoy, 1, { path: '/health' })).toEqual([200]);
    expect(await envoy.stat('rate_limit_/login.http_local_rate_limit.rate_limited')).toBe(2);
    expect(await envoy.stat('rate_limit_/v1_0/search.http_local_rate_limit.rate_limited')).toBe(1);
  });

  test('inherits the fields that it does not set', async () => {
    const envoy = await started({
      rateLimit: { total: '3/hour', perClient: '2/hour' },
      routes: [{ path: '/login', rateLimit: { perClient: '1/hour' } }],
    });
    const statusOf = async (localAddress: string) => (await envoy.call({ path: '/login', localAddress })).status;
    const clients = ['127.0.0.1', '127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4'];
    const answers: number[] = [];
    for (const client of clients) {
      answers.push(await statusOf(client));
    }
    expect(answers).toEqual([200, 429, 200, 200, 429]);
    expect(await inTurn(envoy, 3)).toEqual([200, 200, 429]);
  });

  test('works without a rate limit of the proxy', async () => {
    const envoy = await started({
      routes: [{ path: '/login', rateLimit: { perClient: '1/hour' } }, { path: '/other' }],
    });
    expect(await inTurn(envoy, 2, { path: '/login' })).toEqual([200, 429]);
    expect(await inTurn(envoy, 3, { path: '/other' })).toEqual([200, 200, 200]);
    expect(await inTurn(envoy, 3)).toEqual([200, 200, 200]);
  });
});

test('does not count CORS preflights, and adds CORS headers to 429', async () => {
  const origin = 'https://app.example.com';
  const envoy = await started({
    cors: { allowOrigins: [origin], allowMethods: ['PUT'] },
    rateLimit: { perClient: '1/hour' },
  });
  const preflight = { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'PUT' } };
  expect(await inTurn(envoy, 5, preflight)).toEqual(Array(5).fill(200));
  expect(await inTurn(envoy, 1, { headers: { origin } })).toEqual([200]);
  const { status, headers } = await envoy.call({ headers: { origin } });
  expect({ status, allowed: headers['access-control-allow-origin'] }).toEqual({ status: 429, allowed: origin });
});
