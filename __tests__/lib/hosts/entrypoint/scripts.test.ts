import { spawnSync } from 'node:child_process';
import { proxySpec } from '../../../../envoy';
import { HOLDER_COMMAND, toScripts } from '../../../../lib/hosts/entrypoint/scripts';

// What they do is shown by the live tests, with a real Envoy.

const upstream = { host: 'api', port: 8080 };
const all = toScripts(proxySpec({ upstream }));

test('each has its place beside the configuration', () => {
  expect(all.map(({ path }) => path)).toEqual([
    '/etc/envoy/check.sh',
    '/etc/envoy/run.sh',
    '/etc/envoy/ready.sh',
    '/etc/envoy/standby.sh',
  ]);
});

test.each([...all, { path: 'what the pod holder runs', content: HOLDER_COMMAND }])('$path is bash', ({ content }) => {
  const { status, stderr } = spawnSync('bash', ['-n'], { input: content, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test.each([
  [8800, '2260'],
  [1024, '0400'],
  [65_535, 'FFFF'],
])('the standby looks after port %d as /proc/net/tcp writes it: %s', (port, hex) => {
  const { content = '' } =
    toScripts(proxySpec({ upstream, port })).find(({ path }) => path.endsWith('standby.sh')) ?? {};
  expect(content).toContain(`grep -cE ':${hex} [0-9A-F]+:0000 0A ' /proc/net/tcp`);
});

test('the standby runs Envoy as a revision does, and makes way once more sockets listen than its own', () => {
  const spec = proxySpec({ upstream, concurrency: 3, drain: '7s' });
  const { content = '' } = toScripts(spec).find(({ path }) => path.endsWith('standby.sh')) ?? {};
  expect(content).toContain(`bash /etc/envoy/run.sh 127.0.99.1 9901 7 15 ${spec.args.join(' ')} &`);
  expect(content).toContain('(( $(serving) > 3 ))');
});

test('what the pod holder runs says nothing of this version, since a changed pod holder interrupts', () => {
  expect(HOLDER_COMMAND).toMatchInlineSnapshot(`
    "trap 'kill "$!" 2> /dev/null; wait; exit 0' TERM
    while :; do
      if [[ -f /etc/envoy/standby.sh ]]; then bash /etc/envoy/standby.sh & else sleep 1 & fi
      wait "$!"
    done"
  `);
});
