import net from 'node:net';
import type { JwtProvider, RemoteJwks } from '../../envoy';
import { authority } from './authority';
import { startBackend } from './backend';
import { binaries } from './binaries';
import { atEnd, until } from './cleanup';
import { type LiveOptions, startEnvoy } from './envoy';
import { statuses } from './http';
import { startJwksServer } from './jwks-server';
import { freePort } from './ports';
import { keySet, now, signingKey, token } from './tokens';

const ca = authority();
const certificate = ca.issue('DNS:localhost');
const key = signingKey('RS256');
const next = signingKey('ES256', 'next');
const claims = { iss: 'https://id.example.com/', aud: 'calculator', sub: 'ann' };

async function started(jwks: RemoteJwks, more: Readonly<Record<string, JwtProvider>> = {}, minor?: string) {
  const main: JwtProvider = { issuer: claims.iss, audiences: ['calculator'], jwks };
  const upstream = await startBackend();
  const options: LiveOptions = {
    upstream,
    jwt: { providers: { main, ...more } },
    routes: [
      { path: '/health', jwt: false },
      { path: '/greet', jwt: { token: 'optional' } },
    ],
  };
  const envoy = await startEnvoy(options, minor);
  const ask = async (text?: string, path = '/') =>
    envoy.call({ path, headers: text === undefined ? {} : { authorization: `Bearer ${text}` } });
  const status = async (text?: string, path = '/') => (await ask(text, path)).status;
  return { upstream, envoy, ask, status };
}

test('keys are there when Envoy is ready, from a server of the named authority', async () => {
  const server = await startJwksServer(certificate, keySet(key));
  const { status } = await started({ uri: server.uri, trustedCa: ca.pem });
  expect(await status(token(key, claims))).toBe(200);
  expect(server.asked).toBe(1);
  expect(await status(token(signingKey('RS256'), claims))).toBe(401);
});

describe.each([...binaries()])('Envoy %s', (minor) => {
  test('takes the keys of a provider that answers after 1.5 s, and asks it once', async () => {
    const server = await startJwksServer(certificate, keySet(key));
    server.delay = 1_500;
    const { status } = await started({ uri: server.uri, trustedCa: ca.pem }, {}, minor);
    expect(await status(token(key, claims))).toBe(200);
    expect(server.asked).toBe(1);
  });

  test('fetches at once for a token of a new key, and not for each token of an unknown one', async () => {
    const server = await startJwksServer(certificate, keySet(key));
    const { status } = await started({ uri: server.uri, trustedCa: ca.pem }, {}, minor);
    server.keys = keySet(key, next);
    expect(await status(token(next, claims))).toBe(200);
    expect(await status(token(next, claims), '/greet')).toBe(200);
    const strange = token(signingKey('ES256', 'strange'), claims);
    for (const path of ['/', '/greet']) {
      for (let count = 0; count < 20; count += 1) {
        expect(await status(strange, path)).toBe(401);
      }
    }
    // Once before Envoy served, and once by each of its two worker threads.
    expect(server.asked).toBeLessThanOrEqual(3);
  });
});

test('a provider that takes longer than its time limit counts as one that is down', async () => {
  const server = await startJwksServer(certificate, keySet(key));
  server.delay = 2_000;
  const begin = Date.now();
  const { status } = await started({ uri: server.uri, trustedCa: ca.pem, timeout: '200ms' });
  expect(await status(token(key, claims))).toBe(503);
  expect(Date.now() - begin).toBeLessThan(2_000);
});

test('clients that come with a new key all at once are served, with few fetches', async () => {
  const server = await startJwksServer(certificate, keySet(key));
  const { envoy } = await started({ uri: server.uri, trustedCa: ca.pem });
  server.delay = 100;
  server.keys = keySet(next);
  const headers = { authorization: `Bearer ${token(next, claims)}` };
  expect(await statuses(50, { port: envoy.port, headers })).toEqual({ 200: 50 });
  expect(server.asked).toBeLessThanOrEqual(51);
});

test('a redirect of the provider is not followed, and counted', async () => {
  const server = await startJwksServer(certificate, '');
  server.status = 301;
  const { envoy, status } = await started({ uri: server.uri, trustedCa: ca.pem });
  expect(await status(token(key, claims))).toBe(503);
  expect(await envoy.stat('cluster.jwks_main.upstream_rq_3xx')).toBeGreaterThan(0);
});

test('the server may be an address, which its certificate then names', async () => {
  const server = await startJwksServer(ca.issue('IP:127.0.0.1'), keySet(key));
  const { status } = await started({ uri: server.uri.replace('localhost', '127.0.0.1'), trustedCa: ca.pem });
  expect(await status(token(key, claims))).toBe(200);
});

