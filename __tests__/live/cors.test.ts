import type { EnvoyOptions } from '../../envoy';
import { startBackend } from './backend';
import { startEnvoy } from './envoy';

const site = 'https://app.example.com';

async function started(options: Partial<EnvoyOptions>) {
  const upstream = await startBackend();
  const envoy = await startEnvoy({ upstream, ...options });
  const preflight = async (origin: string, path = '/') => {
    const headers = { origin, 'access-control-request-method': 'PUT' };
    return (await envoy.call({ method: 'OPTIONS', path, headers })).headers;
  };
  const allowed = async (origin: string, path = '/') =>
    (await envoy.call({ path, headers: { origin } })).headers['access-control-allow-origin'];
  return { upstream, preflight, allowed };
}

test('answers a preflight of an allowed origin without the API', async () => {
  const { upstream, preflight } = await started({
    cors: {
      allowOrigins: [site],
      allowMethods: ['PUT'],
      allowHeaders: ['authorization'],
      allowCredentials: true,
      maxAge: '5m',
    },
  });
  expect(await preflight(site)).toMatchObject({
    'access-control-allow-origin': site,
    'access-control-allow-methods': 'PUT',
    'access-control-allow-headers': 'authorization',
    'access-control-allow-credentials': 'true',
    'access-control-max-age': '300',
  });
  expect(upstream.seen).toEqual([]);
});

test.each([
  'https://evil.example',
  'http://app.example.com',
  `${site}.evil.example`,
  'https://APP.example.com',
  'null',
])('rejects the origin %s', async (origin) => {
  const { preflight, allowed } = await started({ cors: { allowOrigins: [site] } });
  expect(await preflight(origin)).not.toHaveProperty('access-control-allow-origin');
  expect(await allowed(origin)).toBeUndefined();
  expect(await allowed(site)).toBe(site);
});

test.each(['*', site])('adds Origin to vary for the origin %s', async (origin) => {
  const upstream = await startBackend();
  upstream.handler = (request, response) => {
    response.setHeader('vary', 'Accept-Encoding');
    response.statusCode = request.url === '/missing' ? 404 : 200;
    response.end();
  };
  const envoy = await startEnvoy({
    upstream,
    cors: { allowOrigins: [origin] },
    routes: [{ path: '/closed', cors: false }],
  });
  const vary = async (path: string, headers = {}, method = 'GET') =>
    (await envoy.call({ path, headers, method })).headers.vary;
  const preflight = { origin: site, 'access-control-request-method': 'PUT' };
  expect(await vary('/', { origin: site })).toBe('Accept-Encoding,Origin');
  expect(await vary('/', { origin: 'https://other.example' })).toBe('Accept-Encoding,Origin');
  expect(await vary('/missing')).toBe('Accept-Encoding,Origin');
  expect(await vary('/', preflight, 'OPTIONS')).toBe('Origin');
  expect(await vary('/closed', { origin: site })).toBe('Accept-Encoding');
});

test("allows every origin with '*'", async () => {
  const { preflight } = await started({ cors: { allowOrigins: ['*'] } });
  expect(await preflight('https://any.example')).toMatchObject({
    'access-control-allow-origin': 'https://any.example',
  });
});

test('a route replaces the allowed origins or turns CORS off', async () => {
  const { allowed } = await started({
    cors: { allowOrigins: [site] },
    routes: [
      { path: '/open', cors: { allowOrigins: ['*'] } },
      { path: '/closed', cors: false },
    ],
  });
  const other = 'https://other.example';
  expect([await allowed(other), await allowed(other, '/open'), await allowed(other, '/closed')]).toEqual([
    undefined,
    other,
    undefined,
  ]);
  expect([await allowed(site), await allowed(site, '/open/x'), await allowed(site, '/closed/x')]).toEqual([
    site,
    site,
    undefined,
  ]);
});

test('leaves other routes unchanged if only one route has CORS', async () => {
  const { upstream, allowed, preflight } = await started({
    routes: [{ path: '/open', cors: { allowOrigins: [site] } }],
  });
  expect([await allowed(site, '/open'), await allowed(site), await allowed(site, '/openly')]).toEqual([
    site,
    undefined,
    undefined,
  ]);
  upstream.seen.length = 0;
  await preflight(site);
  expect(upstream.seen).toMatchObject([{ method: 'OPTIONS' }]);
});
