import { assemble, proxySpec, toYaml } from '../../../envoy';
import { DEFAULT_IMAGE } from '../../../envoy/messages/resource-names';

const upstream = { host: 'api', port: 8080 };

test('by default says all that a host must provide', () => {
  const { bootstrap, ports } = assemble({ upstream });
  expect(proxySpec({ upstream })).toEqual({
    image: DEFAULT_IMAGE,
    args: [
      '--config-path',
      '/etc/envoy/envoy.yaml',
      '--concurrency',
      '2',
      '--log-level',
      'warning',
      '--drain-time-s',
      '10',
      '--drain-strategy',
      'immediate',
      '--disable-hot-restart',
      '--file-flush-interval-msec',
      '1000',
    ],
    files: [{ path: '/etc/envoy/envoy.yaml', content: toYaml(bootstrap) }],
    ports,
    admin: { address: '127.0.99.1', port: 9901 },
    drainSeconds: 10,
    concurrency: 2,
    warnings: [],
  });
});

test('image is taken as it is', () => {
  expect(proxySpec({ upstream, image: 'mine@sha256:0' }).image).toBe('mine@sha256:0');
});

test('concurrency and logLevel are arguments of Envoy', () => {
  const { args, concurrency } = proxySpec({ upstream, concurrency: 8, logLevel: 'debug' });
  expect(args).toEqual(expect.arrayContaining(['--concurrency', '8', '--log-level', 'debug']));
  expect(concurrency).toBe(8);
});

test.each([
  ['10s', 10],
  ['1m', 60],
  ['1200ms', 2],
  ['0s', 0],
] as const)('a drain of %s is %d whole seconds', (drainTime, wholeSeconds) => {
  const { args, drainSeconds } = proxySpec({ upstream, drainTime });
  expect(drainSeconds).toBe(wholeSeconds);
  expect(args[args.indexOf('--drain-time-s') + 1]).toBe(String(wholeSeconds));
});

test('what is patched is what is written', () => {
  const { files } = proxySpec({ upstream, patch: () => ({ node: { id: 'mine' } }) });
  expect(files).toEqual([{ path: '/etc/envoy/envoy.yaml', content: 'node:\n  id: mine\n' }]);
});

test.each<[object, string]>([
  [
    { concurrency: 0 },
    'concurrency must be a whole number from 1 to 1024, got 0; write it as a literal number in that range',
  ],
  [
    { logLevel: 'warn' },
    `logLevel must be one of 'trace', 'debug', 'info', 'warning', 'error', 'critical', 'off', got "warn"; choose one of these (did you mean 'warning'?)`,
  ],
  [
    { drainTime: '5' },
    `drainTime must be a number with a unit (ms, s, m or h), got "5"; write for example '250ms' or '15s'`,
  ],
])('refuses %j', (options, message) => {
  expect(() => proxySpec({ upstream, ...options })).toThrow(new Error(message));
});

test('a file is text, or becomes YAML, with its references as JSON strings', () => {
  const secret = '${TfToken[TOKEN.1]}';
  const files = [
    { path: '/etc/envoy/a.txt', content: 'a' },
    { path: '/etc/envoy/b.yaml', content: { key: secret, on: 'on' }, sensitive: true as const },
  ];
  const spec = proxySpec({ upstream, custom: [{ files }] }, () => '"reference"');
  expect(spec.files.slice(1)).toEqual([
    { path: '/etc/envoy/a.txt', content: 'a' },
    { path: '/etc/envoy/b.yaml', content: 'key: "reference"\n"on": "on"\n', sensitive: true },
  ]);
});

test('refuses an image without a name', () => {
  expect(() => proxySpec({ upstream, image: '' })).toThrow('image must name an image, got ""');
});
