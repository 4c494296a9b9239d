import net from 'node:net';
import { get, left, Stack } from './harness';

jest.setTimeout(600_000);

const URL = 'http://127.0.0.1:8820';
const envoy = { rollout: 'recreate', publish: { http: { port: 8820 }, admin: { port: 8821 } } } as const;
const api = { rollout: 'recreate' } as const;

// Docker as a remote one is reached: by TCP, with no file in common.
const remote = net.createServer((client) => {
  const engine = net.connect('/var/run/docker.sock');
  client.pipe(engine).pipe(client);
  client.on('error', () => engine.destroy());
  engine.on('error', () => client.destroy());
});
let stack: Stack;

beforeAll(async () => {
  await new Promise<void>((done) => remote.listen(0, '127.0.0.1', done));
  const { port } = remote.address() as net.AddressInfo;
  stack = new Stack('envoy-test-plain', { DOCKER_HOST: `tcp://127.0.0.1:${port}` });
  await stack.deployed({ envoy, api });
});

afterAll(() => {
  remote.close();
});

test('two containers run, and the API answers through Envoy', async () => {
  const containers = [await stack.ids('sidecar'), await stack.ids('api'), await stack.ids('pod-holder')];
  expect(containers.map((ids) => ids.length)).toEqual([1, 1, 0]);
  expect(await get(`${URL}/health`)).toEqual({ status: 200, server: 'envoy', body: '{"status":"ok"}' });
  expect((await get('http://127.0.0.1:8821/ready')).status).toBe(200);
});

test('a second plan changes nothing', async () => {
  const { code, output } = await stack.plan();
  expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
});

test('a change of either replaces that one alone', async () => {
  const [sidecar, service] = [await stack.ids('sidecar'), await stack.ids('api')];
  await stack.deployed({ envoy: { ...envoy, timeouts: { request: '20s' } }, api });
  expect(await stack.ids('sidecar')).not.toEqual(sidecar);
  expect(await stack.ids('api')).toEqual(service);
  const replaced = await stack.ids('sidecar');
  await stack.deployed({ envoy: { ...envoy, timeouts: { request: '20s' } }, api: { ...api, env: { VERSION: '2' } } });
  expect(await stack.ids('sidecar')).toEqual(replaced);
  expect(await stack.ids('api')).not.toEqual(service);
  expect(await (await fetch(`${URL}/version`)).json()).toEqual({ version: '2' });
  expect((await stack.plan()).code).toBe(0);
});

test('destroy leaves nothing', async () => {
  expect((await stack.destroy()).code).toBe(0);
  expect(await left('envoy-test-plain')).toEqual([]);
});
