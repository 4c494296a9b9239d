import { ApiService, DockerNetwork, EnvoySidecar, type EnvoySidecarProps } from '../../../../lib';
import { calculator, synth } from '../../../helpers';

const upstream = { host: 'api', port: 8080 };
const made = (props: object) => () => synth((stack) => new EnvoySidecar(stack, 'envoy', { upstream, ...props }));

const name = 'must be 2 to 63 letters, digits, `_`, `.` or `-`, and begin with a letter or digit';
const literal = 'write it as a literal number in that range';
const unit = 'must be a number with a unit (ms, s, m or h)';
const duration = "write for example '250ms' or '15s'";
const below = 'must be 1024 or above, since the container is not root';

test.each<[object, string]>([
  [{ name: '' }, `name ${name}, got ""; write for example 'my-api'`],
  [{ name: 'my sidecar' }, `name ${name}, got "my sidecar"; write for example 'my-api'`],
  [{ port: 65_536 }, `port must be a whole number from 1 to 65535, got 65536; ${literal}`],
  [{ port: 80 }, `port ${below}, got 80; leave it, and publish it as 80: publish: { http: { port: 80 } }`],
  [{ port: 1023 }, `port ${below}, got 1023; leave it, and publish it as 1023: publish: { http: { port: 1023 } }`],
  [
    { adminView: { port: 81 } },
    `adminView.port ${below}, got 81; leave it, and publish it as 81: publish: { admin: { port: 81 } }`,
  ],
  [{ port: 9901 }, "port is also that of 'Envoy's admin interface', got 9901; give one of them another port"],
  [
    { adminView: { port: 9901 } },
    "adminView.port is also that of 'Envoy's admin interface', got 9901; give one of them another port",
  ],
  [{ port: 8081, adminView: {} }, "adminView.port is also that of 'http', got 8081; give one of them another port"],
  [
    { adminView: {}, publish: { http: { port: 8081 } } },
    'publish.admin.port is also that of publish.http, got 8081; give one of them another port',
  ],
  [
    { publish: { http: { port: 70_000 } } },
    `publish.http.port must be a whole number from 0 to 65535, got 70000; ${literal}`,
  ],
  [
    { publish: { admin: { port: 81 } } },
    'publish.admin is not a port of this sidecar, got {"port":81}; its ports are http',
  ],
  [
    { upstream: { host: '', port: 1 } },
    `upstream.host must be a host name or an address, got ""; write for example 'api'`,
  ],
  [{ upstream: { host: 'api', port: 0 } }, `upstream.port must be a whole number from 1 to 65535, got 0; ${literal}`],
  [
    { upstream: { ...upstream, healthPath: 'health' } },
    `upstream.healthPath must start with '/' and hold no space, no '#' and ASCII alone, got "health"; write for example '/health'`,
  ],
  [
    { healthCheck: { interval: '3s' } },
    "healthCheck.path is needed, since the upstream names no health path, got undefined; write for example '/health', or tcp: true",
  ],
  [{ drainTime: '5' }, `drainTime ${unit}, got "5"; ${duration}`],
  [{ readyTimeout: 60 }, `readyTimeout ${unit}, got 60; ${duration}`],
  [{ readyTimeout: '0s' }, `readyTimeout must be longer than zero, got "0s"; write for example '60s'`],
  [{ timeouts: { request: '15' } }, `timeouts.request ${unit}, got "15"; ${duration}`],
  [{ concurrency: 0 }, `concurrency must be a whole number from 1 to 1024, got 0; ${literal}`],
  [{ cpus: -1 }, 'cpus must be a number of cores above zero, got -1; write for example 0.5'],
  [
    { memory: '256' },
    `memory must be a number above zero with a unit (KiB, MiB or GiB), got "256"; write for example '256MiB'`,
  ],
  [{ memory: '32.5MiB' }, `memory must be whole MiB, and 6MiB at least, got "32.5MiB"; write for example '256MiB'`],
  [{ memory: '31MiB' }, 'memory must be 32MiB at least, or Envoy is killed as it starts, got "31MiB"; leave it out'],
  [
    { memory: '64MiB', limits: { maxHeapSize: '64MiB' } },
    'limits.maxHeapSize must be less than memory (\'64MiB\'), or the container is killed before Envoy defends itself, got "64MiB"; leave it out',
  ],
  [{ rollout: 'blue-green' }, `rollout must be one of 'rolling', 'recreate', got "blue-green"; choose one of these`],
  [{ isolation: 'host' }, `isolation must be one of 'network', 'pod', got "host"; choose one of these`],
  [
    { isolation: 'pod' },
    `isolation needs one ApiService as upstream and rollout: 'rolling', got "pod"; use isolation: 'network'`,
  ],
  [{ memmory: '1GiB' }, `memmory is not an option, got "string"; remove it (did you mean 'memory'?)`],
])('refuses %j', (props, message) => {
  expect(made(props)).toThrow(new Error(`calc/envoy: ${message}`));
});

