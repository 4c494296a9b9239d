import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADMIN_ADDRESS, ADMIN_PORT } from '../../envoy/messages/resource-names';
import { MISSING, withMissingFile } from '../missing-file';
import { startBackend } from './backend';
import { until } from './cleanup';
import { startDns } from './dns';
import { childrenOf, type LiveOptions } from './envoy';
import { call, connectRaw } from './http';
import { type BashOptions, createShim, prepareScripts, startWrapped } from './wrapper';

const OPTIONS: LiveOptions = { upstream: { host: '127.0.0.1', port: 8_080 } };

async function init(pod: string, options: LiveOptions, bashOptions?: BashOptions) {
  const scripted = await prepareScripts(options);
  const { ended, stdout, stderr } = scripted.init(pod, bashOptions);
  return { ...scripted, code: await ended, stdout: stdout(), stderr: stderr() };
}

describe('init.sh', () => {
  test('exits with 0 for a valid configuration without a pod', async () => {
    expect(await init('-', OPTIONS)).toMatchObject({ code: 0 });
  });

  test('exits with 0 for a running pod, and copies the configuration for its standby', async () => {
    const { code, standbyFolder, configFile, adminAddress } = await init('localhost', OPTIONS);
    expect(code).toBe(0);
    expect(readFileSync(join(standbyFolder, 'envoy.yaml'), 'utf8')).toBe(
      readFileSync(configFile, 'utf8').replaceAll(adminAddress, ADMIN_ADDRESS),
    );
  });

  test("exits with 1 and Envoy's error for an invalid configuration", async () => {
    const { code, stderr } = await init('-', { ...OPTIONS, patch: withMissingFile });
    expect(code).toBe(1);
    expect(stderr).toContain(MISSING);
  });

  test('waits for a pod that starts later, and exits with 0', async () => {
    const thirdTime = createShim('getent', 'echo >> "$0.calls"; (( $(wc -l < "$0.calls") == 3 ))');
    expect(await init('late', OPTIONS, { shims: [createShim('sleep', ''), thirdTime] })).toMatchObject({ code: 0 });
    expect(readFileSync(join(thirdTime, 'getent.calls'), 'utf8')).toBe('\n\n\n');
  });

  test('exits with 2 for a pod that never starts', async () => {
    // bash counts the seconds from here, so that 29 of 30 have passed.
    const bashOptions = { env: { SECONDS: '29' }, shims: [createShim('getent', 'exit 2')] };
    const { code, stdout } = await init('no-such-pod', OPTIONS, bashOptions);
    expect(code).toBe(2);
    expect(stdout).toContain('the pod holder no-such-pod did not start within 30 s');
  });
});

describe('ready.sh', () => {
  test('exits with 1 if nothing listens', async () => {
    expect(await (await prepareScripts(OPTIONS)).ready()).toBe(1);
  });

  test('exits with 1 while Envoy starts', async () => {
    const dns = await startDns();
    dns.silent = true;
    const scripted = await prepareScripts({ upstream: { host: 'api.test', port: 8_080 }, patch: dns.patch });
    const { child } = scripted.run();
    // Envoy is not ready before its first DNS query is answered.
    await until('Envoy has sent a query', () => dns.asked() > 0);
    (await connectRaw(ADMIN_PORT, scripted.adminAddress)).end();
    expect(await scripted.ready()).toBe(1);
    expect(child.exitCode).toBeNull();
  });

  test('exits with 0 when Envoy is ready, and with 1 after Envoy has exited', async () => {
    const wrapped = await startWrapped({ ...OPTIONS, drainTime: '1s' });
    expect(await wrapped.ready()).toBe(0);
    wrapped.child.kill('SIGTERM');
    await wrapped.ended;
    expect(await wrapped.ready()).toBe(1);
  });
});

describe('run.sh', () => {
  test("exits with Envoy's exit code", async () => {
    const prepared = await prepareScripts({ ...OPTIONS, patch: withMissingFile });
    const { ended, stderr } = prepared.run();
    expect(await ended).toBe(1);
    expect(stderr()).toContain(MISSING);
  });

  test('exits with 137 when Envoy is killed', async () => {
    const { child, ended } = await startWrapped(OPTIONS);
    const envoy = childrenOf(child.pid).find((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'envoy');
    expect(envoy).toBeGreaterThan(1);
    process.kill(envoy as number, 'SIGKILL');
    expect(await ended).toBe(137);
  });

  test('stops Envoy in an orphaned network namespace, so that Docker starts it in the new one', async () => {
    const prepared = await prepareScripts(OPTIONS);
    const { ended, stderr } = prepared.run({ through: ['unshare', '--net'] });
    expect(await ended).toBe(137);
    expect(stderr()).toContain('the network namespace is gone');
  });
});

test('the pod holder serves as standby until a revision serves, without a gap', async () => {
  const api = await startBackend();
  const scripted = await prepareScripts({ upstream: api, drainTime: '1s' });
  await scripted.init('localhost').ended;
  const answers = () =>
    call({ port: scripted.port }).then(
      ({ status }) => status === 200,
      () => false,
    );
  const podHolder = scripted.hold();
  await until('the pod holder serves', answers);
  expect(podHolder.stderr()).toContain('the pod holder serves as standby');

  const revision = scripted.run();
  await until('the revision serves', async () => (await scripted.ready()) === 0);
  await until('the standby ends', () => podHolder.stderr().includes('the standby ends'));
  await until('the Envoy of the standby has exited', () =>
    connectRaw(ADMIN_PORT, ADMIN_ADDRESS).then(
      () => false,
      () => true,
    ),
  );
  expect(await answers()).toBe(true);
  expect(podHolder.child.exitCode).toBeNull();

  podHolder.child.kill('SIGTERM');
  expect(await podHolder.ended).toBe(0);
  expect(await answers()).toBe(true);
  revision.child.kill('SIGTERM');
  expect(await revision.ended).toBe(0);
});
