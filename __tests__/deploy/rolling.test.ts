import { MISSING } from '../missing-file';
import { Compose, type Composed } from './compose';
import { listRemains, Stack, secondsUntilAnswer } from './harness';
import { Load } from './load';

jest.setTimeout(600_000);

const stack = new Stack('envoy-test-rolling');
const URL = 'http://127.0.0.1:8800';
let loads: Load[] = [];
/** The loads of each deployment tool, for the table of lost requests. */
const loadsByTool = new Map<string, readonly Load[]>();

beforeAll(async () => {
  await stack.deployOrThrow();
});

afterAll(async () => {
  await stack.destroy();
});

test('the API responds through Envoy', async () => {
  for (const path of ['/health', '/calculate']) {
    const response = await fetch(URL + path);
    expect([response.status, response.headers.get('server')]).toEqual([200, 'envoy']);
  }
});

test('a second plan has no changes', async () => {
  const { code, output } = await stack.plan();
  expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
});

describe('a rolling deploy under load', () => {
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

  test('of a changed option replaces only the revision of the sidecar', async () => {
    const before = [await stack.ids('pod-holder'), await stack.ids('api'), await stack.ids('sidecar')];
    const { code, plan } = await step('option', { envoy: { timeouts: { request: '20s' } } });
    expect([code, plan]).toEqual([0, 0]);
    expect([await stack.ids('pod-holder'), await stack.ids('api')]).toEqual([before[0], before[1]]);
    expect(await stack.ids('sidecar')).not.toEqual(before[2]);
    expect(await stack.ids('sidecar')).toHaveLength(1);
  });

  test("changes the sidecar's memory", async () => {
    const { code, plan } = await step('memory', { envoy: { timeouts: { request: '20s' }, memory: '320MiB' } });
    expect([code, plan]).toEqual([0, 0]);
  });

  test('replaces the API by a new version with two replicas', async () => {
    const { code, plan } = await step('api', { envoy: { timeouts: { request: '20s' }, memory: '320MiB' }, api: twice });
    expect([code, plan]).toEqual([0, 0]);
    expect(await stack.ids('api')).toHaveLength(2);
    expect(await (await fetch(`${URL}/version`)).json()).toEqual({ version: '2' });
  });

  test('keeps the old revision if Envoy rejects the configuration', async () => {
    const before = await stack.ids('sidecar');
    const { code, output } = await step('refused', { envoy: { memory: '320MiB' }, api: twice, refused: true });
    expect(code).not.toBe(0);
    expect(output).toContain('The new revision of envoy-test-rolling-envoy does not start');
    expect(output).toContain(MISSING);
    expect(await stack.ids('sidecar')).toEqual(before);
  });

  test('returns to the previous configuration', async () => {
    const { code, plan } = await step('back', {
      envoy: { timeouts: { request: '20s' }, memory: '320MiB' },
      api: twice,
    });
    expect([code, plan]).toEqual([0, 0]);
    expect(await listRemains('envoy-test-rolling-envoy-init')).toHaveLength(1);
  });

  test('replaces sidecar and API at once', async () => {
    const { code, plan } = await step('both', { api: { env: { VERSION: '3' } } });
    expect([code, plan]).toEqual([0, 0]);
    expect(await (await fetch(`${URL}/version`)).json()).toEqual({ version: '3' });
  });

  test('loses no request in any of these steps', async () => {
    const failures = (await Promise.all(loads.map((load) => load.end()))).flat();
    loadsByTool.set('cdktf deploy', loads);
    expect(failures).toEqual([]);
    for (const load of loads) {
      expect(load.answered).toBe(load.sent);
      expect(load.sent).toBeGreaterThan(1_000);
    }
  });
});

test('the same changes with docker-compose lose requests, which shows that the load detects losses', async () => {
  const compose = new Compose();
  const changes: [string, Composed, number][] = [
    ['option', { request: '20s' }, 0],
    ['memory', { request: '20s', memory: '320m' }, 0],
    ['api', { request: '20s', memory: '320m', version: '2', replicas: 2 }, 0],
    // The time that a person needs to notice it. docker-compose keeps the API down until the next change.
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
  loadsByTool.set('docker-compose up -d', compared);
  await compose.down();
  expect(failures.length).toBeGreaterThan(0);
});

afterAll(() => {
  const cell = (way: string, during: string) => {
    const of = loadsByTool.get(way) ?? [];
    const sent = of.reduce((sum, load) => sum + (load.sentDuring.get(during) ?? 0), 0);
    return `${of.flatMap((load) => load.failures).filter((failure) => failure.during === during).length} of ${sent}`;
  };
  const rows = ['option', 'memory', 'api', 'refused', 'back', 'both'].map((during) =>
    [during, ...[...loadsByTool.keys()].map((way) => cell(way, during))].join(' | '),
  );
  console.info([['lost requests', ...loadsByTool.keys()].join(' | '), ...rows].join('\n'));
});
