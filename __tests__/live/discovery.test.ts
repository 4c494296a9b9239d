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

/** The hosts that get requests; each request has to be answered. */
async function used(envoy: Envoy): Promise<string[]> {
  for (const api of apis) {
    api.seen.length = 0;
  }
  expect(await statuses(40, { port: envoy.port })).toEqual({ 200: 40 });
  return apis.filter(({ seen }) => seen.length > 0).map(({ host }) => host);
}

/** Until Envoy has asked, and used what it was told. */
async function askedAgain(dns: Dns): Promise<void> {
  const before = dns.asked();
  await until('Envoy asks again', () => dns.asked() >= before + 2);
}

describe('STRICT_DNS', () => {
  test('uses every address, and follows a change', async () => {
    const dns = await startDns(ONE, TWO, THREE);
    const envoy = await start(dns);
    expect(await used(envoy)).toEqual([ONE, TWO, THREE]);

    dns.addresses = [TWO, FOUR];
    await askedAgain(dns);
    expect(await used(envoy)).toEqual([TWO, FOUR]);
  });

  test('not before the refresh', async () => {
    const dns = await startDns(ONE);
    const envoy = await start(dns, { refresh: '1h' });
    const often = await startDns(ONE);
    await start(often, { refresh: '1s' });
    dns.addresses = [TWO];
    await askedAgain(often);
    expect(await used(envoy)).toEqual([ONE]);
  });

  test('finds an API that starts after Envoy', async () => {
    const dns = await startDns();
    const envoy = await start(dns);
    expect(await envoy.call()).toMatchObject({ status: 503 });
    dns.addresses = [TWO];
    await until('it is found', async () => (await envoy.call()).status === 200);
  });
});

describe('LOGICAL_DNS', () => {
  test('uses the first address, and follows a change', async () => {
    const dns = await startDns(TWO, ONE, THREE);
    const envoy = await start(dns, { type: 'LOGICAL_DNS' });
    expect(await used(envoy)).toHaveLength(1);

    dns.addresses = [FOUR];
    await askedAgain(dns);
    await until('the new one is used', async () => (await used(envoy)).includes(FOUR));
  });
});

describe('STATIC', () => {
  test('takes an address and asks nobody', async () => {
    const envoy = await startEnvoy({ upstream: { host: TWO, port }, discovery: { type: 'STATIC' } });
    expect(await used(envoy)).toEqual([TWO]);
    expect((await envoy.admin('/stats')).body).toMatch(/^cluster\.api\.update_attempt: 0$/m);
  });

  test('is what Envoy does without the feature', async () => {
    const envoy = await startEnvoy({ upstream: { host: TWO, port }, discovery: false });
    expect(await used(envoy)).toEqual([TWO]);
  });
});

describe('family', () => {
  test.each([
    [undefined, [ONE, SIX], [ONE]],
    ['V4_PREFERRED', [ONE, SIX], [ONE]],
    ['V4_PREFERRED', [SIX], [SIX]],
    ['V4_ONLY', [ONE, SIX], [ONE]],
    ['V6_ONLY', [ONE, SIX], [SIX]],
    ['AUTO', [ONE, SIX], [SIX]],
    ['AUTO', [ONE], [ONE]],
    ['ALL', [ONE, SIX], [ONE, SIX]],
  ] as const)('%s of %j: %j', async (family, addresses, expected) => {
    const envoy = await start(await startDns(...addresses), { ...(family && { family }) });
    expect(await used(envoy)).toEqual(expected);
  });
});

test("a name of this machine, by the machine's own resolver", async () => {
  const envoy = await startEnvoy({ upstream: { host: 'localhost', port } });
  expect(await used(envoy)).toEqual([ONE]);
});
