import { parse } from 'yaml';
import type { Bootstrap } from '../../envoy';
import { ApiService, DockerNetwork, EnvoySidecar, type EnvoySidecarProps } from '../../lib';
import { actionsOf, calculator, synth, upstreamOf } from '../helpers';

const stack = calculator({ isolation: 'pod' });
const api = stack.at('api/Default');

function configuration(props: Partial<EnvoySidecarProps> = {}): Bootstrap {
  const revision = calculator({ isolation: 'pod', ...props }).at('envoy/Default/revision/Default');
  const { files } = revision.triggers_replace as { files: Record<string, string> };
  return parse(files['/etc/envoy/envoy.yaml'] ?? '', { version: '1.1' });
}

describe("isolation: 'pod'", () => {
  test('moves the API into the network namespace of the pod holder, and off every network', () => {
    expect(api.network_mode).toBe(`container:\${${stack.address('envoy/pod-holder/Default')}.id}`);
    expect(api).not.toHaveProperty('networks_advanced');
    expect(api).not.toHaveProperty('ports');
  });

  test('lets the API be ended by its health check, whatever its image runs as process 1', () => {
    expect(api.init).toBe(true);
  });

  test('ends the old API before the new one starts: there is one address for one', () => {
    expect(api.lifecycle).toEqual({ create_before_destroy: false });
    expect(stack.at('api/revision/Default').lifecycle).toEqual({ create_before_destroy: false });
  });

  test('reaches the API on loopback, without asking a name server', () => {
    const cluster = upstreamOf(configuration());
    expect(cluster).toMatchObject({ type: 'STATIC' });
    expect(cluster).not.toHaveProperty('cluster_type');
    expect(JSON.stringify(cluster.load_assignment)).toContain('{"address":"127.0.0.1","port_value":8080}');
  });

  test('keeps the health check of the API', () => {
    expect(upstreamOf(configuration())).toMatchObject({ health_checks: [{ http_health_check: { path: '/health' } }] });
  });

  test('holds requests until the API is back: tries again for a connection, and for nothing that it may have seen', () => {
    const actions = actionsOf(configuration());
    expect(actions).toHaveLength(1);
    expect(actions[0]).toMatchObject({
      timeout: '15s',
      retry_policy: {
        retry_on: 'connect-failure,refused-stream',
        num_retries: 100,
        retry_back_off: { base_interval: '0.1s', max_interval: '0.5s' },
      },
    });
  });

  test('retries are as its user wants them', () => {
    const actions = actionsOf(configuration({ retries: { numRetries: 5 } }));
    expect(actions).toMatchObject([{ retry_policy: { num_retries: 5, retry_back_off: { base_interval: '0.1s' } } }]);
    expect(actionsOf(configuration({ retries: false, upgrades: false }))).toEqual([{ cluster: 'api', timeout: '15s' }]);
  });

  test('discovery cannot be another than STATIC', () => {
    expect(upstreamOf(configuration({ discovery: { type: 'STRICT_DNS' } }))).toMatchObject({ type: 'STATIC' });
    expect(upstreamOf(configuration({ discovery: false }))).toMatchObject({ type: 'STATIC' });
  });
});

test('by default the API is beside the sidecar, on a network', () => {
  const beside = calculator();
  expect(beside.at('api/Default')).not.toHaveProperty('network_mode');
  expect(beside.at('api/Default')).not.toHaveProperty('init');
  expect(beside.at('api/Default').networks_advanced).toEqual([
    { name: `\${${beside.address('network/Default')}.id}`, aliases: ['calc-api'] },
  ]);
});

describe('a further upstream that several sidecars of a stack share', () => {
  const shared = synth((scope) => {
    const files = { host: '10.0.0.5', port: 80, network: new DockerNetwork(scope, 'shared') };
    for (const [index, isolation] of (['pod', 'pod', 'network'] as const).entries()) {
      const network = new DockerNetwork(scope, `network-${index}`, { internal: true });
      new EnvoySidecar(scope, `envoy-${index}`, {
        upstream: new ApiService(scope, `api-${index}`, { image: 'api:1', port: 8080, network }),
        isolation,
        upstreams: { files },
        routes: [{ path: '/files', upstream: 'files' }],
        publish: { http: { port: 9000 + index } },
      });
    }
  });

  test.each([0, 1, 2])('is reached on its network by sidecar %d', (index) => {
    const networks = shared.at(`envoy-${index}/pod-holder/Default`).networks_advanced as { name: string }[];
    expect(networks.map(({ name }) => name)).toEqual(
      [`network-${index}/Default`, 'shared/Default'].map((path) => `\${${shared.address(path)}.id}`),
    );
  });
});
