import { spawnSync } from 'node:child_process';
import { proxySpec } from '../../../../envoy';
import { HOLDER_COMMAND, toScripts } from '../../../../lib/hosts/entrypoint/scripts';

// The live tests run the scripts with a real Envoy.

const upstream = { host: 'api', port: 8080 };
const all = toScripts(proxySpec({ upstream }));

test('puts each script in the folder of the configuration', () => {
  expect(all.map(({ path }) => path)).toEqual([
    '/etc/envoy/init.sh',
    '/etc/envoy/run.sh',
    '/etc/envoy/ready.sh',
    '/etc/envoy/standby.sh',
  ]);
});

test.each([...all, { path: 'the command of the pod holder', content: HOLDER_COMMAND }])(
  '$path is valid bash',
  ({ content }) => {
    const { status, stderr } = spawnSync('bash', ['-n'], { input: content, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  },
);

test.each([
  [8800, '2260'],
  [1024, '0400'],
  [65_535, 'FFFF'],
])('the standby watches port %d, which is %s in /proc/net/tcp', (port, hex) => {
  const { content = '' } =
    toScripts(proxySpec({ upstream, port })).find(({ path }) => path.endsWith('standby.sh')) ?? {};
  expect(content).toContain(`grep -cE ':${hex} [0-9A-F]+:0000 0A ' /proc/net/tcp`);
});

test('the standby runs Envoy as a revision does, and ends when more sockets listen than its own', () => {
  const spec = proxySpec({ upstream, concurrency: 3, drainTime: '7s' });
  const { content = '' } = toScripts(spec).find(({ path }) => path.endsWith('standby.sh')) ?? {};
  expect(content).toContain(`bash /etc/envoy/run.sh 127.0.99.1 9901 7 15 ${spec.args.join(' ')} &`);
  expect(content).toContain('(( $(listeners) > 3 ))');
});

test('the command of the pod holder depends on no option, since a changed pod holder interrupts', () => {
  expect(HOLDER_COMMAND).toMatchInlineSnapshot(`
    "trap 'kill "$!" 2> /dev/null; wait; exit 0' TERM
    while :; do
      if [[ -f /etc/envoy/standby.sh ]]; then bash /etc/envoy/standby.sh & else sleep 1 & fi
      wait "$!"
    done"
  `);
});
