import { copyFileSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './cleanup';
import { startDns } from './dns';
import { startEnvoy, temporaryFolder } from './envoy';
import { Authority, type Certificate, startTlsBackend } from './tls-backend';

const ours = new Authority();
const theirs = new Authority();
const api = ours.issue('api', 'DNS:api.test');
const first = ours.issue('first', 'DNS:sidecar.test');
const second = ours.issue('second', 'DNS:sidecar.test');

/** Replaces a file atomically. */
function replaceFile(from: string, to: string): void {
  copyFileSync(from, `${to}.new`);
  renameSync(`${to}.new`, to);
}

const filesIn = (folder: string) => ({
  certificateChainFile: join(folder, 'chain.pem'),
  privateKeyFile: join(folder, 'key.pem'),
});

function replaceCertificate(folder: string, { chain, key }: Certificate): void {
  replaceFile(chain, filesIn(folder).certificateChainFile);
  replaceFile(key, filesIn(folder).privateKeyFile);
}

/** Starts an API that requires a client certificate of our authority. */
const startVerifyingApi = (certificate = api) =>
  startTlsBackend(certificate, { requestCert: true, rejectUnauthorized: true, ca: readFileSync(ours.file) });

async function startEnvoyTo(port: number, folder: string, trustedCa = ours.file) {
  const dns = await startDns('127.0.0.2');
  const upstreamTls = { trustedCa: { file: trustedCa }, certificate: filesIn(folder) };
  const upstream = { host: 'api.test', port, upstreamTls };
  // Each thread has its own connections, and a retry would hide a lost request.
  return startEnvoy({ upstream, patch: dns.patch, concurrency: 1, retries: false });
}

type Envoy = Awaited<ReturnType<typeof startEnvoy>>;
type Api = Awaited<ReturnType<typeof startTlsBackend>>;

const renewals = (envoy: Envoy) => envoy.stat('cluster.api.client_ssl_socket_factory.ssl_context_update_by_sds');

/** Changes files and waits until Envoy uses them. */
async function renew(envoy: Envoy, change: () => void): Promise<void> {
  const before = await renewals(envoy);
  change();
  await until('Envoy uses the new files', async () => (await renewals(envoy)) > before);
}

/** Closes all connections to the API, so that the next request needs a new one. */
async function closeConnections(envoy: Envoy, { server }: Api): Promise<void> {
  server.closeIdleConnections();
  await until('no connection is open', async () => (await envoy.stat('cluster.api.upstream_cx_active')) === 0);
}

test('uses a renewed client certificate for new connections under load, and loses no request', async () => {
  const folder = temporaryFolder();
  replaceCertificate(folder, first);
  const { port, seen, server } = await startVerifyingApi();
  server.maxRequestsPerSocket = 3;
  const envoy = await startEnvoyTo(port, folder);
  const statuses: number[] = [];
  let over = false;
  const client = async () => {
    while (!over) {
      statuses.push((await envoy.call()).status);
    }
  };
  const clients = [client(), client(), client(), client()];
  const count = (name: string) => seen.filter(({ client }) => client === name).length;
  await until('50 requests before the renewal', () => count('first') > 50);
  replaceCertificate(folder, second);
  await until('50 requests after the renewal', () => count('second') > 50);
  over = true;
  await Promise.all(clients);
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  expect(count('first') + count('second')).toBe(statuses.length);
});

test('keeps an open connection, and uses the renewed client certificate for the next one', async () => {
  const folder = temporaryFolder();
  replaceCertificate(folder, first);
  const asks = await startVerifyingApi();
  const envoy = await startEnvoyTo(asks.port, folder);
  expect(await envoy.call()).toMatchObject({ status: 200 });
  await renew(envoy, () => replaceCertificate(folder, second));
  expect(await envoy.call()).toMatchObject({ status: 200 });
  await closeConnections(envoy, asks);
  expect(await envoy.call()).toMatchObject({ status: 200 });
  expect(asks.seen.map(({ client }) => client)).toEqual(['first', 'first', 'second']);
});

test('keeps the old client certificate while chain and key do not match', async () => {
  const folder = temporaryFolder();
  replaceCertificate(folder, first);
  const { port, seen } = await startVerifyingApi();
  const envoy = await startEnvoyTo(port, folder);
  replaceFile(second.key, filesIn(folder).privateKeyFile);
  await until(
    'Envoy has read the files',
    async () => (await envoy.stat('sds.upstream_tls_api.key_rotation_failed')) > 0,
  );
  expect(await envoy.call()).toMatchObject({ status: 200 });
  expect(seen).toMatchObject([{ client: 'first' }]);
});

test('applies replaced authorities to new connections', async () => {
  const folder = temporaryFolder();
  replaceCertificate(folder, first);
  const authorities = join(folder, 'ca.pem');
  replaceFile(theirs.file, authorities);
  const asks = await startVerifyingApi();
  const envoy = await startEnvoyTo(asks.port, folder, authorities);
  expect(await envoy.call()).toMatchObject({ status: 503 });
  await renew(envoy, () => replaceFile(ours.file, authorities));
  expect(await envoy.call()).toMatchObject({ status: 200 });
  await renew(envoy, () => replaceFile(theirs.file, authorities));
  await closeConnections(envoy, asks);
  expect(await envoy.call()).toMatchObject({ status: 503 });
  expect(asks.seen).toHaveLength(1);
});

test.each<[string, (folder: string) => string]>([
  ['the client certificate is missing', () => ours.file],
  [
    'the key does not match',
    (folder) => {
      replaceCertificate(folder, { ...first, key: second.key });
      return ours.file;
    },
  ],
  [
    'the file of authorities is missing',
    (folder) => {
      replaceCertificate(folder, first);
      return join(folder, 'ca.pem');
    },
  ],
])('Envoy does not start if %s', async (_, fill) => {
  const folder = temporaryFolder();
  const trustedCa = fill(folder);
  await expect(startEnvoyTo(443, folder, trustedCa)).rejects.toThrow('Envoy does not start');
});
