import type { EnvoySidecarProps, VolumeMount } from '../../../lib';
import { calculator } from '../../helpers';

const volumes: VolumeMount[] = [
  { hostPath: '/srv/tls', containerPath: '/tls' },
  { volumeName: 'certificates', containerPath: '/var/tls' },
];
const MOUNTED = [
  { host_path: '/srv/tls', container_path: '/tls', read_only: true },
  { volume_name: 'certificates', container_path: '/var/tls', read_only: true },
];
const mounting = (props: Partial<EnvoySidecarProps> = {}) => calculator({ volumes, ...props });

test.each(['envoy/Default/Default', 'envoy/Default/init', 'envoy/pod-holder/Default'])(
  '%s has them, read-only',
  (path) => {
    expect((mounting().at(path).volumes as object[]).slice(-2)).toEqual(MOUNTED);
  },
);

test("so do both containers with rollout: 'recreate'", () => {
  const stack = mounting({ rollout: 'recreate' });
  for (const path of ['envoy/Default/Default', 'envoy/Default/init']) {
    expect((stack.at(path).volumes as object[]).slice(-2)).toEqual(MOUNTED);
  }
});

test('a change of them makes a new revision and a new pod holder, and without them nothing is new', () => {
  const settings = (stack: ReturnType<typeof calculator>) =>
    ['envoy/Default/revision/Default', 'envoy/pod-holder/identity'].map((path) => stack.at(path).triggers_replace);
  for (const [index, known] of settings(mounting()).entries()) {
    expect(known).toMatchObject({ volumes: MOUNTED.map(() => expect.anything()) });
    expect(settings(calculator())[index]).not.toHaveProperty('volumes');
  }
  expect(settings(calculator({ volumes: [] }))).toEqual(settings(calculator()));
});

const elsewhere = 'mount it elsewhere';
test.each<[object[], string]>([
  [
    [{ containerPath: '/tls' }],
    'volumes[0] must have either a hostPath or a volumeName, got {}; name the folder or the volume',
  ],
  [
    [{ hostPath: '/srv', volumeName: 'v', containerPath: '/tls' }],
    'volumes[0] must have either a hostPath or a volumeName, got {"hostPath":"/srv","volumeName":"v"}; name the folder or the volume',
  ],
  [
    [{ hostPath: 'tls', containerPath: '/tls' }],
    'volumes[0].hostPath must be an absolute path of the Docker host, got "tls"; write for example \'/srv/tls\'',
  ],
  ...['tls', '/', '/tls/', '/a//b', '/a/../etc'].map((containerPath): [object[], string] => [
    [{ volumeName: 'v', containerPath }],
    `volumes[0].containerPath must be the absolute path of a folder inside the container, got ${JSON.stringify(containerPath)}; write for example '/tls'`,
  ]),
  ...['/etc/envoy', '/etc/envoy/tls', '/etc'].map((containerPath): [object[], string] => [
    [{ volumeName: 'v', containerPath }],
    `volumes[0].containerPath must not overlap '/etc/envoy', got "${containerPath}"; ${elsewhere}`,
  ]),
  [
    [{ volumeName: 'v', containerPath: '/standby' }],
    `volumes[0].containerPath must not overlap '/standby', got "/standby"; ${elsewhere}`,
  ],
  [
    [
      { volumeName: 'v', containerPath: '/tls' },
      { volumeName: 'w', containerPath: '/tls/more' },
    ],
    `volumes[1].containerPath must not overlap '/tls', got "/tls/more"; ${elsewhere}`,
  ],
  [
    [{ volumeName: 'v', containerPath: '/tls', readOnly: false }],
    'volumes[0].readOnly is not an option, got false; remove it',
  ],
])('refuses %j', (given, message) => {
  expect(() => calculator({ volumes: given as VolumeMount[] })).toThrow(new Error(`calc/envoy: ${message}`));
});
