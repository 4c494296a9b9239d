import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binary } from './binaries';
import { until } from './cleanup';
import { run, temporaryFolder } from './envoy';
import { call } from './http';
import { freePort } from './ports';

const folder = temporaryFolder();

/** Returns `node.metadata` as Envoy reads it from a bootstrap file, or Envoy's error if it rejects the file. */
export async function metadataOf(text: string | Buffer): Promise<{ read: unknown } | { refused: string }> {
  const host = `127.${octet()}.${octet()}.${octet()}`;
  const port = await freePort(host);
  const file = join(folder, 'envoy.yaml');
  writeFileSync(file, text);
  const admin = { admin: { address: { socket_address: { address: host, port_value: port } } } };
  const args = ['-c', file, '--config-yaml', JSON.stringify(admin), '--use-dynamic-base-id', '-l', 'critical'];
  const { child, ended, stderr } = run(binary(), [...args, '--concurrency', '1']);
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const body = await until('Envoy exits or serves its configuration', async () => {
    if (!isRunning()) {
      return ' ';
    }
    return call({ host, port, path: '/config_dump?mask=bootstrap' }).then(
      (answer) => answer.body,
      () => '',
    );
  });
  child.kill('SIGTERM');
  await ended;
  return body === ' ' ? { refused: stderr() } : { read: JSON.parse(body).configs[0].bootstrap.node.metadata };
}

const octet = () => 1 + Math.floor(Math.random() * 254);