test.each(['one', 'ONE'])('refuses the name of its API, by which Envoy would find itself: %s', (name) => {
  expect(() => calculator({ name }, { name: 'one' })).toThrow(
    new Error(`calc/envoy: name is also that of 'calc/api', got "${name}"; give one of them another`),
  );
});

test('refuses its own name as the host of what stands behind it', () => {
  expect(made({ name: 'api' })).toThrow(
    new Error('calc/envoy: upstream.host is the name of the sidecar itself, got "api"; give the sidecar another name'),
  );
});

test('refuses an upstream on another network, and names the one that was given', () => {
  const network = DockerNetwork.fromName('other');
  expect(made({ network, upstream: { ...upstream, network: DockerNetwork.fromName('shared') } })).toThrow(
    new Error(
      'calc/envoy: network is another than the upstream\'s, so the upstream can\'t be found on it, got "other"; leave it out, or give both the same',
    ),
  );
});

test('refuses the network of another stack, too', () => {
  expect(() =>
    synth((stack) => {
      const [one, other] = [new DockerNetwork(stack, 'one'), new DockerNetwork(stack, 'other')];
      const api = new ApiService(stack, 'api', { image: 'api:1', port: 8080, network: one });
      new EnvoySidecar(stack, 'envoy', { upstream: api, network: other });
    }),
  ).toThrow(/^calc\/envoy: network is another than the upstream's/);
});

test('1024 is the first port that needs no root', () => {
  expect(made({ port: 1024 })).not.toThrow();
});

test('a number below 1024 is no trouble where Docker publishes it', () => {
  expect(made({ publish: { http: { port: 80 } } })).not.toThrow();
});

describe("isolation: 'pod'", () => {
  test('refuses several replicas, which would share one address', () => {
    expect(() => calculator({ isolation: 'pod' }, { replicas: 2 })).toThrow(
      new Error(
        "calc/envoy: replicas must be 1 with the sidecar's isolation: 'pod', where all share one address, got 2; leave it out, or use isolation: 'network'",
      ),
    );
  });

  const together = (...sidecars: readonly Partial<EnvoySidecarProps>[]) =>
    synth((stack) => {
      const network = new DockerNetwork(stack, 'network');
      const upstream = new ApiService(stack, 'api', { image: 'api:1', port: 8080, network });
      const publish = { http: false } as const;
      sidecars.forEach((props, index) => {
        new EnvoySidecar(stack, `envoy-${index + 1}`, { upstream, publish, ...props });
      });
    });

  test.each<[Partial<EnvoySidecarProps>, Partial<EnvoySidecarProps>]>([
    [{ isolation: 'pod' }, { isolation: 'pod' }],
    [{ isolation: 'pod' }, {}],
    [{}, { isolation: 'pod' }],
  ])('refuses a second sidecar before the API, which would not find it: %j and %j', (one, other) => {
    expect(() => together(one, other)).toThrow(
      new Error(
        "calc/envoy-2: upstream is also that of 'calc/envoy-1', and with isolation: 'pod' one alone finds it, got \"calc-api\"; use isolation: 'network', or give one of them the other as its upstream",
      ),
    );
  });

  test('without it several may stand before one API', () => {
    expect(() => together({}, {}, {})).not.toThrow();
  });

  test("refuses rollout: 'recreate', which has no pod", () => {
    expect(() => calculator({ isolation: 'pod', rollout: 'recreate' })).toThrow(
      /^calc\/envoy: isolation needs one ApiService/,
    );
  });

  test.each([
    [{ port: 8080 }, 'port'],
    [{ adminView: { port: 8080 } }, 'adminView.port'],
  ])('refuses the port of the API: %j', (props, option) => {
    expect(() => calculator({ isolation: 'pod', ...props })).toThrow(
      new Error(`calc/envoy: ${option} is that of the API in the same pod, got 8080; give it another`),
    );
    expect(() => calculator(props)).not.toThrow();
  });
});