test('without a named authority, those of the system count, and ours is none of them', async () => {
  const server = await startJwksServer(certificate, keySet(key));
  const { envoy, status } = await started({ uri: server.uri });
  expect(await status(token(key, claims))).toBe(503);
  expect(await envoy.stat('cluster.jwks_main.ssl.fail_verify_error')).toBeGreaterThan(0);
  expect(server.asked).toBe(0);
});

test.each([
  ['of another authority', () => authority().issue('DNS:localhost'), 'fail_verify_error'],
  ['for another name', () => ca.issue('DNS:id.example.com'), 'fail_verify_san'],
])('a server with a certificate %s is asked for nothing', async (_, issue, stat) => {
  const server = await startJwksServer(issue(), keySet(key));
  const { envoy, status } = await started({ uri: server.uri, trustedCa: ca.pem });
  expect(await status(token(key, claims))).toBe(503);
  expect(await envoy.stat(`cluster.jwks_main.ssl.${stat}`)).toBeGreaterThan(0);
  expect(server.asked).toBe(0);
});

test.each([
  ['fails', 500, keySet(key)],
  ['answers with a page', 200, '<html>'],
  ['has no key', 200, '{"keys":[]}'],
  ['leads elsewhere', 302, ''],
])('while the server of keys %s, tokens get 503, and all else goes on', async (_, code, keys) => {
  const other = signingKey('EdDSA', 'other');
  const ofOther = { iss: 'other', aud: 'calculator' };
  const server = await startJwksServer(certificate, keys);
  server.status = code;
  const { upstream, ask, status } = await started(
    { uri: server.uri, trustedCa: ca.pem },
    { other: { issuer: 'other', audiences: ['calculator'], jwks: { inline: keySet(other) } } },
  );
  const answer = await ask(token(key, claims));
  expect({ status: answer.status, asks: answer.headers['www-authenticate'] }).toEqual({ status: 503, asks: 'Bearer' });
  expect(await status(token(key, claims), '/greet')).toBe(503);
  expect(upstream.seen).toEqual([]);
  // What is wrong in itself is so without keys.
  expect(await status()).toBe(401);
  expect(await status(token(key, { ...claims, exp: now() - 70 }))).toBe(401);
  expect(await status(token(key, { ...claims, iss: 'somebody' }))).toBe(401);
  expect(await status(token(other, ofOther))).toBe(200);
  expect(await status(undefined, '/health')).toBe(200);
  expect(await status(undefined, '/greet')).toBe(200);
});

test('Envoy starts while the server of keys is away, and takes tokens soon after it came', async () => {
  const port = await freePort();
  const { envoy, status } = await started({ uri: `https://localhost:${port}/keys`, trustedCa: ca.pem });
  await until('the first fetches failed', async () => (await envoy.stat(FAILED)) > 0);
  await startJwksServer(certificate, keySet(key), port);
  // None of these asks by itself: nobody comes with a token until the keys are there.
  await until('the keys are there', async () => (await envoy.stat(FETCHED)) > 0, 5);
  expect(await status(token(key, claims))).toBe(200);
});

const FETCHED = 'http.ingress_http.jwt_authn.jwks_fetch_success';
const FAILED = 'http.ingress_http.jwt_authn.jwks_fetch_failed';

test('a name that nobody knows does not keep Envoy from starting', async () => {
  const { status } = await started({ uri: 'https://nobody.invalid/keys' });
  expect(await status(token(key, claims))).toBe(503);
  expect(await status(undefined, '/health')).toBe(200);
});

test('keys stay good while their server is away, and are changed once it is back', async () => {
  const server = await startJwksServer(certificate, keySet(key));
  const { envoy, status } = await started({ uri: server.uri, trustedCa: ca.pem, cacheDuration: '1s' });
  await server.stop();
  await until('fetches failed', async () => (await envoy.stat(FAILED)) >= 2);
  expect(await status(token(key, claims))).toBe(200);
  await startJwksServer(certificate, keySet(next), server.port);
  await until('the new key is known', async () => (await status(token(next, claims))) === 200);
  await until('the old key is forgotten', async () => (await status(token(key, claims))) === 401);
});

test('a server that answers nothing delays the start by seconds, and is not stormed by the tokens that wait for it', async () => {
  let connections = 0;
  const silent = net.createServer((socket) => {
    connections += 1;
    atEnd(() => socket.destroy());
  });
  const port = await freePort();
  await new Promise<void>((done) => silent.listen(port, '127.0.0.1', done));
  atEnd(() => silent.close());
  const begin = Date.now();
  const { envoy, status } = await started({ uri: `https://localhost:${port}/keys`, trustedCa: ca.pem });
  expect(Date.now() - begin).toBeLessThan(12_000);
  const headers = { authorization: `Bearer ${token(key, claims)}` };
  expect(await statuses(200, { port: envoy.port, headers })).toEqual({ 503: 200 });
  expect(connections).toBeLessThan(40);
  expect(await status(undefined, '/health')).toBe(200);
});
