import { exampleNames } from '../synthesized-example';
import { until } from './cleanup';
import { startExample } from './example';

/** What each sandbox of Envoy's documentation shows, asked of our example. */
const shows: Readonly<Record<string, () => Promise<void>>> = {
  'front-proxy': async () => {
    const { call, apis } = await startExample('front-proxy');
    expect(await call('front', { path: '/service/1' })).toMatchObject({ status: 200, body: 'service1' });
    expect(await call('front', { path: '/service/2' })).toMatchObject({ status: 200, body: 'service2' });
    expect(await call('front', { path: '/service/3' })).toMatchObject({ status: 404 });
    await apis.service1?.stop();
    expect(await call('front', { path: '/service/1' })).toMatchObject({ status: 503 });
    expect(await call('front', { path: '/service/2' })).toMatchObject({ status: 200, body: 'service2' });
  },

  local_ratelimit: async () => {
    const { call, apis } = await startExample('local_ratelimit');
    for (let left = 9; left >= 0; left -= 1) {
      const headers = { 'x-ratelimit-limit': '10', 'x-ratelimit-remaining': String(left) };
      expect(await call('envoy')).toMatchObject({ status: 200, body: 'service', headers });
    }
    const refused = await call('envoy');
    expect(refused).toMatchObject({ status: 429, headers: { 'x-ratelimit-remaining': '0' } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(await call('envoy', { path: '/health' })).toMatchObject({ status: 200, body: 'service' });
    expect(apis.service?.seen.filter(({ headers }) => headers['user-agent'] !== 'Envoy/HC')).toHaveLength(11);
    await until('there is room again', async () => (await call('envoy')).status === 200);
  },

  rbac: async () => {
    const { call } = await startExample('rbac');
    expect(await call('envoy')).toMatchObject({ status: 403 });
    const headers = { referer: 'https://www.envoyproxy.io/docs/envoy/latest' };
    expect(await call('envoy', { headers })).toMatchObject({ status: 200, body: 'service' });
  },
};

test('every example is shown here', () => {
  expect(Object.keys(shows).sort()).toEqual([...exampleNames].sort());
});

test.each(Object.entries(shows))('%s does what its sandbox shows', async (_, show) => show());
