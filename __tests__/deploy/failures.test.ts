import net from 'node:net';
import { get, left, Stack } from './harness';

jest.setTimeout(600_000);

const stack = new Stack('envoy-test-failing');
const URL = 'http://127.0.0.1:8830';
const envoy = { publish: { http: { port: 8830 }, admin: { port: 8831 } } } as const;
const health = () => get(`${URL}/health`).then(({ status }) => status);
let before: string[];

beforeAll(async () => {
  await stack.deployed({ envoy });
  before = [...(await stack.ids('sidecar')), ...(await stack.ids('api')), ...(await stack.ids('pod-holder'))];
});

/** The same containers as before serve. */
const unharmed = async () => {
  const running = [...(await stack.ids('sidecar')), ...(await stack.ids('api')), ...(await stack.ids('pod-holder'))];
  expect(running).toEqual(expect.arrayContaining(before));
  expect(await health()).toBe(200);
};

test('an image that can not be pulled', async () => {
  const { code, output } = await stack.deploy({ envoy, api: { image: 'localhost/no-such-image:1' } });
  expect(code).not.toBe(0);
  expect(output).toContain('localhost/no-such-image:1');
  await unharmed();
});

test('an API that is never healthy', async () => {
  const command = ['uvicorn', 'api:app', '--port', '9999'];
  const { code, output } = await stack.deploy({ envoy, api: { command, readyTimeout: '8s' } });
  expect(code).not.toBe(0);
  expect(output).toContain('docker_container.api');
  expect(output).toContain('healthy');
  await unharmed();
});

test('the previous configuration again clears up', async () => {
  await stack.deployed({ envoy });
  expect(await health()).toBe(200);
  expect((await stack.plan()).code).toBe(0);
  expect(
    [await stack.ids('sidecar'), await stack.ids('api'), await left('envoy-test-failing-envoy-init')].map(
      (ids) => ids.length,
    ),
  ).toEqual([1, 1, 1]);
});

test('a port that is taken, and a free one after it', async () => {
  const taken = net.createServer().listen(8835, '127.0.0.1');
  const { code, output } = await stack.deploy({ envoy: { publish: { ...envoy.publish, http: { port: 8835 } } } });
  taken.close();
  expect(code).not.toBe(0);
  expect(output).toContain('docker_container.envoy_pod');
  expect(output).toMatch(/8835.*(address already in use|port is already allocated)/);
  await stack.deployed({ envoy });
  expect(await health()).toBe(200);
  expect((await stack.plan()).code).toBe(0);
});

test('a second copy of the stack beside it, under another name', async () => {
  const twin = new Stack('envoy-test-failing-twin');
  await twin.deployed({
    envoy: { publish: { http: { port: 8836 }, admin: { port: 8837 } } },
    api: { env: { VERSION: 'twin' } },
  });
  expect(await (await fetch('http://127.0.0.1:8836/version')).json()).toEqual({ version: 'twin' });
  expect(await (await fetch(`${URL}/version`)).json()).toEqual({ version: 'none' });
  expect((await twin.destroy()).code).toBe(0);
  expect(await left('envoy-test-failing-twin')).toEqual([]);
  expect(await health()).toBe(200);
});

test('destroy leaves nothing', async () => {
  expect((await stack.destroy()).code).toBe(0);
  expect(await left('envoy-test-failing')).toEqual([]);
});
