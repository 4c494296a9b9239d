import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestAuthority } from '../certificates';
import { until } from '../live/cleanup';
import { get, listRemains, ok, run, Stack, secondsUntilAnswer } from './harness';
import { Load } from './load';

jest.setTimeout(600_000);

const stack = new Stack('envoy-test-probed');
const COUNTED = 'rate_limit_/counted.http_local_rate_limit.rate_limited';
const PORT = 8860;
const ADMIN = 8861;
const URL = `http://127.0.0.1:${PORT}`;
const envoy = {
  publish: { http: { port: PORT }, admin: { port: ADMIN } },
  routes: [
    { path: '/buffered', pathRewrite: '/upload', bodyLimit: '64KiB' as const },
    { path: '/unbuffered', pathRewrite: '/upload', requestBuffering: false as const },
    { path: '/counted', pathRewrite: '/upload', rateLimit: { perClient: '60/min' as const } },
  ],
};
const { cert, key } = TestAuthority.create().issue('IP:127.0.0.1');

beforeAll(async () => {
  await stack.deployOrThrow({ envoy });
  // On a slow machine the standby still serves and would count half of the connections.
  const isStandbyServing = async () =>
    / envoy --config-path /.test(await ok('docker', 'top', 'envoy-test-probed-envoy'));
  await until('the standby ends', async () => !(await isStandbyServing()), 60);
});

describe('other clients are served during an attack of slowhttptest', () => {
  const CONNECTIONS = 800;

  test.each<[string, string, string[], number]>([
    ['with slow headers', '/health', ['-H', '-i', '5'], CONNECTIONS],
    ['with slow bodies', '/upload', ['-B', '-i', '5'], CONNECTIONS],
    ['with slow reading of responses', '/large', ['-X', '-n', '5', '-z', '32', '-w', '512', '-y', '1024'], CONNECTIONS],
    // The API answers each immediately.
    ['with overlapping ranges', '/large', ['-R', '-t', 'GET'], 1],
  ])('%s', async (_, path, how, atOnce) => {
    const load = new Load(`${URL}/calculate`, false, 20);
    const before = await statistic('http.ingress_http.downstream_cx_total');
    const most = recordMaximum('http.ingress_http.downstream_cx_active');
    const attack = ['-c', String(CONNECTIONS), '-r', '400', '-l', '20', '-u', URL + path, ...how];
    const { output } = await run('slowhttptest', attack);
    expect(await load.end()).toEqual([]);
    expect(await most()).toBeGreaterThanOrEqual(atOnce);
    expect(load.answered).toBe(load.sent);
    // The attack with ranges ends with its last response, within three seconds on an idle machine.
    expect(load.sent).toBeGreaterThan(20);
    console.info(`${how[0]}: ${load.sent} others answered\n${output.slice(-600)}`);
    const connections = (await statistic('http.ingress_http.downstream_cx_total')) - before;
    expect(connections).toBeGreaterThanOrEqual(CONNECTIONS + load.sent);
  });
});

describe('an attack with 2,500 slow bodies from one address', () => {
  const ATTACKER = 'envoy-test-probed-attacker';
  let address: string;
  let inside: string[];

  beforeAll(async () => {
    const network = 'envoy-test-probed-envoy-outside';
    const image = await ok('docker', 'inspect', await stack.container(), '--format', '{{.Image}}');
    await ok('docker', 'run', '--detach', '--name', ATTACKER, '--network', network, image, 'sleep', 'infinity');
    const ip = `{{(index .NetworkSettings.Networks "${network}").IPAddress}}`;
    address = await ok('docker', 'inspect', 'envoy-test-probed-envoy', '--format', ip);
    inside = ['--net', '--target', await ok('docker', 'inspect', ATTACKER, '--format', '{{.State.Pid}}')];
  });

  afterAll(() => ok('docker', 'rm', '--force', ATTACKER));

  const HELD = 'http.ingress_http.downstream_cx_active';
  const STREAMED = 'cluster.api.upstream_rq_active';
  test.each<[string, string, boolean, string, number, number]>([
    ['with small bodies does not affect other clients', '/upload', true, HELD, 1_500, 4_096],
    ['with large bodies does not affect other clients', '/upload', true, STREAMED, 500, 1_000_000],
    ['does not affect other clients with a body limit', '/buffered', true, HELD, 2_000, 60_000],
    ['does not affect other clients with a rate limit per client', '/counted', true, COUNTED, 1_000, 4_096],
    ['affects other clients without request buffering', '/unbuffered', false, STREAMED, 1_024, 4_096],
  ])('%s', async (_, path, served, statistic, reached, size) => {
    const loads = [
      new Load(`${URL}/calculate`, false, 20),
      new Load(`${URL}/slow?seconds=0`, false, 20, { method: 'POST' }),
    ];
    const most = recordMaximum(statistic);
    const target = ['-u', `http://${address}:8800${path}`, '-s', String(size)];
    const attack = ['-B', '-c', '2500', '-r', '400', '-i', '5', '-l', '15', ...target];
    const { output } = await run('nsenter', [...inside, 'slowhttptest', ...attack]);
    const failures = (await Promise.all(loads.map((load) => load.end()))).flat();
    const sent = loads.map((load) => load.sent);
    console.info(`${path}: ${failures.length} of ${sent.join(' + ')} others failed, ${statistic} ${await most()}`);
    expect(output).toContain('Exit status');
    expect(await most()).toBeGreaterThanOrEqual(reached);
    expect(Math.min(...sent)).toBeGreaterThan(100);
    if (served) {
      expect(failures).toEqual([]);
    } else {
      expect(failures.map(({ what }) => what)).toContainEqual(expect.stringMatching(/^503 /));
    }
  });
});

