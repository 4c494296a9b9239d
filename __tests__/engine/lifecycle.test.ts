import { NEWEST_PATCHES } from '../../envoy/messages/schema/envoy-patches';
import { get, kill, listRemains, ok, run, runAsNeighbour, Stack, secondsUntilAnswer } from '../deploy/harness';
import { Load } from '../deploy/load';

jest.setTimeout(600_000);

const stack = new Stack('envoy-test-lifecycle');
const URL = 'http://127.0.0.1:8800';

beforeAll(async () => {
  await stack.deployOrThrow();
});

describe('the host', () => {
  test('reaches the API through Envoy', async () => {
    expect(await get(`${URL}/health`)).toEqual({ status: 200, server: 'envoy', body: '{"status":"ok"}' });
    expect(await get(`${URL}/calculate?x=3`)).toEqual({ status: 200, server: 'envoy', body: '{"x":3.0,"result":9.0}' });
  });

  test('cannot reach the port of the API', async () => {
    await expect(get('http://127.0.0.1:8080/health')).rejects.toThrow('ECONNREFUSED');
  });

  test('reaches the read-only admin view', async () => {
    expect((await get('http://127.0.0.1:8081/ready')).status).toBe(200);
    for (const path of ['/quitquitquit', '/drain_listeners', '/config_dump']) {
      for (const method of ['GET', 'POST']) {
        expect((await get(`http://127.0.0.1:8081${path}`, method)).status).toBe(403);
      }
    }
    expect((await get(`${URL}/health`)).status).toBe(200);
  });

  test('and other containers cannot reach the admin interface', async () => {
    const address = (
      await ok('docker', 'inspect', await stack.container(), '--format', '{{index .Config.Cmd 0}}')
    ).trim();
    expect(address).toMatch(/^127(\.\d+){3}$/);
    await expect(get(`http://${address}:9901/ready`)).rejects.toThrow('ECONNREFUSED');
    const { code, output } = await runAsNeighbour(
      'envoy-test-lifecycle-network',
      `exec 3<> /dev/tcp/envoy-test-lifecycle-envoy/9901`,
    );
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('Connection refused') });
    const quit = `exec 3<> /dev/tcp/envoy-test-lifecycle-envoy/8081; printf 'POST /quitquitquit HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n' >&3; head -1 <&3`;
    expect((await runAsNeighbour('envoy-test-lifecycle-network', quit)).output).toContain('HTTP/1.1 403');
  });
});

test('the sidecar has the hardened container settings', async () => {
  const [inspected] = JSON.parse(await ok('docker', 'inspect', await stack.container()));
  expect(inspected.Config.User).toBe('101:101');
  expect(inspected.HostConfig.ReadonlyRootfs).toBe(true);
  expect(inspected.HostConfig.CapDrop).toEqual(['ALL']);
  expect(inspected.HostConfig.CapAdd).toBeNull();
  expect(inspected.HostConfig.Privileged).toBe(false);
  expect(inspected.HostConfig.SecurityOpt).toEqual(['no-new-privileges:true']);
  expect(inspected.HostConfig.Memory).toBe(512 * 1024 ** 2);
  expect(inspected.HostConfig.MemorySwap).toBe(512 * 1024 ** 2);
  expect(inspected.HostConfig.Ulimits).toEqual([{ Name: 'nproc', Soft: 4096, Hard: 4096 }]);
  expect(inspected.HostConfig.LogConfig).toEqual({ Type: 'json-file', Config: { 'max-file': '3', 'max-size': '10m' } });
  expect(inspected.HostConfig.RestartPolicy.Name).toBe('unless-stopped');
  expect(inspected.Config.StopTimeout).toBeGreaterThan(5);
  expect(inspected.Config.Healthcheck.Test.slice(0, 3)).toEqual(['CMD', 'bash', '/etc/envoy/ready.sh']);
  expect(inspected.State.Health.Status).toBe('healthy');
  expect(
    inspected.Mounts.map(({ Destination, RW }: { Destination: string; RW: boolean }) => [Destination, RW]),
  ).toEqual([['/etc/envoy', false]]);
});

