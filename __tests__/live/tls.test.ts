import type { TlsOptions } from '../../envoy';
import { TestAuthority } from '../certificates';
import { type Backend, startBackend } from './backend';
import { type LiveOptions, startEnvoy } from './envoy';
import { call } from './http';
import { http2Call, secureCall } from './https';

const authority = TestAuthority.create();
const a = authority.issue('DNS:a.test');
const b = authority.issue('DNS:b.test');
const pem = ({ cert, key }: { cert: string; key: string }) => ({ chain: cert, key });

let api: Backend;

beforeAll(async () => {
  api = await startBackend();
});

const envoyWith = (tls: Partial<TlsOptions> = {}, more: Partial<LiveOptions> = {}) =>
  startEnvoy({ upstream: api, tls: { certificates: [pem(a)], ...tls }, ...more });

const trusting = (port: number, servername = 'a.test') => ({ port, servername, ca: authority.pem });

test('serves by HTTP/1.1 and HTTP/2, and nothing in the plain', async () => {
  const { port } = await envoyWith();
  expect(await secureCall(trusting(port))).toMatchObject({ status: 200, version: 'TLSv1.3', from: 'DNS:a.test' });
  expect(await http2Call(trusting(port))).toEqual({ status: 200, alpn: 'h2' });
  await expect(call({ port })).rejects.toThrow('socket hang up');
});

test('the name that a client asks for chooses the certificate, and no or another name the first', async () => {
  const { port } = await envoyWith({ certificates: [pem(a), pem(b)] });
  const from = async (servername: string) =>
    (await secureCall({ ...trusting(port, servername), checkServerIdentity: () => undefined })).from;
  expect(await from('a.test')).toBe('DNS:a.test');
  expect(await from('b.test')).toBe('DNS:b.test');
  expect(await from('c.test')).toBe('DNS:a.test');
  expect(await from('')).toBe('DNS:a.test');
});
