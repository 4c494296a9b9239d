import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestAuthority } from '../certificates';
import { exampleNames } from '../synthesized-example';
import type { Backend } from './backend';
import { until } from './cleanup';
import { temporaryFolder } from './envoy';
import { startExample } from './example';
import { call } from './http';
import { secureCall } from './https';

const authority = TestAuthority.create();

/** A failed handshake: an alert, or a connection closed before the client reads it. */
const REFUSED = /alert|ECONNRESET|EPIPE|socket hang up/;

/** Creates a folder with the chain and key of each certificate, and the certificate of the authority. */
function certificateFolder(names: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  copyFileSync(authority.file, join(folder, 'ca.pem'));
  for (const [file, name] of Object.entries(names)) {
    const { certFile, keyFile } = authority.issue(`DNS:${name}`);
    copyFileSync(certFile, join(folder, `${file}.pem`));
    copyFileSync(keyFile, join(folder, `${file}.key`));
  }
  return folder;
}

/** Tests of each example: the behaviour of its sandbox in Envoy's documentation, as far as the example covers it. */
const sandboxTests: Readonly<Record<string, () => Promise<void>>> = {
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
    await until('the rate limit allows a request', async () => (await call('envoy')).status === 200);
  },

  rbac: async () => {
    const { call } = await startExample('rbac');
    expect(await call('envoy')).toMatchObject({ status: 403 });
    const elsewhere = { referer: 'https://www.envoyproxy.io.example.com/docs/envoy/latest' };
    expect(await call('envoy', { headers: elsewhere })).toMatchObject({ status: 403 });
    const headers = { referer: 'https://www.envoyproxy.io/docs/envoy/latest' };
    expect(await call('envoy', { headers })).toMatchObject({ status: 200, body: 'service' });
  },

  tls: async () => {
    const name = 'example.com';
    const { addresses } = await startExample('tls', { '/srv/tls': certificateFolder({ [name]: name }) });
    const host = addresses.envoy ?? '';
    const secure = { host, port: 8800, ca: authority.pem, servername: name };
    expect(await secureCall(secure)).toMatchObject({ status: 200, body: 'service', from: `DNS:${name}` });
    expect(await call({ host, port: 8880, path: '/x', headers: { host: name } })).toMatchObject({
      status: 308,
      headers: { location: 'https://example.com:8800/x' },
    });
    await expect(call({ host, port: 8800 })).rejects.toThrow('socket hang up');
  },

  'tls-sni': async () => {
    const [one, two] = ['domain1.example.com', 'domain2.example.com'];
    const { addresses } = await startExample('tls-sni', { '/srv/tls': certificateFolder({ [one]: one, [two]: two }) });
    const at = (servername: string) => {
      const headers = { host: servername };
      return secureCall({ host: addresses.envoy ?? '', port: 8800, ca: authority.pem, servername, headers });
    };
    expect(await at(one)).toMatchObject({ status: 200, body: 'domain1', from: `DNS:${one}` });
    expect(await at(two)).toMatchObject({ status: 200, body: 'domain2', from: `DNS:${two}` });
  },

  'double-proxy': async () => {
    const {
      addresses,
      apis,
      call: ask,
    } = await startExample('double-proxy', {
      '/srv/tls/front': certificateFolder({ own: 'front.example.com' }),
      '/srv/tls/back': certificateFolder({ own: 'double-proxy-back' }),
    });
    const forged = { 'x-forwarded-client-cert': 'DNS=forged.example.com' };
    expect(await ask('front', { headers: forged })).toMatchObject({ status: 200, body: 'service' });
    const seen = () => (apis.service?.seen ?? []).filter(({ headers }) => headers['user-agent'] !== 'Envoy/HC');
    const who = seen()[0]?.headers['x-forwarded-client-cert'];
    expect(who).toMatch(/^Hash=[\da-f]{64};Subject="CN=test";URI=;DNS=front\.example\.com$/);

    const back = { host: addresses.back ?? '', port: 8800 };
    const asked = { ...back, ca: authority.pem, servername: 'double-proxy-back' };
    await expect(call(back)).rejects.toThrow('socket hang up');
    await expect(secureCall(asked)).rejects.toThrow(REFUSED);
    const others = [
      TestAuthority.create('another').issue('DNS:front.example.com'),
      authority.issue('DNS:other.example.com'),
    ];
    for (const { cert, key } of others) {
      await expect(secureCall({ ...asked, cert, key })).rejects.toThrow(REFUSED);
    }
    expect(seen()).toHaveLength(1);
    const { cert, key } = authority.issue('DNS:front.example.com');
    expect(await secureCall({ ...asked, cert, key })).toMatchObject({ status: 200, body: 'service' });
  },

  'locality-load-balancing': async () => {
    const { call, apis } = await startExample('locality-load-balancing');
    const answering = async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => call('client-envoy')));
      return String([...new Set(answers.map(({ status, body }) => (status === 200 ? body : status)))].sort());
    };
    expect(await answering()).toBe('local-1,local-2');
    const [near, other] = [apis['local-1'], apis['local-2']] as [Backend, Backend];
    await near.stop();
    await until('one local replica serves all requests', async () => (await answering()) === 'local-2');
    await other.stop();
    await until('the remote replica serves all requests', async () => (await answering()) === 'remote');
  },
};

test('every example has a test', () => {
  expect(Object.keys(sandboxTests).sort()).toEqual([...exampleNames].sort());
});

test.each(Object.entries(sandboxTests))('the example %s behaves like its sandbox', async (_, show) => show());
