import { get, listRemains, ok, run, runAsNeighbour, Stack } from './harness';

jest.setTimeout(600_000);

const STRICT = 'http://127.0.0.1:8850/version';
const LENIENT = 'http://127.0.0.1:8851/version';
const NAME = 'envoy-test-fleet';
const NETWORK = `${NAME}-network`;
const LIMITS = `${NAME}-limits`;
const NEXT = 'envoy-test-ratelimit-next';
const env: NodeJS.ProcessEnv = { LIMIT: '10/day' };
const stack = new Stack(NAME, env, 'global-rate-limit-app.ts');

/** Sends requests to these URLs alternately and returns the statuses. */
async function inTurn(count: number, ...urls: string[]): Promise<number[]> {
  const result: number[] = [];
  for (let index = 0; index < count; index += 1) {
    result.push((await get(urls[index % urls.length] as string)).status);
  }
  return result;
}

/** Sends requests until the response has this status, for at most 30 s. */
async function until(url: string, status: number): Promise<void> {
  const end = Date.now() + 30_000;
  while ((await get(url)).status !== status) {
    if (Date.now() > end) {
      throw new Error(`${url} never answered ${status}`);
    }
  }
}

const named = async (role: string) => {
  const filter = ['--filter', `label=cdktf-envoy-sidecar.name=${LIMITS}`];
  const its = ['--filter', `label=cdktf-envoy-sidecar.role=${role}`];
  return ok('docker', 'ps', ...filter, ...its, '--format', '{{.Names}}');
};
const sidecars = () =>
  ok('docker', 'ps', '--filter', 'label=cdktf-envoy-sidecar.role=sidecar', '--filter', `name=${NAME}-`, '--quiet');
/** Removes the test image, also one of an interrupted run. */
const removeTestImage = () => run('docker', ['image', 'rm', NEXT]);

beforeAll(async () => {
  await removeTestImage();
  await stack.deployOrThrow();
});

afterAll(removeTestImage);

test('two sidecars share one limit exactly', async () => {
  const answers = await inTurn(30, STRICT, LENIENT);
  expect(answers).toEqual([...Array(10).fill(200), ...Array(20).fill(429)]);
});

test('a second plan has no changes', async () => {
  const { code, output } = await stack.plan();
  expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
});

test('the network of the API reaches the rate limit service, but not Redis', async () => {
  const redis = await runAsNeighbour(NETWORK, `exec 3<>/dev/tcp/${LIMITS}-redis/6379`);
  expect(redis.output).toMatch(
    /envoy-test-fleet-limits-redis: (Temporary failure in name resolution|Name or service not known)/,
  );
  expect((await runAsNeighbour(NETWORK, `exec 3<>/dev/tcp/${LIMITS}/8081`)).code).toBe(0);
  for (const port of [8080, 6070]) {
    expect((await runAsNeighbour(NETWORK, `exec 3<>/dev/tcp/${LIMITS}/${port}`)).output).toContain('refused');
  }
});

test('each sidecar allows or denies as configured while Redis is stopped', async () => {
  await ok('docker', 'stop', await named('redis'));
  expect(await inTurn(10, STRICT)).toEqual(Array(10).fill(503));
  expect(await inTurn(10, LENIENT)).toEqual(Array(10).fill(200));
});

test('both sidecars limit again after Redis has started', async () => {
  const listing = await ok('docker', 'ps', '--all', '--filter', `name=${LIMITS}-redis`, '--format', '{{.Names}}');
  await ok('docker', 'start', listing);
  await until(STRICT, 200);
  await until(LENIENT, 429);
  expect(await inTurn(4, STRICT, LENIENT)).toEqual(Array(4).fill(429));
  expect((await stack.plan()).code).toBe(0);
});

/** Deploys under load and returns the statuses of the responses. */
async function deployUnderLoad(): Promise<number[]> {
  let deploying = true;
  const seen: number[] = [];
  const load = (async () => {
    while (deploying) {
      seen.push(...(await inTurn(10, STRICT)));
    }
  })();
  await stack.deployOrThrow().finally(() => {
    deploying = false;
  });
  await load;
  return seen;
}

test('the running service applies a changed rate to all requests at once', async () => {
  const running = async () => [await sidecars(), await named('redis'), await named('rate-limit')];
  const before = await running();
  env.LIMIT = '1000000/day';
  const seen = await deployUnderLoad();
  console.info(`${seen.length} requests while the rate was changed`);
  expect(seen.filter((status, index) => status !== seen[index - 1])).toEqual([429, 200]);
  expect(await running()).toEqual(before);
  expect(await inTurn(4, STRICT, LENIENT)).toEqual(Array(4).fill(200));
  expect((await stack.plan()).code).toBe(0);
});

test('a new image of the service takes over without a failed request', async () => {
  const before = await named('rate-limit');
  await ok('docker', 'commit', '--pause=false', '--change', 'LABEL next=1', before, NEXT);
  env.RATELIMIT_IMAGE = NEXT;
  const seen = await deployUnderLoad();
  console.info(`${seen.length} requests while the service was replaced`);
  expect(await named('rate-limit')).not.toBe(before);
  // If the service were unavailable, this sidecar would answer 503.
  expect([...new Set(seen)]).toEqual([200]);
  expect((await stack.plan()).code).toBe(0);
});

test('destroy removes everything', async () => {
  expect((await stack.destroy()).code).toBe(0);
  expect(await listRemains(NAME)).toEqual([]);
});