describe('h2spec', () => {
  const BARE_PORT = 8862;
  const BARE_TLS_PORT = 8867;
  const folder = mkdtempSync(join(tmpdir(), 'h2spec-'));

  /** Starts an Envoy of the same image with a minimal configuration in front of the same API. */
  beforeAll(async () => {
    const typed = (type: string, config: object) => ({
      name: type,
      typed_config: { '@type': `type.googleapis.com/envoy.extensions.${type}`, ...config },
    });
    const manager = typed('filters.network.http_connection_manager.v3.HttpConnectionManager', {
      stat_prefix: 'bare',
      route_config: {
        virtual_hosts: [
          { name: 'api', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: 'api' } }] },
        ],
      },
      http_filters: [typed('filters.http.router.v3.Router', {})],
    });
    const address = (host: string, port: number) => ({ socket_address: { address: host, port_value: port } });
    const endpoints = [{ lb_endpoints: [{ endpoint: { address: address('envoy-test-probed-api', 8080) } }] }];
    const certificate = { certificate_chain: { inline_string: cert }, private_key: { inline_string: key } };
    const tls = typed('transport_sockets.tls.v3.DownstreamTlsContext', {
      common_tls_context: { alpn_protocols: ['h2'], tls_certificates: [certificate] },
    });
    const listener = (name: string, port: number, chain: object) => ({
      name,
      address: address('0.0.0.0', port),
      filter_chains: [{ filters: [manager], ...chain }],
    });
    const bootstrap = {
      static_resources: {
        listeners: [listener('http', 8800, {}), listener('https', 8843, { transport_socket: tls })],
        clusters: [{ name: 'api', type: 'STRICT_DNS', load_assignment: { cluster_name: 'api', endpoints } }],
      },
    };
    const image = await ok('docker', 'inspect', await stack.container(), '--format', '{{.Image}}');
    const ports = [`127.0.0.1:${BARE_PORT}:8800`, `127.0.0.1:${BARE_TLS_PORT}:8843`];
    const publish = ['--network', 'envoy-test-probed-envoy-outside', ...ports.flatMap((port) => ['--publish', port])];
    const command = ['envoy', '--config-yaml', JSON.stringify(bootstrap)];
    await ok('docker', 'create', '--name', 'envoy-test-probed-bare', ...publish, image, ...command);
    await ok('docker', 'network', 'connect', 'envoy-test-probed-network', 'envoy-test-probed-bare');
    await ok('docker', 'start', 'envoy-test-probed-bare');
    await secondsUntilAnswer(`http://127.0.0.1:${BARE_PORT}/health`, Date.now());
  });

  afterAll(async () => {
    await ok('docker', 'rm', '--force', 'envoy-test-probed-bare');
    rmSync(folder, { recursive: true });
  });

  /**
   * Returns the number of cases and the failed ones. The report is not well-formed XML, since it quotes binary data. The API
   * answers after 0.2 s, because some cases send more data before the response. h2spec waits two seconds for a missing
   * frame, because Envoy closes connections after one second.
   */
  const conformance = async (port: number, ...how: string[]) => {
    const report = join(folder, `${port}.xml`);
    await run(process.env.H2SPEC ?? 'h2spec', ['-p', String(port), '-P', '/slow?seconds=0.2', '-j', report, ...how]);
    const cases = [
      ...readFileSync(report, 'latin1').matchAll(/<testcase package="(.*?)" classname="(.*?)".*?>(.*?)<\/testcase>/gs),
    ];
    const not = cases
      .filter(([, , , complaint]) => complaint?.trim() !== '')
      .map(([, part, name]) => `${part} ${name}`);
    return { cases: cases.length, not };
  };

  const compareWithBareEnvoy = async (bare: number, ...how: string[]) => {
    const [ours, its] = await Promise.all([conformance(PORT, ...how), conformance(bare, ...how)]);
    const passed = ours.cases - ours.not.length;
    console.info(`h2spec ${how.join(' ')}: ${passed} of ${ours.cases} passed, not:\n${ours.not.join('\n')}`);
    expect(ours).toEqual(its);
    return { cases: ours.cases, passed };
  };

  test('passes the same cases with the sidecar as with a bare Envoy', async () => {
    expect(await compareWithBareEnvoy(BARE_PORT)).toEqual({ cases: 145, passed: 133 });
  });

  test('passes the same cases over TLS', async () => {
    await stack.deployOrThrow({
      envoy: { ...envoy, tls: { certificates: [{ certificateChain: cert, privateKey: key }] } },
    });
    // One case more, since ALPN selects HTTP/2, so that Envoy does not read an invalid preface as HTTP/1.
    expect(await compareWithBareEnvoy(BARE_TLS_PORT, '-t', '-k')).toEqual({ cases: 145, passed: 134 });
  });
});

test('destroy removes everything', async () => {
  expect((await stack.destroy()).code).toBe(0);
  expect(await listRemains('envoy-test-probed')).toEqual([]);
});

async function statistic(name: string): Promise<number> {
  const { body } = await get(`http://127.0.0.1:${ADMIN}/stats?filter=^${name}$`);
  return Number(body.split(': ')[1]);
}

/** Reads a statistic five times a second. The returned function stops that and returns the maximum. */
function recordMaximum(name: string): () => Promise<number> {
  let most = 0;
  let asked = false;
  const looks = (async () => {
    while (!asked) {
      most = Math.max(most, await statistic(name));
      await new Promise((done) => setTimeout(done, 200));
    }
  })();
  return async () => {
    asked = true;
    await looks;
    return most;
  };
}
