import { left, Stack } from './harness';
import { Load } from './load';

jest.setTimeout(600_000);

const stack = new Stack('rolling');
const URL = 'http://127.0.0.1:8800';
let loads: Load[] = [];

beforeAll(async () => {
  await stack.deployed();
});

afterAll(async () => {
  await stack.destroy();
});

test('the API answers through Envoy', async () => {
  for (const path of ['/health', '/calculate']) {
    const response = await fetch(URL + path);
    expect([response.status, response.headers.get('server')]).toEqual([200, 'envoy']);
  }
});

test('a second plan changes nothing', async () => {
  const { code, output } = await stack.plan();
  expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
});

describe('rolling under load', () => {
  beforeAll(() => {
    loads = [new Load(`${URL}/calculate`, true), new Load(`${URL}/calculate`, false)];
  });

  const step = async (during: string, what: Parameters<Stack['deploy']>[0]) => {
    for (const load of loads) {
      load.during = during;
    }
    const result = await stack.deploy(what);
    const { code, output } = await stack.plan();
    return { ...result, plan: code, planned: output };
  };

  const twice = { replicas: 2, env: { VERSION: '2' } };

  test('an option changed replaces the generation of the sidecar alone', async () => {
    const before = [await stack.ids('holder'), await stack.ids('api'), await stack.ids('sidecar')];
    const { code, plan } = await step('option', { envoy: { timeouts: { request: '20s' } } });
    expect([code, plan]).toEqual([0, 0]);
    expect([await stack.ids('holder'), await stack.ids('api')]).toEqual([before[0], before[1]]);
    expect(await stack.ids('sidecar')).not.toEqual(before[2]);
    expect(await stack.ids('sidecar')).toHaveLength(1);
  });

  test("the sidecar's memory", async () => {
    const { code, plan } = await step('memory', { envoy: { timeouts: { request: '20s' }, memory: '320MiB' } });
    expect([code, plan]).toEqual([0, 0]);
  });

  test('a new version of the API with two replicas', async () => {
    const { code, plan } = await step('api', { envoy: { timeouts: { request: '20s' }, memory: '320MiB' }, api: twice });
    expect([code, plan]).toEqual([0, 0]);
    expect(await stack.ids('api')).toHaveLength(2);
    expect(await (await fetch(`${URL}/version`)).json()).toEqual({ version: '2' });
  });

  test('a configuration that Envoy refuses', async () => {
    const before = await stack.ids('sidecar');
    const { code, output } = await step('refused', { envoy: { memory: '320MiB' }, api: twice, refused: true });
    expect(code).not.toBe(0);
    expect(output).toContain('The new generation of rolling-envoy does not start');
    expect(output).toContain('no_such_field');
    expect(await stack.ids('sidecar')).toEqual(before);
  });

  test('the way back', async () => {
    const { code, plan } = await step('back', {
      envoy: { timeouts: { request: '20s' }, memory: '320MiB' },
      api: twice,
    });
    expect([code, plan]).toEqual([0, 0]);
    expect(await left('rolling-envoy-carrier')).toHaveLength(1);
  });

  test('both at once', async () => {
    const { code, plan } = await step('both', { api: { env: { VERSION: '3' } } });
    expect([code, plan]).toEqual([0, 0]);
    expect(await (await fetch(`${URL}/version`)).json()).toEqual({ version: '3' });
  });

  test('no request was lost', async () => {
    const failures = (await Promise.all(loads.map((load) => load.end()))).flat();
    console.info(loads.map((load) => `${load.sent} sent, ${load.answered} answered`).join('; '));
    expect(failures).toEqual([]);
    for (const load of loads) {
      expect(load.answered).toBe(load.sent);
      expect(load.sent).toBeGreaterThan(1_000);
    }
  });
});
