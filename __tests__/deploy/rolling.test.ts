import { MISSING } from '../missing-file';
import { Compose, type Composed } from './compose';
import { left, Stack, secondsUntilAnswer } from './harness';
import { Load } from './load';

jest.setTimeout(600_000);

const stack = new Stack('envoy-test-rolling');
const URL = 'http://127.0.0.1:8800';
let loads: Load[] = [];
/** The loads of each way of deploying, to be told side by side. */
const lost = new Map<string, readonly Load[]>();

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

  test('an option changed replaces the revision of the sidecar alone', async () => {
    const before = [await stack.ids('pod-holder'), await stack.ids('api'), await stack.ids('sidecar')];
    const { code, plan } = await step('option', { envoy: { timeouts: { request: '20s' } } });
    expect([code, plan]).toEqual([0, 0]);
    expect([await stack.ids('pod-holder'), await stack.ids('api')]).toEqual([before[0], before[1]]);
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
    expect(output).toContain('The new revision of envoy-test-rolling-envoy does not start');
    expect(output).toContain(MISSING);
    expect(await stack.ids('sidecar')).toEqual(before);
  });

  test('the way back', async () => {
    const { code, plan } = await step('back', {
      envoy: { timeouts: { request: '20s' }, memory: '320MiB' },
      api: twice,
    });
    expect([code, plan]).toEqual([0, 0]);
    expect(await left('envoy-test-rolling-envoy-init')).toHaveLength(1);
  });

  test('both at once', async () => {
    const { code, plan } = await step('both', { api: { env: { VERSION: '3' } } });
    expect([code, plan]).toEqual([0, 0]);
    expect(await (await fetch(`${URL}/version`)).json()).toEqual({ version: '3' });
  });

  test('no request was lost', async () => {
    const failures = (await Promise.all(loads.map((load) => load.end()))).flat();
    lost.set('cdktf deploy', loads);
    expect(failures).toEqual([]);
    for (const load of loads) {
      expect(load.answered).toBe(load.sent);
      expect(load.sent).toBeGreaterThan(1_000);
    }
  });
});

test('the same changes by docker-compose lose requests, so the load would have seen it', async () => {
  const compose = new Compose();
  const changes: [string, Composed, number][] = [
    ['option', { request: '20s' }, 0],
    ['memory', { request: '20s', memory: '320m' }, 0],
    ['api', { request: '20s', memory: '320m', version: '2', replicas: 2 }, 0],
    // For as long as it takes a person to see it: there it stays down until the way back.
    ['refused', { request: '20s', memory: '320m', version: '2', replicas: 2, refused: true }, 5_000],
    ['back', { request: '20s', memory: '320m', version: '2', replicas: 2 }, 0],
    ['both', { version: '3' }, 0],
  ];
  await compose.up({});
  await secondsUntilAnswer(`${compose.url}/health`, Date.now());
  const compared = [new Load(`${compose.url}/calculate`, true), new Load(`${compose.url}/calculate`, false)];
  for (const [during, change, wait] of changes) {
    for (const load of compared) {
      load.during = during;
    }
    await compose.up(change);
    await new Promise((done) => setTimeout(done, 3_000 + wait));
  }
  const failures = (await Promise.all(compared.map((load) => load.end()))).flat();
  lost.set('docker-compose up -d', compared);
  await compose.down();
  expect(failures.length).toBeGreaterThan(0);
});

afterAll(() => {
  const cell = (way: string, during: string) => {
    const of = lost.get(way) ?? [];
    const sent = of.reduce((sum, load) => sum + (load.sentDuring.get(during) ?? 0), 0);
    return `${of.flatMap((load) => load.failures).filter((failure) => failure.during === during).length} of ${sent}`;
  };
  const rows = ['option', 'memory', 'api', 'refused', 'back', 'both'].map((during) =>
    [during, ...[...lost.keys()].map((way) => cell(way, during))].join(' | '),
  );
  console.info([['lost requests', ...lost.keys()].join(' | '), ...rows].join('\n'));
});
