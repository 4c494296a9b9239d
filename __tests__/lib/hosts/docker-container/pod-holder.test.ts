import type { EnvoySidecarProps } from '../../../../lib';
import { HOLDER_COMMAND } from '../../../../lib/hosts/entrypoint/scripts';
import { calculator, replacing, type Synthesized } from '../../../helpers';

const HOLDER = 'envoy/pod-holder/Default';
const identityOf = (stack: Synthesized) => stack.at('envoy/pod-holder/identity').triggers_replace;

describe('the holder', () => {
  const stack = calculator();
  const holder = stack.at(HOLDER);

  test.each<[string, object]>([
    ['is not root', { user: '101:101' }],
    ['cannot write to its root file system', { read_only: true }],
    ['has no capability', { capabilities: { drop: ['ALL'] } }],
    ['cannot gain one', { security_opts: ['no-new-privileges:true'] }],
    ['has bounded memory, and no swap', { memory: 512, memory_swap: 512 }],
    ['has bounded processes', { ulimit: [{ name: 'nproc', soft: 4096, hard: 4096 }] }],
    ['has logs that end', { log_driver: 'json-file', log_opts: { 'max-size': '10m', 'max-file': '3' } }],
    ['comes back', { restart: 'unless-stopped' }],
    ['reaps what ends inside it', { init: true }],
    ['keeps the namespace, and looks after the port', { entrypoint: ['bash', '-c', HOLDER_COMMAND] }],
    ['owns the published ports', { ports: [{ internal: 8800 }] }],
    ['has the plain name', { name: 'calc-envoy' }],
    ['lets connections migrate', { sysctls: { 'net.ipv4.tcp_migrate_req': '1' } }],
    ['stays when the image changes', { lifecycle: { ignore_changes: ['image'] } }],
    [
      'reads what it stands in with, and cannot write it',
      {
        volumes: [
          {
            container_path: '/etc/envoy',
            read_only: true,
            volume_name: `\${${stack.address('envoy/pod-holder/standby')}.name}`,
          },
        ],
      },
    ],
  ])('%s', (_, expected) => {
    expect(holder).toMatchObject(expected);
  });

  test('publishes on the loopback address of the host alone', () => {
    expect(holder.ports).toEqual([{ internal: 8800, external: 8800, ip: '127.0.0.1' }]);
  });

  test('is found by a host name that is new with each holder', () => {
    const alias = `pod-\${substr(${stack.address('envoy/pod-holder/identity')}.id, 0, 8)}`;
    expect(holder.networks_advanced).toEqual([
      { name: `\${${stack.address('network/Default')}.id}`, aliases: [alias] },
      { name: `\${${stack.address('envoy/network')}.id}`, aliases: [alias] },
    ]);
  });

  test('can be found, whatever its own name: a host name is 63 letters at most', () => {
    const aliases = (name: string) => JSON.stringify(calculator({ name }).at(HOLDER).networks_advanced);
    expect(aliases('a'.repeat(63))).toBe(aliases('front'));
  });

  test('does not let connections migrate where the kernel cannot', () => {
    const without = calculator({ migrateConnections: false });
    expect(without.at(HOLDER)).not.toHaveProperty('sysctls');
    expect(identityOf(without)).not.toHaveProperty('sysctls');
  });

  test('is destroyed before the next one is created, since ports cannot be had twice', () => {
    expect(holder.lifecycle).not.toHaveProperty('create_before_destroy');
    expect(stack.at('envoy/pod-holder/identity')).not.toHaveProperty('lifecycle');
  });

  test("is not there with rollout: 'recreate'", () => {
    expect(calculator({ rollout: 'recreate' }).addresses.join()).not.toContain('pod');
  });
});

describe('a change', () => {
  const before = calculator();

  test.each<[string, Partial<EnvoySidecarProps>]>([
    ['of a published port', { publish: { http: { port: 80 } } }],
    ['of a published address', { publish: { http: { address: '0.0.0.0' } } }],
    ['to a port that is not published', { publish: { http: false } }],
    ['of the port inside', { port: 9000 }],
    ['of the sysctl', { migrateConnections: false }],
  ])('%s replaces the pod holder, and with it the revision that must join the new one', (_, props) => {
    const after = calculator(props);
    expect(replacing(before.at(HOLDER), after.at(HOLDER))).not.toEqual([]);
    expect(identityOf(after)).not.toEqual(identityOf(before));
  });

  test.each<[string, Partial<EnvoySidecarProps>]>([
    ['of the configuration', { timeouts: { request: '60s' } }],
    ['of the number of workers', { concurrency: 4 }],
    ['of the drain', { drainTime: '20s' }],
    ['of the memory', { memory: '512MiB' }],
    ['of the CPUs', { cpus: 1 }],
    ['of the labels', { labels: { team: 'a' } }],
    ['of the image', { image: 'envoyproxy/envoy:v1.40.0' }],
  ])('%s leaves the pod holder as it is, so it interrupts nothing', (_, props) => {
    const after = calculator(props);
    expect(replacing(before.at(HOLDER), after.at(HOLDER))).toEqual([]);
    expect(identityOf(after)).toEqual(identityOf(before));
  });

  test('of the name replaces the pod holder and the revision', () => {
    const after = calculator({ name: 'front' });
    expect(replacing(before.at(HOLDER), after.at(HOLDER))).toContain('name');
    const revision = 'envoy/Default/revision/Default';
    expect(after.at(revision).triggers_replace).not.toEqual(before.at(revision).triggers_replace);
  });
});
