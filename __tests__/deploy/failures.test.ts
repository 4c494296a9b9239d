import net from 'node:net';
import { get, listRemains, Stack } from './harness';

jest.setTimeout(600_000);

const stack = new Stack('envoy-test-failing');
const URL = 'http://127.0.0.1:8830';
const envoy = { publish: { http: { port: 8830 }, admin: { port: 8831 } } } as const;
const health = () => get(`${URL}/health`).then(({ status }) => status);
let before: string[];

beforeAll(async () => {
  await stack.deployOrThrow({ envoy });
  before = [...(await stack.ids('sidecar')), ...(await stack.ids('api')), ...(await stack.ids('pod-holder'))];
});

/** Expects that the containers from before still run and serve. */
const expectUnharmed = async () => {
  const running = [...(await stack.ids('sidecar')), ...(await stack.ids('api')), ...(await stack.ids('pod-holder'))];
  expect(running).toEqual(expect.arrayContaining(before));
  expect(await health()).toBe(200);
};

test('keeps the old containers if an image cannot be pulled', async () => {
  const { code, output } = await stack.deploy({ envoy, api: { image: 'localhost/no-such-image:1' } });
  expect(code).not.toBe(0);
  expect(output).toContain('localhost/no-such-image:1');
  await expectUnharmed();
});

test('keeps the old containers if the new API never becomes healthy', async () => {
  const command = ['uvicorn', 'api:app', '--port', '9999'];
  const { code, output } = await stack.deploy({ envoy, api: { command, readyTimeout: '8s' } });
  expect(code).not.toBe(0);
  expect(output).toContain('docker_container.api');
  expect(output).toContain('healthy');
  await expectUnharmed();
});

test('removes the failed containers when the previous configuration is deployed again', async () => {
  await stack.deployOrThrow({ envoy });
  expect(await health()).toBe(200);
  expect((await stack.plan()).code).toBe(0);
  expect(
    [await stack.ids('sidecar'), await stack.ids('api'), await listRemains('envoy-test-failing-envoy-init')].map(
      (ids) => ids.length,
    ),
  ).toEqual([1, 1, 1]);
});

test('recovers from a port in use when a free port is deployed', async () => {
  const taken = net.createServer().listen(8835, '127.0.0.1');
  const { code, output } = await stack.deploy({ envoy: { publish: { ...envoy.publish, http: { port: 8835 } } } });
  taken.close();
  expect(code).not.toBe(0);
  expect(output).toContain('docker_container.envoy_pod');
  expect(output).toMatch(/8835.*(address already in use|port is already allocated)/);
  await stack.deployOrThrow({ envoy });
  expect(await health()).toBe(200);
  expect((await stack.plan()).code).toBe(0);
});

test('deploys a second copy of the stack with another name, independent of the first', async () => {
  const twin = new Stack('envoy-test-failing-twin');
  await twin.deployOrThrow({
    envoy: { publish: { http: { port: 8836 }, admin: { port: 8837 } } },
    api: { env: { VERSION: 'twin' } },
  });
  expect(await (await fetch('http://127.0.0.1:8836/version')).json()).toEqual({ version: 'twin' });
  expect(await (await fetch(`${URL}/version`)).json()).toEqual({ version: 'none' });
  expect((await twin.destroy()).code).toBe(0);
  expect(await listRemains('envoy-test-failing-twin')).toEqual([]);
  expect(await health()).toBe(200);
});

test('destroy removes everything', async () => {
  expect((await stack.destroy()).code).toBe(0);
  expect(await listRemains('envoy-test-failing')).toEqual([]);
});
