import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { DockerNetwork, EnvoySidecar, type EnvoySidecarProps } from '../../../../lib';
import { synth } from '../../../helpers';

const folder = mkdtempSync(join(tmpdir(), 'config-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (text: string, name = 'envoy.yaml') => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const upstream = { host: 'api', port: 8080, healthPath: '/health' };

/** A sidecar, and what Envoy gets of it. */
function made(props: Partial<EnvoySidecarProps>) {
  let sidecar: EnvoySidecar | undefined;
  const synthesized = synth((stack) => {
    sidecar = new EnvoySidecar(stack, 'envoy', { upstream, ...props });
  });
  return { synthesized, config: parse(sidecar?.envoyYaml ?? ''), sidecar };
}

/** The configuration that the post sets out, with the listener that it stops before. */
const THE_POST = `
admin:
  address:
    socket_address: { address: 0.0.0.0, port_value: 8081 }
static_resources:
  listeners:
    - name: main
      address:
        socket_address: { address: 0.0.0.0, port_value: 8800 }
      filter_chains:
        - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: ingress
                route_config:
                  virtual_hosts:
                    - name: api
                      domains: ["*"]
                      routes:
                        - match: { prefix: / }
                          route: { cluster: api_backend }
                http_filters:
                  - name: envoy.filters.http.router
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
  clusters:
    - name: api_backend
      type: LOGICAL_DNS
      dns_lookup_family: V4_ONLY
      health_checks:
        - timeout: 0.1s
          interval: 3s
          unhealthy_threshold: 3
          healthy_threshold: 1
          http_health_check:
            path: /health
      load_assignment:
        cluster_name: api_backend
        endpoints:
          - lb_endpoints:
              - endpoint:
                  address:
                    socket_address: { address: api, port_value: 8080 }
      connect_timeout: 0.25s
`;

test('the file is what Envoy gets, but for the admin interface', () => {
  const { config, sidecar } = made({ configFile: file(THE_POST) });
  expect({ ...config, admin: undefined }).toEqual({ ...parse(THE_POST), admin: undefined });
  expect(config.admin.address.socket_address).toEqual({ address: '127.0.99.1', port_value: 9901 });
  expect(sidecar?.url).toBe('http://127.0.0.1:8800');
});

test("another sidecar finds it at the port of the file's listener; where that has none, nobody does", () => {
  const portOf = (text: string) => made({ configFile: file(text) }).sidecar?.port as number;
  expect(portOf(THE_POST.replace('port_value: 8800', 'port_value: 9800'))).toBe(9_800);
  const pipe = THE_POST.replace('socket_address: { address: 0.0.0.0, port_value: 8800 }', 'pipe: { path: /tmp/envoy }');
  expect(() => made({ upstream: { host: 'envoy', port: portOf(pipe) } })).toThrow(
    /^calc\/envoy: upstream\.port .*, got 0; /,
  );
});

test('options are moved out of it one by one', () => {
  const rest = THE_POST.replace('      connect_timeout: 0.25s\n', '').replace(
    / {6}health_checks:[\s\S]*?\/health\n/,
    '',
  );
  const { config } = made({
    configFile: file(rest),
    timeouts: { connect: '250ms' },
    healthCheck: { timeout: '0.1s', interval: '3s' },
  });
  const [cluster] = config.static_resources.clusters;
  expect(cluster).toMatchObject({
    name: 'api_backend',
    type: 'LOGICAL_DNS',
    connect_timeout: '0.25s',
    health_checks: [{ interval: '3s', http_health_check: { path: '/health' } }],
  });
});

test('the memory of the container is bounded all the same, and the heap where limits are asked for', () => {
  expect(made({ configFile: file(THE_POST) }).config).not.toHaveProperty('overload_manager');
  expect(JSON.stringify(made({ configFile: file(THE_POST), limits: {} }).config.overload_manager)).toContain(
    '"max_heap_size_bytes":322121728',
  );
});

test('text of it that looks like a template of Terraform is text', () => {
  const { synthesized } = made({
    configFile: file(THE_POST.replace('stat_prefix: ingress', 'stat_prefix: "${a}%{b}"')),
  });
  expect(synthesized.json).toContain('$${a}%%{b}');
});

test.each([
  ['', 'FILE:1:1 '],
  ['- a', 'FILE:1:1 '],
  ['node: {id: a}\nnode: {id: b}', 'FILE:2:1 '],
  ['{', 'FILE:1:2 '],
])('a file of %j is refused with its line', (text, place) => {
  const path = file(text, 'bad.yaml');
  expect(() => made({ configFile: path })).toThrow(
    `Envoy 1.39 would refuse the configFile:\n  ${place.replace('FILE', path)}`,
  );
});

test('a file that is not there is named', () => {
  expect(() => made({ configFile: 'nowhere.yaml' })).toThrow(
    `configFile can't be read (ENOENT), got "nowhere.yaml"; name a file, from the folder `,
  );
});

test('what Envoy would refuse in it is told with its line', () => {
  const path = file(THE_POST.replace('stat_prefix: ingress', 'stat_prefx: ingress'));
  const line = THE_POST.split('\n').findIndex((text) => text.includes('stat_prefix')) + 1;
  expect(() => made({ configFile: path })).toThrow(
    `${path}:${line}:17 static_resources.listeners[0].filter_chains[0].filters[0].typed_config.stat_prefx ` +
      "is not a field of HttpConnectionManager (did you mean 'stat_prefix'?)",
  );
});

test('a field that the Envoy in the image does not have is refused there', () => {
  const path = file(
    THE_POST.replace(
      'stat_prefix: ingress',
      'stat_prefix: ingress\n                drain_timeout_jitter: { value: 1.5 }',
    ),
  );
  expect(() => made({ configFile: path })).not.toThrow();
  expect(() => made({ configFile: path, image: 'envoyproxy/envoy:v1.38.2' })).toThrow('needs Envoy 1.39 or later');
});

test('a fraction in it is no reason for a warning, though Envoy reads it as text', () => {
  const path = file(
    THE_POST.replace(
      'stat_prefix: ingress',
      'stat_prefix: ingress\n                drain_timeout_jitter: { value: 1.5 }',
    ),
  );
  const { sidecar } = made({ configFile: path, network: DockerNetwork.fromName('shared') });
  expect(sidecar?.node.metadata.filter(({ type }) => type === '@cdktf/warn')).toEqual([]);
});
