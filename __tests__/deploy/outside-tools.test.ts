import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestAuthority } from '../certificates';
import { until } from '../live/cleanup';
import { get, left, ok, run, Stack, secondsUntilAnswer } from './harness';
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
    { path: '/buffered', rewrite: '/upload', bodyLimit: '64KiB' as const },
    { path: '/unbuffered', rewrite: '/upload', requestBuffering: false as const },
    { path: '/counted', rewrite: '/upload', rateLimit: { perClient: '60/min' as const } },
  ],
};
const { cert, key } = TestAuthority.create().issue('IP:127.0.0.1');

beforeAll(async () => {
  await stack.deployed({ envoy });
  // On a slow machine it serves meanwhile, and half of the connections would be counted there.
  const isStandbyServing = async () =>
    / envoy --config-path /.test(await ok('docker', 'top', 'envoy-test-probed-envoy'));
  await until('the standby ends', async () => !(await isStandbyServing()), 60);
});

describe('slowhttptest does not take the service from others', () => {
  const CONNECTIONS = 800;

  test.each<[string, string, string[], number]>([
    ['headers that do not end', '/health', ['-H', '-i', '5'], CONNECTIONS],
    ['a body that does not end', '/upload', ['-B', '-i', '5'], CONNECTIONS],
    ['an answer that is read slowly', '/large', ['-X', '-n', '5', '-z', '32', '-w', '512', '-y', '1024'], CONNECTIONS],
    // Each is answered at once.
    ['overlapping ranges of an answer', '/large', ['-R', '-t', 'GET'], 1],
  ])('%s', async (_, path, how, atOnce) => {
    const load = new Load(`${URL}/calculate`, false, 20);
    const before = await statistic('http.ingress_http.downstream_cx_total');
    const most = peak('http.ingress_http.downstream_cx_active');
    const attack = ['-c', String(CONNECTIONS), '-r', '400', '-l', '20', '-u', URL + path, ...how];
    const { output } = await run('slowhttptest', attack);
    expect(await load.end()).toEqual([]);
    expect(await most()).toBeGreaterThanOrEqual(atOnce);
    expect(load.answered).toBe(load.sent);
    // An attack that is answered is over as soon as it is: ranges, within three seconds on a quiet machine.
    expect(load.sent).toBeGreaterThan(20);
    console.info(`${how[0]}: ${load.sent} others answered\n${output.slice(-600)}`);
    const connections = (await statistic('http.ingress_http.downstream_cx_total')) - before;
    expect(connections).toBeGreaterThanOrEqual(CONNECTIONS + load.sent);
  });
});

describe('2,500 bodies that do not end, from one address', () => {
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
    ['small ones do not take the service from others', '/upload', true, HELD, 1_500, 4_096],
    ['large ones do not take it', '/upload', true, STREAMED, 500, 1_000_000],
    ['do not where a body limit holds them', '/buffered', true, HELD, 2_000, 60_000],
    ['do not where each client has a limit', '/counted', true, COUNTED, 1_000, 4_096],
    ['take it where requestBuffering is off', '/unbuffered', false, STREAMED, 1_024, 4_096],
  ])('%s', async (_, path, served, statistic, reached, size) => {
    const loads = [
      new Load(`${URL}/calculate`, false, 20),
      new Load(`${URL}/slow?seconds=0`, false, 20, { method: 'POST' }),
    ];
    const most = peak(statistic);
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

  /** Envoy of the same image before the same API, with nothing but what has to be. */
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
   * How many cases there were, and those that were not passed. Its report is not well-formed: it quotes binary data. The
   * answer takes a moment, since some cases send more before it, which otherwise were a matter of luck. It waits two seconds for
   * what does not come; with one, it were a matter of luck as well, as Envoy ends connections after a second.
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

  const compared = async (bare: number, ...how: string[]) => {
    const [ours, its] = await Promise.all([conformance(PORT, ...how), conformance(bare, ...how)]);
    const passed = ours.cases - ours.not.length;
    console.info(`h2spec ${how.join(' ')}: ${passed} of ${ours.cases} passed, not:\n${ours.not.join('\n')}`);
    expect(ours).toEqual(its);
    return { cases: ours.cases, passed };
  };

  test('passes with us what it passes with a bare Envoy', async () => {
    expect(await compared(BARE_PORT)).toEqual({ cases: 145, passed: 133 });
  });

  test('the same over TLS', async () => {
    await stack.deployed({ envoy: { ...envoy, tls: { certificates: [{ certificateChain: cert, privateKey: key }] } } });
    // One more: by ALPN it is HTTP/2 from the start, so that a wrong preface is not taken for HTTP/1.
    expect(await compared(BARE_TLS_PORT, '-t', '-k')).toEqual({ cases: 145, passed: 134 });
  });
});

test('destroy leaves nothing', async () => {
  expect((await stack.destroy()).code).toBe(0);
  expect(await left('envoy-test-probed')).toEqual([]);
});

async function statistic(name: string): Promise<number> {
  const { body } = await get(`http://127.0.0.1:${ADMIN}/stats?filter=^${name}$`);
  return Number(body.split(': ')[1]);
}

/** Looks at a statistic several times a second until it is asked for what was most. */
function peak(name: string): () => Promise<number> {
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
