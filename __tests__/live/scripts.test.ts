import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bootstrap } from '../../envoy';
import { ADMIN_PORT } from '../../envoy/names';
import { until } from './cleanup';
import { startDns } from './dns';
import type { LiveOptions } from './envoy';
import { connectRaw } from './http';
import { prepareScripts, shim, startWrapped } from './wrapper';

const OPTIONS: LiveOptions = { upstream: { host: '127.0.0.1', port: 8_080 } };

const broken = (bootstrap: Bootstrap): Bootstrap => ({ ...bootstrap, nonsense: true });

async function check(pod: string, options: LiveOptions, shims: string[] = []) {
  const scripted = await prepareScripts(options);
  const { ended, stdout, stderr } = scripted.check(pod, shims);
  return { ...scripted, code: await ended, stdout: stdout(), stderr: stderr() };
}

describe('check.sh', () => {
  test('0 for a configuration that Envoy accepts, without a pod', async () => {
    expect(await check('-', OPTIONS)).toMatchObject({ code: 0 });
  });

  test('0 for a pod that is there', async () => {
    expect(await check('localhost', OPTIONS)).toMatchObject({ code: 0 });
  });

  test('1 for one that Envoy refuses, with the reason', async () => {
    const { code, stderr } = await check('-', { ...OPTIONS, patch: broken });
    expect(code).toBe(1);
    expect(stderr).toContain('nonsense');
  });

  // Its pauses of half a second do not pause here, and no name server is asked.
  const noPause = shim('sleep', '');

  test('0 for a pod that comes later', async () => {
    const thirdTime = shim('getent', 'echo >> "$0.calls"; (( $(wc -l < "$0.calls") == 3 ))');
    expect(await check('late', OPTIONS, [noPause, thirdTime])).toMatchObject({ code: 0 });
    expect(readFileSync(join(thirdTime, 'getent.calls'), 'utf8')).toBe('\n\n\n');
  });

  test('2 for a pod that never comes', async () => {
    const { code, stdout } = await check('no-such-pod', OPTIONS, [noPause, shim('getent', 'exit 2')]);
    expect(code).toBe(2);
    expect(stdout).toContain('the pod holder no-such-pod did not start within 30 s');
  });
});

describe('ready.sh', () => {
  test('1 where nothing listens', async () => {
    expect(await (await prepareScripts(OPTIONS)).ready()).toBe(1);
  });

  test('1 while Envoy starts up', async () => {
    const dns = await startDns();
    dns.silent = true;
    const scripted = await prepareScripts({ upstream: { host: 'api.test', port: 8_080 }, patch: dns.patch });
    const { child } = scripted.run();
    // Envoy does not serve before its first look-up is over.
    await until('Envoy asks for the address', () => dns.asked() > 0);
    (await connectRaw(ADMIN_PORT, scripted.adminAddress)).end();
    expect(await scripted.ready()).toBe(1);
    expect(child.exitCode).toBeNull();
  });

  test('0 once it serves, 1 once it is gone', async () => {
    const wrapped = await startWrapped({ ...OPTIONS, drain: '1s' });
    expect(await wrapped.ready()).toBe(0);
    wrapped.child.kill('SIGTERM');
    await wrapped.ended;
    expect(await wrapped.ready()).toBe(1);
  });
});

describe('run.sh', () => {
  test("ends with Envoy, and with Envoy's exit code", async () => {
    const prepared = await prepareScripts({ ...OPTIONS, patch: broken });
    const { ended, stderr } = prepared.run();
    expect(await ended).toBe(1);
    expect(stderr()).toContain('nonsense');
  });

  test('ends where Envoy dies', async () => {
    const { child, ended } = await startWrapped(OPTIONS);
    const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
    const pids = children.trim().split(' ').map(Number);
    const envoy = pids.find((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'envoy');
    expect(envoy).toBeGreaterThan(1);
    process.kill(envoy as number, 'SIGKILL');
    expect(await ended).toBe(137);
  });

  test('ends Envoy in a network namespace that has no way out, so that it is started in the new one', async () => {
    const prepared = await prepareScripts(OPTIONS);
    const { ended, stderr } = prepared.run({ through: ['unshare', '--net'] });
    expect(await ended).toBe(137);
    expect(stderr()).toContain('the network namespace is gone');
  });
});
