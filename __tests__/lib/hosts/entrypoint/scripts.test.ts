import { spawnSync } from 'node:child_process';
import { proxySpec } from '../../../../envoy';
import { HOLD, scripts } from '../../../../lib/hosts/entrypoint/scripts';

// What they do is shown by the live tests, with a real Envoy.

const upstream = { host: 'api', port: 8080 };
const all = scripts(proxySpec({ upstream }));

test('each has its place beside the configuration', () => {
  expect(all.map(({ path }) => path)).toEqual([
    '/etc/envoy/check.sh',
    '/etc/envoy/run.sh',
    '/etc/envoy/ready.sh',
    '/etc/envoy/stand-in.sh',
  ]);
});

test.each([...all, { path: 'what the holder runs', content: HOLD }])('$path is bash', ({ content }) => {
  const { status, stderr } = spawnSync('bash', ['-n'], { input: content, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test.each([
  [8800, '2260'],
  [1024, '0400'],
  [65_535, 'FFFF'],
])('the stand-in looks after port %d as /proc/net/tcp writes it: %s', (port, hex) => {
  const { content = '' } =
    scripts(proxySpec({ upstream, port })).find(({ path }) => path.endsWith('stand-in.sh')) ?? {};
  expect(content).toContain(`grep -cE ':${hex} [0-9A-F]+:0000 0A ' /proc/net/tcp`);
});

test('the stand-in runs Envoy as a generation does, and makes way once more sockets listen than its own', () => {
  const spec = proxySpec({ upstream, concurrency: 3, drain: '7s' });
  const { content = '' } = scripts(spec).find(({ path }) => path.endsWith('stand-in.sh')) ?? {};
  expect(content).toContain(`bash /etc/envoy/run.sh 127.0.99.1 9901 7 15 ${spec.args.join(' ')} &`);
  expect(content).toContain('(( $(serving) > 3 ))');
});

test('what the holder runs says nothing of this version, since a changed holder interrupts', () => {
  expect(HOLD).toMatchInlineSnapshot(`
    "trap 'kill "$!" 2> /dev/null; wait; exit 0' TERM
    while :; do
      if [[ -f /etc/envoy/stand-in.sh ]]; then bash /etc/envoy/stand-in.sh & else sleep 1 & fi
      wait "$!"
    done"
  `);
});
