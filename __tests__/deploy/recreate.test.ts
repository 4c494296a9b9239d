import net from 'node:net';
import { get, listRemains, Stack } from './harness';

jest.setTimeout(600_000);

const URL = 'http://127.0.0.1:8820';
const envoy = { rollout: 'recreate', publish: { http: { port: 8820 }, admin: { port: 8821 } } } as const;
const api = { rollout: 'recreate' } as const;

// A remote Docker Engine: reached over TCP, without a shared file system.
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
  await stack.deployOrThrow({ envoy, api });
});

afterAll(() => {
  remote.close();
});

test('runs two containers, and the API responds through Envoy', async () => {
  const containers = [await stack.ids('sidecar'), await stack.ids('api'), await stack.ids('pod-holder')];
  expect(containers.map((ids) => ids.length)).toEqual([1, 1, 0]);
  expect(await get(`${URL}/health`)).toEqual({ status: 200, server: 'envoy', body: '{"status":"ok"}' });
  expect((await get('http://127.0.0.1:8821/ready')).status).toBe(200);
});

test('a second plan has no changes', async () => {
  const { code, output } = await stack.plan();
  expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
});

test('a change of the sidecar or of the API replaces only that container', async () => {
  const [sidecar, service] = [await stack.ids('sidecar'), await stack.ids('api')];
  await stack.deployOrThrow({ envoy: { ...envoy, timeouts: { request: '20s' } }, api });
  expect(await stack.ids('sidecar')).not.toEqual(sidecar);
  expect(await stack.ids('api')).toEqual(service);
  const replaced = await stack.ids('sidecar');
  await stack.deployOrThrow({
    envoy: { ...envoy, timeouts: { request: '20s' } },
    api: { ...api, env: { VERSION: '2' } },
  });
  expect(await stack.ids('sidecar')).toEqual(replaced);
  expect(await stack.ids('api')).not.toEqual(service);
  expect(await (await fetch(`${URL}/version`)).json()).toEqual({ version: '2' });
  expect((await stack.plan()).code).toBe(0);
});

test('destroy removes everything', async () => {
  expect((await stack.destroy()).code).toBe(0);
  expect(await listRemains('envoy-test-plain')).toEqual([]);
});
