import type { Bootstrap, EnvoyOptions } from '../../envoy';
import { socketAddress } from '../../envoy/messages/builders';
import { cluster, httpListener, routes } from '../config-builders';
import { type Backend, reset, startBackend } from './backend';
import { startEnvoy } from './envoy';
import { call } from './http';
import { freePort } from './ports';
import { keySet, signingKey } from './tokens';

/** Returns a user's bootstrap: a listener with a route to the API and a direct response. */
async function userBootstrap(upstream: Backend): Promise<Bootstrap> {
  const its = routes(
    'his',
    { match: { path: '/his' }, direct_response: { status: 200, body: { inline_string: 'his' } } },
    { match: { prefix: '/' }, route: { cluster: 'his' } },
  );
  return {
    admin: { address: socketAddress('0.0.0.0', await freePort()) },
    static_resources: {
      listeners: [httpListener('his', await freePort(), its, '127.0.0.1')],
      clusters: [cluster('his', upstream.host, upstream.port)],
    },
  };
}

test("keeps the user's routes, and replaces the admin interface", async () => {
  const upstream = await startBackend({ handler: (_, response) => response.end('api') });
  const envoy = await startEnvoy({ upstream, baseConfig: await userBootstrap(upstream) });
  expect(await envoy.call({ path: '/his' })).toMatchObject({ status: 200, body: 'his' });
  expect(await envoy.call({ path: '/x' })).toMatchObject({ status: 200, body: 'api' });
  expect((await envoy.admin('/quitquitquit', 'POST')).status).toBe(403);
});

test("adds no default to the user's bootstrap, and applies the options that are set", async () => {
  const upstream = await startBackend({ handler: reset });
  const plain = await startEnvoy({ upstream, baseConfig: await userBootstrap(upstream) });
  await plain.call();
  expect(upstream.seen).toHaveLength(1);
  upstream.seen.length = 0;
  const retrying = await startEnvoy({
    upstream,
    baseConfig: await userBootstrap(upstream),
    retries: { numRetries: 2, backOff: { baseInterval: '1ms' } },
    routes: [{ path: '/once', retries: false }],
  });
  await retrying.call();
  expect(upstream.seen).toHaveLength(3);
  await retrying.call({ path: '/once' });
  expect(upstream.seen).toHaveLength(4);
});

describe('a bootstrap with two listeners', () => {
  const start = async (connectionManagers?: EnvoyOptions['connectionManagers']) => {
    const upstream = await startBackend({ handler: (_, response) => response.end('api') });
    const first = await userBootstrap(upstream);
    const port = await freePort();
    const second = httpListener(
      'second',
      port,
      routes('second', { match: { prefix: '/' }, route: { cluster: 'his' } }),
      '127.0.0.1',
    );
    const baseConfig: Bootstrap = {
      ...first,
      static_resources: {
        ...first.static_resources,
        listeners: [...(first.static_resources?.listeners ?? []), second],
      },
    };
    const envoy = await startEnvoy({
      upstream,
      baseConfig,
      jwt: {
        providers: {
          main: {
            issuer: 'https://id.example.com/',
            audiences: ['api'],
            jwks: { inline: keySet(signingKey('ES256')) },
          },
        },
      },
      ...(connectionManagers && { connectionManagers }),
    });
    return [(await envoy.call()).status, (await call({ port })).status];
  };

  test("requires a token on both with connectionManagers: 'all'", async () => {
    expect(await start('all')).toEqual([401, 401]);
  });

  test('requires a token on the listeners that connectionManagers names', async () => {
    expect(await start(['second'])).toEqual([200, 401]);
  });

  test('is rejected without connectionManagers', async () => {
    await expect(start()).rejects.toThrow(/^connectionManagers must say which/);
  });
});
