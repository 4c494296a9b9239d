import { get, kill, listRemains, runAsNeighbour, Stack, secondsUntilAnswer } from './harness';
import { Load } from './load';

jest.setTimeout(600_000);

const stack = new Stack('envoy-test-together');
const URL = 'http://127.0.0.1:8810';
const envoy = {
  isolation: 'pod',
  publish: { http: { port: 8810 }, admin: { port: 8811 } },
} as const;

beforeAll(async () => {
  await stack.deployOrThrow({ envoy });
});

test('the API responds through Envoy, and a second plan has no changes', async () => {
  expect(await get(`${URL}/health`)).toEqual({ status: 200, server: 'envoy', body: '{"status":"ok"}' });
  const { code, output } = await stack.plan();
  expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
});

test('another container on the network reaches Envoy and not the API', async () => {
  const connect = (port: number) =>
    runAsNeighbour('envoy-test-together-network', `: <> /dev/tcp/envoy-test-together-envoy/${port}`);
  expect((await connect(8800)).code).toBe(0);
  expect(await connect(8080)).toEqual({ code: 1, output: expect.stringContaining('Connection refused') });
});

test('a new API container loses no request, and keeps the sidecar', async () => {
  const sidecar = await stack.ids('sidecar');
  const load = new Load(`${URL}/calculate`, false, 20);
  await stack.deployOrThrow({ envoy, api: { env: { VERSION: '2' } } });
  expect(await load.end()).toEqual([]);
  expect(load.answered).toBe(load.sent);
  expect(await (await fetch(`${URL}/version`)).json()).toEqual({ version: '2' });
  expect(await stack.ids('sidecar')).toEqual(sidecar);
  expect((await stack.plan()).code).toBe(0);
});

test('the API joins the restarted pod holder', async () => {
  const killed = await kill('envoy-test-together-envoy');
  console.info(`pod holder killed: ${await secondsUntilAnswer(`${URL}/health`, killed)} s until the API answers again`);
});

test('destroy removes everything', async () => {
  expect((await stack.destroy()).code).toBe(0);
  expect(await listRemains('envoy-test-together')).toEqual([]);
});
