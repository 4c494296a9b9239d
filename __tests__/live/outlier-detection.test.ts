import type { OutlierDetectionOptions } from '../../envoy';
import { type Backend, HEALTH_PATH, reset } from './backend';
import { sleep, until } from './cleanup';
import type { LiveOptions } from './envoy';
import { answering, type Replicas, startReplicas } from './replicas';

// The tests run concurrently, since each has its own Envoy and mostly waits.

const SUCCEED = answering(200);

async function start(
  count: number,
  outlierDetection: OutlierDetectionOptions | false,
  more: Omit<LiveOptions, 'upstream'> = {},
) {
  const replicas = await startReplicas(count, { outlierDetection, retries: false, ...more });
  for (const api of replicas.apis) {
    api.handler = SUCCEED;
  }
  return replicas;
}

const SHORT = { baseEjectionTime: '2s', interval: '100ms' } as const;
const countEjected = ({ envoy }: Replicas) => envoy.stat('cluster.api.outlier_detection.ejections_active');
const countEjections = ({ envoy }: Replicas) => envoy.stat('cluster.api.outlier_detection.ejections_enforced_total');

/** Sends requests one after another until 20 in sequence succeed, and counts the failures before. */
async function failuresUntilRecovery({ inTurn }: Replicas): Promise<number> {
  let failed = 0;
  await until('20 requests in sequence succeed', async () => {
    const { 200: answered = 0 } = await inTurn(20);
    failed += 20 - answered;
    return answered === 20;
  });
  return failed;
}

test.concurrent.each([2, 3])(
  'ejects one of %d replicas after five responses with 500, and uses it again afterwards',
  async (count) => {
    const replicas = await start(count, SHORT);
    const [first, ...others] = replicas.apis as [Backend, ...Backend[]];
    first.handler = answering(500);
    const began = Date.now();
    const failed = await failuresUntilRecovery(replicas);
    // Two threads share their counts, so that a few more requests may fail.
    expect(failed).toBeGreaterThanOrEqual(5);
    expect(failed).toBeLessThanOrEqual(8);
    expect(await countEjected(replicas)).toBe(1);
    replicas.shares();
    expect(await replicas.inTurn(30)).toEqual({ 200: 30 });
    const [none, ...rest] = replicas.shares();
    expect(none).toBe(0);
    expect(rest.every((share) => share > 0)).toBe(true);
    expect(rest).toHaveLength(others.length);

    first.handler = SUCCEED;
    await until('the ejection has ended', async () => (await countEjected(replicas)) === 0);
    expect(Date.now() - began).toBeGreaterThanOrEqual(2_000);
    await until('the replica gets requests', async () => {
      expect(await replicas.inTurn(20)).toEqual({ 200: 20 });
      return replicas.shares().every((share) => share > 0);
    });
    expect(await countEjections(replicas)).toBe(1);
  },
);

test.concurrent('ejects a replica that still fails again, for a longer time', async () => {
  const replicas = await start(2, { baseEjectionTime: '1s', interval: '900ms' });
  (replicas.apis[0] as Backend).handler = answering(500);
  const lengths: number[] = [];
  for (const time of [1, 2]) {
    await until('the replica is ejected', async () => {
      await replicas.inTurn(10);
      return (await countEjections(replicas)) === time;
    });
    const began = Date.now();
    await until('the ejection has ended', async () => (await countEjected(replicas)) === 0);
    lengths.push(Date.now() - began);
  }
  expect(lengths[0]).toBeGreaterThan(900);
  expect(lengths[1]).toBeGreaterThan(1_900);
});

test.concurrent('ejects only one of three replicas if two fail, since the default maximum is 50 %', async () => {
  const replicas = await start(3, SHORT);
  replicas.apis.slice(0, 2).forEach((api) => {
    api.handler = answering(500);
  });
  await replicas.inTurn(60);
  expect(await countEjected(replicas)).toBe(1);
});

test.concurrent('ejects two of three replicas with a maximum of 70 %', async () => {
  const replicas = await start(3, { ...SHORT, maxEjectionPercent: 70 });
  replicas.apis.slice(0, 2).forEach((api) => {
    api.handler = answering(500);
  });
  await failuresUntilRecovery(replicas);
  expect(await countEjected(replicas)).toBe(2);
  expect(await replicas.inTurn(10)).toEqual({ 200: 10 });
});

test.concurrent('ejects one of two replicas even with a maximum of 10 %', async () => {
  const replicas = await start(2, { ...SHORT, maxEjectionPercent: 10 });
  (replicas.apis[1] as Backend).handler = answering(500);
  expect(await failuresUntilRecovery(replicas)).toBeLessThanOrEqual(8);
  expect(await countEjected(replicas)).toBe(1);
});

