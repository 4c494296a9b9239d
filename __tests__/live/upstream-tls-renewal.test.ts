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

/** A file that takes another's place at once. */
function put(from: string, to: string): void {
  copyFileSync(from, `${to}.new`);
  renameSync(`${to}.new`, to);
}

const filesIn = (folder: string) => ({
  certificateChainFile: join(folder, 'chain.pem'),
  privateKeyFile: join(folder, 'key.pem'),
});

function putInto(folder: string, { chain, key }: Certificate): void {
  put(chain, filesIn(folder).certificateChainFile);
  put(key, filesIn(folder).privateKeyFile);
}

/** An API that lets in nobody without a certificate of ours. */
const asking = (certificate = api) =>
  startTlsBackend(certificate, { requestCert: true, rejectUnauthorized: true, ca: readFileSync(ours.file) });

async function envoyTo(port: number, folder: string, trustedCa = ours.file) {
  const dns = await startDns('127.0.0.2');
  const upstreamTls = { trustedCa: { file: trustedCa }, certificate: filesIn(folder) };
  const upstream = { host: 'api.test', port, upstreamTls };
  // Each thread has connections of its own, and a request that is lost shall be seen.
  return startEnvoy({ upstream, patch: dns.patch, concurrency: 1, retries: false });
}

type Envoy = Awaited<ReturnType<typeof startEnvoy>>;
type Api = Awaited<ReturnType<typeof startTlsBackend>>;

const renewals = (envoy: Envoy) => envoy.stat('cluster.api.client_ssl_socket_factory.ssl_context_update_by_sds');

/** Once Envoy has taken what these put there. */
async function renewed(envoy: Envoy, change: () => void): Promise<void> {
  const before = await renewals(envoy);
  change();
  await until('Envoy has taken it', async () => (await renewals(envoy)) > before);
}

/** So that the next request comes on a connection of its own. */
async function closeConnections(envoy: Envoy, { server }: Api): Promise<void> {
  server.closeIdleConnections();
  await until('no connection', async () => (await envoy.stat('cluster.api.upstream_cx_active')) === 0);
}

test('under load: new connections show the new certificate, and no request is lost', async () => {
  const folder = temporaryFolder();
  putInto(folder, first);
  const { port, seen, server } = await asking();
  server.maxRequestsPerSocket = 3;
  const envoy = await envoyTo(port, folder);
  const statuses: number[] = [];
  let over = false;
  const client = async () => {
    while (!over) {
      statuses.push((await envoy.call()).status);
    }
  };
  const clients = [client(), client(), client(), client()];
  const count = (name: string) => seen.filter(({ client }) => client === name).length;
  await until('requests before', () => count('first') > 50);
  putInto(folder, second);
  await until('requests after', () => count('second') > 50);
  over = true;
  await Promise.all(clients);
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  expect(count('first') + count('second')).toBe(statuses.length);
});

test('a connection that is there goes on, and the next shows the new certificate', async () => {
  const folder = temporaryFolder();
  putInto(folder, first);
  const asks = await asking();
  const envoy = await envoyTo(asks.port, folder);
  expect(await envoy.call()).toMatchObject({ status: 200 });
  await renewed(envoy, () => putInto(folder, second));
  expect(await envoy.call()).toMatchObject({ status: 200 });
  await closeConnections(envoy, asks);
  expect(await envoy.call()).toMatchObject({ status: 200 });
  expect(asks.seen.map(({ client }) => client)).toEqual(['first', 'first', 'second']);
});

test('files that do not fit each other change nothing', async () => {
  const folder = temporaryFolder();
  putInto(folder, first);
  const { port, seen } = await asking();
  const envoy = await envoyTo(port, folder);
  put(second.key, filesIn(folder).privateKeyFile);
  await until('Envoy has looked', async () => (await envoy.stat('sds.upstream_tls_api.key_rotation_failed')) > 0);
  expect(await envoy.call()).toMatchObject({ status: 200 });
  expect(seen).toMatchObject([{ client: 'first' }]);
});

test('other authorities are those that count from the next connection on', async () => {
  const folder = temporaryFolder();
  putInto(folder, first);
  const authorities = join(folder, 'ca.pem');
  put(theirs.file, authorities);
  const asks = await asking();
  const envoy = await envoyTo(asks.port, folder, authorities);
  expect(await envoy.call()).toMatchObject({ status: 503 });
  await renewed(envoy, () => put(ours.file, authorities));
  expect(await envoy.call()).toMatchObject({ status: 200 });
  await renewed(envoy, () => put(theirs.file, authorities));
  await closeConnections(envoy, asks);
  expect(await envoy.call()).toMatchObject({ status: 503 });
  expect(asks.seen).toHaveLength(1);
});

test.each<[string, (folder: string) => string]>([
  ['a certificate that is not there', () => ours.file],
  [
    'a key that does not fit',
    (folder) => {
      putInto(folder, { ...first, key: second.key });
      return ours.file;
    },
  ],
  [
    'authorities that are not there',
    (folder) => {
      putInto(folder, first);
      return join(folder, 'ca.pem');
    },
  ],
])('with %s Envoy does not start, so that what ran goes on', async (_, fill) => {
  const folder = temporaryFolder();
  const trustedCa = fill(folder);
  await expect(envoyTo(443, folder, trustedCa)).rejects.toThrow('Envoy does not start');
});
