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

test('has the keys of a server with a trusted certificate when it is ready', async () => {
  const server = await startJwksServer(certificate, keySet(key));
  const { status } = await started({ uri: server.uri, trustedCa: ca.pem });
  expect(await status(token(key, claims))).toBe(200);
  expect(server.asked).toBe(1);
  expect(await status(token(signingKey('RS256'), claims))).toBe(401);
});

describe.each([...binaries()])('Envoy %s', (minor) => {
  test('loads the keys of a server that responds after 1.5 s with one request', async () => {
    const server = await startJwksServer(certificate, keySet(key));
    server.delay = 1_500;
    const { status } = await started({ uri: server.uri, trustedCa: ca.pem }, {}, minor);
    expect(await status(token(key, claims))).toBe(200);
    expect(server.asked).toBe(1);
  });

  test('fetches the keys immediately for a token of a new key, and not for each token of an unknown key', async () => {
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
    // One fetch before Envoy is ready, and one by each of its two worker threads.
    expect(server.asked).toBeLessThanOrEqual(3);
  });
});

test('answers 503 if the fetch of the keys exceeds its timeout', async () => {
  const server = await startJwksServer(certificate, keySet(key));
  server.delay = 2_000;
  const begin = Date.now();
  const { status } = await started({ uri: server.uri, trustedCa: ca.pem, timeout: '200ms' });
  expect(await status(token(key, claims))).toBe(503);
  expect(Date.now() - begin).toBeLessThan(2_000);
});

test('serves 50 concurrent clients with a new key, with at most one fetch each', async () => {
  const server = await startJwksServer(certificate, keySet(key));
  const { envoy } = await started({ uri: server.uri, trustedCa: ca.pem });
  server.delay = 100;
  server.keys = keySet(next);
  const headers = { authorization: `Bearer ${token(next, claims)}` };
  expect(await statuses(50, { port: envoy.port, headers })).toEqual({ 200: 50 });
  expect(server.asked).toBeLessThanOrEqual(51);
});

test('does not follow a redirect of the server of keys', async () => {
  const server = await startJwksServer(certificate, '');
  server.status = 301;
  const { envoy, status } = await started({ uri: server.uri, trustedCa: ca.pem });
  expect(await status(token(key, claims))).toBe(503);
  expect(await envoy.stat('cluster.jwks_main.upstream_rq_3xx')).toBeGreaterThan(0);
});

test('verifies the certificate of a server of keys at an IP address', async () => {
  const server = await startJwksServer(ca.issue('IP:127.0.0.1'), keySet(key));
  const { status } = await started({ uri: server.uri.replace('localhost', '127.0.0.1'), trustedCa: ca.pem });
  expect(await status(token(key, claims))).toBe(200);
});

test('trusts the authorities of the system by default', async () => {
  const server = await startJwksServer(certificate, keySet(key));
  const { envoy, status } = await started({ uri: server.uri });
  expect(await status(token(key, claims))).toBe(503);
  expect(await envoy.stat('cluster.jwks_main.ssl.fail_verify_error')).toBeGreaterThan(0);
  expect(server.asked).toBe(0);
});

test.each([
  ['a certificate of another authority', () => authority().issue('DNS:localhost'), 'fail_verify_error'],
  ['a certificate for another name', () => ca.issue('DNS:id.example.com'), 'fail_verify_san'],
])('sends no request to a server of keys with %s', async (_, issue, stat) => {
  const server = await startJwksServer(issue(), keySet(key));
  const { envoy, status } = await started({ uri: server.uri, trustedCa: ca.pem });
  expect(await status(token(key, claims))).toBe(503);
  expect(await envoy.stat(`cluster.jwks_main.ssl.${stat}`)).toBeGreaterThan(0);
  expect(server.asked).toBe(0);
});

test.each([
  ['answers 500', 500, keySet(key)],
  ['returns HTML', 200, '<html>'],
  ['returns no key', 200, '{"keys":[]}'],
  ['redirects', 302, ''],
])('answers 503 to tokens, and serves all other requests, while the server of keys %s', async (_, code, keys) => {
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
  // Envoy rejects these tokens without keys.
  expect(await status()).toBe(401);
  expect(await status(token(key, { ...claims, exp: now() - 70 }))).toBe(401);
  expect(await status(token(key, { ...claims, iss: 'somebody' }))).toBe(401);
  expect(await status(token(other, ofOther))).toBe(200);
  expect(await status(undefined, '/health')).toBe(200);
  expect(await status(undefined, '/greet')).toBe(200);
});

test('starts while the server of keys is down, and accepts tokens soon after it is up', async () => {
  const port = await freePort();
  const { envoy, status } = await started({ uri: `https://localhost:${port}/keys`, trustedCa: ca.pem });
  await until('a fetch has failed', async () => (await envoy.stat(FAILED)) > 0);
  await startJwksServer(certificate, keySet(key), port);
  // Envoy fetches the keys without a request that has a token.
  await until('Envoy has fetched the keys', async () => (await envoy.stat(FETCHED)) > 0, 5);
  expect(await status(token(key, claims))).toBe(200);
});

const FETCHED = 'http.ingress_http.jwt_authn.jwks_fetch_success';
const FAILED = 'http.ingress_http.jwt_authn.jwks_fetch_failed';

test('starts if the host name of the server of keys is unknown', async () => {
  const { status } = await started({ uri: 'https://nobody.invalid/keys' });
  expect(await status(token(key, claims))).toBe(503);
  expect(await status(undefined, '/health')).toBe(200);
});

test('keeps the keys while their server is down, and replaces them afterwards', async () => {
  const server = await startJwksServer(certificate, keySet(key));
  const { envoy, status } = await started({ uri: server.uri, trustedCa: ca.pem, cacheDuration: '1s' });
  await server.stop();
  await until('two fetches have failed', async () => (await envoy.stat(FAILED)) >= 2);
  expect(await status(token(key, claims))).toBe(200);
  await startJwksServer(certificate, keySet(next), server.port);
  await until('Envoy accepts the new key', async () => (await status(token(next, claims))) === 200);
  await until('Envoy rejects the old key', async () => (await status(token(key, claims))) === 401);
});

test('starts within 12 s, and opens fewer than 40 connections, if the server of keys never responds', async () => {
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
