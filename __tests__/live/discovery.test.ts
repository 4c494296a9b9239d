import type { DiscoveryOptions } from '../../envoy';
import { type Backend, startBackend } from './backend';
import { until } from './cleanup';
import { type Dns, startDns } from './dns';
import { type Envoy, startEnvoy } from './envoy';
import { statuses } from './http';
import { freePort } from './ports';

const HOSTS = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4', '::1'];
const [ONE = '', TWO = '', THREE = '', FOUR = '', SIX = ''] = HOSTS;

let port: number;
let apis: Backend[];

beforeAll(async () => {
  port = await freePort();
  apis = await Promise.all(HOSTS.map((host) => startBackend({ host, port })));
});

const start = (dns: Dns, discovery?: DiscoveryOptions) =>
  startEnvoy({
    upstream: { host: 'api.test', port },
    patch: dns.patch,
    retries: false,
    ...(discovery && { discovery }),
  });

/** Returns the hosts that receive requests. Expects a response to each request. */
async function hostsInUse(envoy: Envoy): Promise<string[]> {
  for (const api of apis) {
    api.seen.length = 0;
  }
  expect(await statuses(40, { port: envoy.port })).toEqual({ 200: 40 });
  return apis.filter(({ seen }) => seen.length > 0).map(({ host }) => host);
}

/** Waits until Envoy has sent two more queries, so that it uses the answer to the first. */
async function waitForQueries(dns: Dns): Promise<void> {
  const before = dns.asked();
  await until('Envoy has sent two more queries', () => dns.asked() >= before + 2);
}

describe('STRICT_DNS', () => {
  test('uses every address, and follows a change of addresses', async () => {
    const dns = await startDns(ONE, TWO, THREE);
    const envoy = await start(dns);
    expect(await hostsInUse(envoy)).toEqual([ONE, TWO, THREE]);

    dns.addresses = [TWO, FOUR];
    await waitForQueries(dns);
    expect(await hostsInUse(envoy)).toEqual([TWO, FOUR]);
  });

  test('queries no earlier than the refresh rate', async () => {
    const dns = await startDns(ONE);
    const envoy = await start(dns, { dnsRefreshRate: '1h' });
    const often = await startDns(ONE);
    await start(often, { dnsRefreshRate: '1s' });
    dns.addresses = [TWO];
    await waitForQueries(often);
    expect(await hostsInUse(envoy)).toEqual([ONE]);
  });

  test('finds an API that starts after Envoy', async () => {
    const dns = await startDns();
    const envoy = await start(dns);
    expect(await envoy.call()).toMatchObject({ status: 503 });
    dns.addresses = [TWO];
    await until('the API responds', async () => (await envoy.call()).status === 200);
  });
});

describe('LOGICAL_DNS', () => {
  test('uses one address, and follows a change of addresses', async () => {
    const dns = await startDns(TWO, ONE, THREE);
    const envoy = await start(dns, { type: 'LOGICAL_DNS' });
    expect(await hostsInUse(envoy)).toHaveLength(1);

    dns.addresses = [FOUR];
    await waitForQueries(dns);
    await until('Envoy uses the new address', async () => (await hostsInUse(envoy)).includes(FOUR));
  });
});

describe('STATIC', () => {
  test('uses an address without queries', async () => {
    const envoy = await startEnvoy({ upstream: { host: TWO, port }, discovery: { type: 'STATIC' } });
    expect(await hostsInUse(envoy)).toEqual([TWO]);
    expect((await envoy.admin('/stats')).body).toMatch(/^cluster\.api\.update_attempt: 0$/m);
  });

  test('is the behaviour with discovery: false', async () => {
    const envoy = await startEnvoy({ upstream: { host: TWO, port }, discovery: false });
    expect(await hostsInUse(envoy)).toEqual([TWO]);
  });
});

describe('the address family', () => {
  test.each([
    ['by default', undefined, [ONE, SIX], [ONE]],
    ['V4_PREFERRED for a name with both', 'V4_PREFERRED', [ONE, SIX], [ONE]],
    ['V4_PREFERRED for a name with IPv6 only', 'V4_PREFERRED', [SIX], [SIX]],
    ['V4_ONLY', 'V4_ONLY', [ONE, SIX], [ONE]],
    ['V6_ONLY', 'V6_ONLY', [ONE, SIX], [SIX]],
    ['AUTO for a name with both', 'AUTO', [ONE, SIX], [SIX]],
    ['AUTO for a name with IPv4 only', 'AUTO', [ONE], [ONE]],
    ['ALL', 'ALL', [ONE, SIX], [ONE, SIX]],
  ] as const)('%s uses the addresses of this family', async (_, dnsLookupFamily, addresses, expected) => {
    const envoy = await start(await startDns(...addresses), { ...(dnsLookupFamily && { dnsLookupFamily }) });
    expect(await hostsInUse(envoy)).toEqual(expected);
  });
});

test('resolves localhost with the resolver of the machine', async () => {
  const envoy = await startEnvoy({ upstream: { host: 'localhost', port } });
  expect(await hostsInUse(envoy)).toEqual([ONE]);
});
