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

/** Replaces a file atomically. */
function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

const filesIn = (folder: string) => ({
  certificateChainFile: join(folder, 'chain.pem'),
  privateKeyFile: join(folder, 'key.pem'),
});

function replaceCertificate(folder: string, { cert, key }: Issued): void {
  const { certificateChainFile, privateKeyFile } = filesIn(folder);
  replaceFile(certificateChainFile, cert);
  replaceFile(privateKeyFile, key);
}

async function startEnvoyWithFiles(folder: string) {
  const api = await startBackend();
  return startEnvoy({ upstream: api, tls: { certificates: [filesIn(folder)] } });
}

const waitForCertificate = (port: number, names: string) =>
  until(`Envoy serves the certificate of ${names}`, async () => (await secureCall(trusting(port))).from === names);

test('serves renewed files to new connections under load, keeps old connections, and loses no request', async () => {
  const folder = temporaryFolder();
  replaceCertificate(folder, first);
  const { port } = await startEnvoyWithFiles(folder);
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
  await until('50 requests before the renewal', () => count(FIRST) > 50);
  replaceCertificate(folder, second);
  await until('50 requests after the renewal', () => count(SECOND) > 50);
  over = true;
  await Promise.all(clients);

  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  const lastOfFirst = answers.map(({ from }) => from).lastIndexOf(FIRST);
  expect(answers.slice(lastOfFirst + 1).every(({ from }) => from === SECOND)).toBe(true);
  // The old connection still has the old certificate.
  expect(await secureCall({ ...trusting(port), agent })).toMatchObject({ status: 200, from: FIRST });
});

test('keeps the old certificate while chain and key do not match', async () => {
  const folder = temporaryFolder();
  replaceCertificate(folder, first);
  const envoy = await startEnvoyWithFiles(folder);
  replaceFile(filesIn(folder).privateKeyFile, second.key);
  await until('Envoy has read the files', async () => (await envoy.stat('sds.tls_0.key_rotation_failed')) > 0);
  expect(await secureCall(trusting(envoy.port))).toMatchObject({ status: 200, from: FIRST });
  replaceFile(filesIn(folder).certificateChainFile, second.cert);
  await waitForCertificate(envoy.port, SECOND);
});

test('follows a symbolic link to a new folder, as Kubernetes creates it', async () => {
  const folder = temporaryFolder();
  const version = (name: string, issued: Issued) => {
    mkdirSync(join(folder, name));
    replaceCertificate(join(folder, name), issued);
    symlinkSync(name, join(folder, '..data.new'));
    renameSync(join(folder, '..data.new'), join(folder, '..data'));
  };
  version('one', first);
  for (const name of ['chain.pem', 'key.pem']) {
    symlinkSync(`..data/${name}`, join(folder, name));
  }
  const { port } = await startEnvoyWithFiles(folder);
  expect((await secureCall(trusting(port))).from).toBe(FIRST);
  version('two', second);
  await waitForCertificate(port, SECOND);
});

test('reads files that were overwritten when any file is moved into the folder', async () => {
  const folder = temporaryFolder();
  replaceCertificate(folder, first);
  const { port } = await startEnvoyWithFiles(folder);
  writeFileSync(filesIn(folder).certificateChainFile, second.cert);
  writeFileSync(filesIn(folder).privateKeyFile, second.key);
  replaceFile(join(folder, 'renewed'), '');
  await waitForCertificate(port, SECOND);
});

test.each<[string, (folder: string) => void]>([
  ['are missing', () => {}],
  ['do not match', (folder) => replaceCertificate(folder, { ...first, key: second.key })],
])('Envoy does not start if chain and key %s', async (_, fill) => {
  const folder = temporaryFolder();
  fill(folder);
  await expect(startEnvoyWithFiles(folder)).rejects.toThrow('Envoy does not start');
});