test('the pod holder has the hardened container settings', async () => {
  const [inspected] = JSON.parse(await ok('docker', 'inspect', 'envoy-test-lifecycle-envoy'));
  expect(inspected.Config.User).toBe('101:101');
  expect(inspected.HostConfig.ReadonlyRootfs).toBe(true);
  expect(inspected.HostConfig.CapDrop).toEqual(['ALL']);
  expect(inspected.HostConfig.SecurityOpt).toEqual(['no-new-privileges:true']);
});

test('a plan shows the changed lines of the configuration', async () => {
  const { output } = await stack.planOf({ envoy: { timeouts: { request: '21s' } } });
  expect(output).toMatch(/- +timeout: 15s\n.*\+ +timeout: 21s/);
  expect(output).not.toContain('no_traffic_interval: 2s');
});

describe('under load, Envoy recovers after', () => {
  const PER_SECOND = 50;
  let load: Load;
  /** The number of requests that may fail: those sent during the outage and for two more seconds. */
  const mayFail = new Map<string, number>();

  beforeAll(() => {
    load = new Load(`${URL}/calculate`, false, PER_SECOND);
  });

  afterAll(() => load.end());

  /** Waits until the API responds after a failure, for at most `bound` seconds. */
  const expectAnswerWithin = async (bound: number, died: number) => {
    const seconds = await secondsUntilAnswer(`${URL}/health`, died);
    mayFail.set(load.during, (mayFail.get(load.during) ?? 0) + Math.ceil((seconds + 2) * PER_SECOND));
    console.info(`${load.during}: ${seconds} s until the first answer`);
    expect(seconds).toBeLessThan(bound);
  };

  /** Deploys, which restores the revision if only the standby serves, and expects a complete stack. */
  const restoreStack = async () => {
    await stack.deployOrThrow();
    expect(await stack.ids('sidecar')).toHaveLength(1);
    expect((await stack.plan()).code).toBe(0);
    expect((await get(`${URL}/health`)).status).toBe(200);
  };

  test('the process of the pod holder is killed', async () => {
    load.during = 'pod holder killed';
    await expectAnswerWithin(10, await kill('envoy-test-lifecycle-envoy'));
    await restoreStack();
  });

  test('the process of the sidecar is killed', async () => {
    load.during = 'sidecar killed';
    await expectAnswerWithin(5, await kill(await stack.container()));
    await restoreStack();
  });

  test('three restarts of the Docker Engine', async () => {
    load.during = 'engine restarted';
    for (let i = 0; i < 3; i += 1) {
      const began = Date.now();
      const { code, output } = await run('bash', ['scripts/restart-docker.sh']);
      expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
      const down = (Date.now() - began) / 1_000;
      await expectAnswerWithin(down + 15, began);
      expect((await stack.ids('pod-holder')).length).toBe(1);
    }
    await restoreStack();
  });

  test('each outage, and only requests sent during an outage have failed', async () => {
    load.during = 'afterwards';
    const failures = await load.end();
    for (const [during, sent] of load.sentDuring) {
      const failed = failures.filter((failure) => failure.during === during);
      console.info(`${during}: ${failed.length} of ${sent} requests failed, ${mayFail.get(during) ?? 0} may`);
      expect({ during, failed: failed.slice(mayFail.get(during) ?? 0) }).toEqual({ during, failed: [] });
    }
  });
});

test('one deploy of other ports replaces the pod holder', async () => {
  await stack.deployOrThrow({ envoy: { publish: { http: { port: 8801 }, admin: { port: 8081 } } } });
  expect((await get('http://127.0.0.1:8801/health')).status).toBe(200);
  await expect(get(`${URL}/health`)).rejects.toThrow('ECONNREFUSED');
  expect((await stack.plan()).code).toBe(0);
});

test('a new image of Envoy keeps the pod holder', async () => {
  const before = await stack.ids('pod-holder');
  const image = process.env.ENVOY_IMAGE_NEXT ?? `envoyproxy/envoy:v${NEWEST_PATCHES['1.40']}`;
  await stack.deployOrThrow({ envoy: { image, publish: { http: { port: 8801 } } } });
  const info = await get('http://127.0.0.1:8081/server_info');
  expect(JSON.parse(info.body).version).toContain('/1.40.');
  expect(await stack.ids('pod-holder')).toEqual(before);
  expect((await stack.plan()).code).toBe(0);
});

test('destroy removes everything', async () => {
  const { code } = await stack.destroy();
  expect(code).toBe(0);
  expect(await listRemains('envoy-test-lifecycle')).toEqual([]);
});