test.concurrent('still uses a single replica after it is ejected', async () => {
  const replicas = await start(1, SHORT);
  (replicas.apis[0] as Backend).handler = answering(500);
  expect(await replicas.inTurn(30)).toEqual({ 500: 30 });
  expect(await countEjected(replicas)).toBe(1);
  expect(replicas.shares()).toEqual([30]);
});

test.concurrent('answers 503 without calling an ejected single replica if panic mode is off, until the ejection ends', async () => {
  const replicas = await start(1, SHORT, { loadBalancing: { panicMode: false } });
  const [api] = replicas.apis as [Backend];
  api.handler = answering(500);
  const { 500: failed = 0, 503: refused = 0 } = await replicas.inTurn(30);
  expect(failed).toBeGreaterThanOrEqual(5);
  expect(failed).toBeLessThanOrEqual(8);
  expect(refused).toBe(30 - failed);
  expect(replicas.shares()).toEqual([failed]);
  expect(await replicas.envoy.call({ path: '/open' })).toMatchObject({ status: 503 });
  expect(await replicas.envoy.logged('/open')).toMatchObject({ details: 'no_healthy_upstream' });

  api.handler = SUCCEED;
  await until('the API responds again', async () => (await replicas.envoy.call()).status === 200);
  expect(await replicas.inTurn(20)).toEqual({ 200: 20 });
});

test.concurrent('uses all ejected replicas in panic mode, and none without it', async () => {
  for (const [panicMode, last] of [
    [true, 500],
    [false, 503],
  ] as const) {
    const replicas = await start(2, { ...SHORT, maxEjectionPercent: 100 }, { loadBalancing: { panicMode } });
    replicas.apis.forEach((api) => {
      api.handler = answering(500);
    });
    await until('both replicas are ejected', async () => {
      await replicas.inTurn(5);
      return (await countEjected(replicas)) === 2;
    });
    replicas.shares();
    expect(await replicas.inTurn(10)).toEqual({ [last]: 10 });
    expect(replicas.shares().reduce((sum, share) => sum + share)).toBe(panicMode ? 10 : 0);
  }
});

test.concurrent("ejects a replica after three gateway failures, unlike Envoy's default", async () => {
  const replicas = await start(2, SHORT);
  (replicas.apis[0] as Backend).handler = answering(503);
  const failed = await failuresUntilRecovery(replicas);
  expect(failed).toBeGreaterThanOrEqual(3);
  expect(failed).toBeLessThanOrEqual(4);
  expect(
    await replicas.envoy.stat('cluster.api.outlier_detection.ejections_enforced_consecutive_gateway_failure'),
  ).toBe(1);
});

test.concurrent('consecutive5xx: false ejects a replica for reset connections and not for 500', async () => {
  const replicas = await start(2, { ...SHORT, consecutive5xx: false });
  const [first] = replicas.apis as [Backend];
  first.handler = answering(500);
  await replicas.inTurn(60);
  expect(await countEjections(replicas)).toBe(0);
  first.handler = reset;
  expect(await failuresUntilRecovery(replicas)).toBeLessThanOrEqual(4);
  expect(await countEjections(replicas)).toBe(1);
});

test.concurrent('ejects a replica that refuses connections', async () => {
  const replicas = await start(2, SHORT);
  await (replicas.apis[0] as Backend).stop();
  expect(await failuresUntilRecovery(replicas)).toBeLessThanOrEqual(5);
  expect(await countEjected(replicas)).toBe(1);
});

test.concurrent('does not eject a replica with successful responses between the errors', async () => {
  const replicas = await start(1, SHORT);
  let count = 0;
  (replicas.apis[0] as Backend).handler = (request, response) => {
    count += 1;
    answering(count % 3 === 0 ? 200 : 500)(request, response);
  };
  expect(await replicas.inTurn(60)).toEqual({ 200: 20, 500: 40 });
  expect(await countEjections(replicas)).toBe(0);
});

test.concurrent('keeps a replica ejected although its health check succeeds', async () => {
  const replicas = await start(
    2,
    { baseEjectionTime: '3s', interval: '100ms' },
    {
      healthCheck: { path: HEALTH_PATH, interval: '100ms' },
    },
  );
  const [first] = replicas.apis as [Backend];
  first.handler = (request, response) => answering(request.url === HEALTH_PATH ? 200 : 500)(request, response);
  await failuresUntilRecovery(replicas);
  replicas.shares();
  await sleep(1_000);
  expect(await replicas.inTurn(30)).toEqual({ 200: 30 });
  expect(replicas.shares()[0]).toBe(0);
});

test.concurrent('never ejects a failing replica with outlierDetection: false', async () => {
  const replicas = await start(2, false);
  (replicas.apis[0] as Backend).handler = answering(500);
  const { 500: failed = 0 } = await replicas.inTurn(100);
  expect(failed).toBeGreaterThan(20);
});
