import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { type Issued, TestAuthority } from '../certificates';
import { startBackend } from './backend';
import { atEnd, until } from './cleanup';
import { startEnvoy, temporaryFolder } from './envoy';
import { secureCall } from './https';

const authority = TestAuthority.create();
const first = authority.issue('DNS:a.test,DNS:first.test');
const second = authority.issue('DNS:a.test,DNS:second.test');

const trusting = (port: number) => ({ port, servername: 'a.test', ca: authority.pem });
const FIRST = 'DNS:a.test, DNS:first.test';
const SECOND = 'DNS:a.test, DNS:second.test';

/** A file that takes another's place at once. */
function put(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

const filesIn = (folder: string) => ({
  certificateChainFile: join(folder, 'chain.pem'),
  privateKeyFile: join(folder, 'key.pem'),
});

function putInto(folder: string, { cert, key }: Issued): void {
  const { certificateChainFile, privateKeyFile } = filesIn(folder);
  put(certificateChainFile, cert);
  put(privateKeyFile, key);
}

async function envoyReading(folder: string) {
  const api = await startBackend();
  return startEnvoy({ upstream: api, tls: { certificates: [filesIn(folder)] } });
}

const isShown = (port: number, names: string) =>
  until(`the certificate of ${names}`, async () => (await secureCall(trusting(port))).from === names);

test('under load: new connections get the new certificate, old ones go on, and no request is lost', async () => {
  const folder = temporaryFolder();
  putInto(folder, first);
  const { port } = await envoyReading(folder);
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  atEnd(() => agent.destroy());
  const before = await secureCall({ ...trusting(port), agent });
  expect(before.from).toBe(FIRST);

  const answers: { status: number; from: string | undefined }[] = [];
  let over = false;
  const client = async () => {
    while (!over) {
      answers.push(await secureCall(trusting(port)));
    }
  };
  const clients = [client(), client(), client(), client()];
  const count = (names: string) => answers.filter(({ from }) => from === names).length;
  await until('requests before', () => count(FIRST) > 50);
  putInto(folder, second);
  await until('requests after', () => count(SECOND) > 50);
  over = true;
  await Promise.all(clients);

  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  const lastOfFirst = answers.map(({ from }) => from).lastIndexOf(FIRST);
  expect(answers.slice(lastOfFirst + 1).every(({ from }) => from === SECOND)).toBe(true);
  // The connection that was there has its certificate still.
  expect(await secureCall({ ...trusting(port), agent })).toMatchObject({ status: 200, from: FIRST });
});

test('files that do not fit each other change nothing', async () => {
  const folder = temporaryFolder();
  putInto(folder, first);
  const envoy = await envoyReading(folder);
  put(filesIn(folder).privateKeyFile, second.key);
  await until('Envoy has looked', async () => (await envoy.stat('sds.tls_0.key_rotation_failed')) > 0);
  expect(await secureCall(trusting(envoy.port))).toMatchObject({ status: 200, from: FIRST });
  put(filesIn(folder).certificateChainFile, second.cert);
  await isShown(envoy.port, SECOND);
});

test('a link to a folder of the files can be moved, as Kubernetes does it', async () => {
  const folder = temporaryFolder();
  const version = (name: string, issued: Issued) => {
    mkdirSync(join(folder, name));
    putInto(join(folder, name), issued);
    symlinkSync(name, join(folder, '..data.new'));
    renameSync(join(folder, '..data.new'), join(folder, '..data'));
  };
  version('one', first);
  for (const name of ['chain.pem', 'key.pem']) {
    symlinkSync(`..data/${name}`, join(folder, name));
  }
  const { port } = await envoyReading(folder);
  expect((await secureCall(trusting(port))).from).toBe(FIRST);
  version('two', second);
  await isShown(port, SECOND);
});

test('files that were written in place are read once any file is moved into the folder', async () => {
  const folder = temporaryFolder();
  putInto(folder, first);
  const { port } = await envoyReading(folder);
  writeFileSync(filesIn(folder).certificateChainFile, second.cert);
  writeFileSync(filesIn(folder).privateKeyFile, second.key);
  put(join(folder, 'renewed'), '');
  await isShown(port, SECOND);
});

test.each<[string, (folder: string) => void]>([
  ['that are not there', () => {}],
  ['that do not fit each other', (folder) => putInto(folder, { ...first, key: second.key })],
])('with files %s Envoy does not start, so that what ran goes on', async (_, fill) => {
  const folder = temporaryFolder();
  fill(folder);
  await expect(envoyReading(folder)).rejects.toThrow('Envoy does not start');
});
