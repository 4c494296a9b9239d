import { TerraformStack, Testing, Token } from 'cdktf';
import { Construct } from 'constructs';
import { EnvoySidecar, type EnvoySidecarProps } from '../../../lib';
import { claimPorts, type PublishOptions, resolvePublishedPorts, toPorts } from '../../../lib/docker/published-ports';

const ports = [
  { name: 'http', port: 8800 },
  { name: 'admin', port: 8081 },
];
const http = { name: 'http', internal: 8800, address: '127.0.0.1', external: 8800 };
const admin = { name: 'admin', internal: 8081, address: '127.0.0.1', external: 8081 };

test("by default each port is published on the host's loopback address with the number it has inside", () => {
  expect(resolvePublishedPorts(ports, {})).toEqual([http, admin]);
});

test('address and port are each for themselves', () => {
  expect(resolvePublishedPorts(ports, { http: { address: '0.0.0.0' }, admin: { port: 9000 } })).toEqual([
    { ...http, address: '0.0.0.0' },
    { ...admin, external: 9000 },
  ]);
});

test('false publishes nothing', () => {
  expect(resolvePublishedPorts(ports, { http: false, admin: false })).toEqual([]);
});

test.each(['0.0.0.0', '192.168.1.7', '::', '::1', 'fe80::1', '::ffff:10.0.0.1'])('%s is an address', (address) => {
  expect(resolvePublishedPorts(ports, { http: { address } })[0]).toEqual({ ...http, address });
});

test('an address may be what only Terraform knows', () => {
  const address = Token.asString({ resolve: () => '${var.address}' });
  expect(resolvePublishedPorts(ports, { http: { address } })[0]).toEqual({ ...http, address });
});

test('a port that Docker chooses can be had twice', () => {
  const chosen = resolvePublishedPorts(ports, { http: { port: 0 }, admin: { port: 0 } });
  expect(toPorts(chosen)).toEqual([
    { internal: 8800, ip: '127.0.0.1' },
    { internal: 8081, ip: '127.0.0.1' },
  ]);
});

test('a port can be had once on each address', () => {
  const published = resolvePublishedPorts(ports, {
    http: { address: '10.0.0.1', port: 80 },
    admin: { address: '127.0.0.1', port: 80 },
  });
  expect(published.map(({ external }) => external)).toEqual([80, 80]);
});

test('a port can be had once for each kind of address', () => {
  const published = resolvePublishedPorts(ports, {
    http: { address: '0.0.0.0', port: 80 },
    admin: { address: '::', port: 80 },
  });
  expect(published.map(({ external }) => external)).toEqual([80, 80]);
});

test('portsOf says it as the provider takes it', () => {
  expect(toPorts(resolvePublishedPorts(ports, { http: { port: 80 } }))).toEqual([
    { internal: 8800, ip: '127.0.0.1', external: 80 },
    { internal: 8081, ip: '127.0.0.1', external: 8081 },
  ]);
});

const range = 'must be a whole number from 0 to 65535';
const literal = 'write it as a literal number in that range';
test.each<[object | false, string]>([
  [false, 'publish must say it of each port, got false; write for example { http: { port: 80 } }'],
  [{ https: {} }, 'publish.https is not a port of this sidecar, got {}; its ports are http, admin'],
  [{ http: { port: -1 } }, `publish.http.port ${range}, got -1; ${literal}`],
  [{ http: { port: 65_536 } }, `publish.http.port ${range}, got 65536; ${literal}`],
  [{ http: { port: 80.5 } }, `publish.http.port ${range}, got 80.5; ${literal}`],
  [
    { admin: { address: 'localhost' } },
    `publish.admin.address must be an IP address of the host, got "localhost"; write for example '0.0.0.0'`,
  ],
  [
    { admin: { address: '' } },
    `publish.admin.address must be an IP address of the host, got ""; write for example '0.0.0.0'`,
  ],
  [
    { http: { address: '10.0.0.256' } },
    `publish.http.address must be an IP address of the host, got "10.0.0.256"; write for example '0.0.0.0'`,
  ],
  [{ http: { host: '0.0.0.0' } }, 'publish.http.host is not an option, got "0.0.0.0"; remove it'],
  [
    { http: { port: 8081 } },
    'publish.admin.port is also that of publish.http, got 8081; give one of them another port',
  ],
  [
    { http: { port: 80, address: '0.0.0.0' }, admin: { port: 80 } },
    'publish.admin.port is also that of publish.http, got 80; give one of them another port',
  ],
])('refuses %j', (publish, message) => {
  expect(() => resolvePublishedPorts(ports, publish as never)).toThrow(new Error(message));
});

describe('two sidecars of one stack', () => {
  const token = () => Token.asString({ resolve: () => '${var.address}' });
  const take =
    (...both: readonly [PublishOptions, PublishOptions]) =>
    () => {
      const stack = new TerraformStack(Testing.app(), 'shop');
      both.forEach((http, index) => {
        claimPorts(
          new Construct(stack, `sidecar-${index + 1}`),
          resolvePublishedPorts(ports, { http, admin: { port: 0 } }),
        );
      });
    };

  test.each<[PublishOptions, PublishOptions]>([
    [{}, {}],
    [{ port: 80 }, { port: 80, address: '0.0.0.0' }],
    [
      { port: 80, address: '::' },
      { port: 80, address: '::1' },
    ],
  ])('refuses a port of the host that both have: %j and %j', (one, other) => {
    expect(take(one, other)).toThrow(
      new Error(
        `publish.http.port is also that of publish.http of 'shop/sidecar-1', got ${one.port ?? 8800}; give one of them another port, or publish it at another address`,
      ),
    );
  });

  test.each<[PublishOptions, PublishOptions]>([
    [{ port: 80 }, { port: 81 }],
    [{ port: 80 }, { port: 80, address: '10.0.0.1' }],
    [
      { port: 80, address: '0.0.0.0' },
      { port: 80, address: '::1' },
    ],
    [{ port: 0 }, { port: 0 }],
    [
      { port: 80, address: '0.0.0.0' },
      { port: 80, address: token() },
    ],
  ])('may have %j and %j, or nobody knows whether they can', (one, other) => {
    expect(take(one, other)).not.toThrow();
  });

  test.each<[Partial<EnvoySidecarProps>, string]>([
    [{}, 'publish.http.port'],
    [{ port: 9000, adminView: { port: 8800 } }, 'publish.admin.port'],
    [{ adminView: {}, publish: { http: false } }, 'publish.admin.port'],
    [{ port: 9000, publish: { http: { port: 8081 } } }, 'publish.http.port'],
  ])('by default have the same ports: %j', (props, option) => {
    const stack = new TerraformStack(Testing.app(), 'shop');
    const upstream = { host: 'api', port: 8080 };
    new EnvoySidecar(stack, 'one', { upstream, adminView: {} });
    expect(() => new EnvoySidecar(stack, 'other', { upstream, ...props })).toThrow(
      new RegExp(`^shop/other: ${option} is also that of publish.(http|admin) of 'shop/one', got \\d+; give`),
    );
    new EnvoySidecar(stack, 'unpublished', { upstream, publish: { http: false } });
  });
});
