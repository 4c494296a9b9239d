import type { OutlierDetectionOptions } from '../../envoy';
import { type Backend, HEALTH_PATH, reset } from './backend';
import { sleep, until } from './cleanup';
import type { LiveOptions } from './envoy';
import { answering, type Replicas, startReplicas } from './replicas';

// Each test has an Envoy of its own and mostly waits: they run at the same time.

const WELL = answering(200);

async function start(
  count: number,
  outlierDetection: OutlierDetectionOptions | false,
  more: Omit<LiveOptions, 'upstream'> = {},
) {
  const replicas = await startReplicas(count, { outlierDetection, retries: false, ...more });
  for (const api of replicas.apis) {
    api.handler = WELL;
  }
  return replicas;
}

const SHORT = { ejectionTime: '2s', interval: '100ms' } as const;
const out = ({ envoy }: Replicas) => envoy.stat('cluster.api.outlier_detection.ejections_active');
const ejections = ({ envoy }: Replicas) => envoy.stat('cluster.api.outlier_detection.ejections_enforced_total');

/** Sends one after another until none of the last twenty failed; how many did before. */
async function failuresUntilAllIsWell({ inTurn }: Replicas): Promise<number> {
  let failed = 0;
  await until('twenty in turn are answered', async () => {
    const { 200: answered = 0 } = await inTurn(20);
    failed += 20 - answered;
    return answered === 20;
  });
  return failed;
}

test.concurrent.each([2, 3])('one of %d that answers 500 goes after five of them, and comes back', async (count) => {
  const replicas = await start(count, SHORT);
  const [first, ...others] = replicas.apis as [Backend, ...Backend[]];
  first.handler = answering(500);
  const began = Date.now();
  const failed = await failuresUntilAllIsWell(replicas);
  // Two threads tell each other what they saw: it may be one or two more.
  expect(failed).toBeGreaterThanOrEqual(5);
  expect(failed).toBeLessThanOrEqual(8);
  expect(await out(replicas)).toBe(1);
  replicas.shares();
  expect(await replicas.inTurn(30)).toEqual({ 200: 30 });
  const [none, ...rest] = replicas.shares();
  expect(none).toBe(0);
  expect(rest.every((share) => share > 0)).toBe(true);
  expect(rest).toHaveLength(others.length);

  first.handler = WELL;
  await until('it is back', async () => (await out(replicas)) === 0);
  expect(Date.now() - began).toBeGreaterThanOrEqual(2_000);
  await until('it gets requests', async () => {
    expect(await replicas.inTurn(20)).toEqual({ 200: 20 });
    return replicas.shares().every((share) => share > 0);
  });
  expect(await ejections(replicas)).toBe(1);
});

test.concurrent('one that stays bad comes back to go again, for longer', async () => {
  const replicas = await start(2, { ejectionTime: '1s', interval: '900ms' });
  (replicas.apis[0] as Backend).handler = answering(500);
  const lengths: number[] = [];
  for (const time of [1, 2]) {
    await until('it goes', async () => {
      await replicas.inTurn(10);
      return (await ejections(replicas)) === time;
    });
    const began = Date.now();
    await until('it is back', async () => (await out(replicas)) === 0);
    lengths.push(Date.now() - began);
  }
  expect(lengths[0]).toBeGreaterThan(900);
  expect(lengths[1]).toBeGreaterThan(1_900);
});

test.concurrent('of two bad ones among three one goes, so that half are not out', async () => {
  const replicas = await start(3, SHORT);
  replicas.apis.slice(0, 2).forEach((api) => {
    api.handler = answering(500);
  });
  await replicas.inTurn(60);
  expect(await out(replicas)).toBe(1);
});

test.concurrent('maxEjectedPercent: 70 lets two of three go', async () => {
  const replicas = await start(3, { ...SHORT, maxEjectedPercent: 70 });
  replicas.apis.slice(0, 2).forEach((api) => {
    api.handler = answering(500);
  });
  await failuresUntilAllIsWell(replicas);
  expect(await out(replicas)).toBe(2);
  expect(await replicas.inTurn(10)).toEqual({ 200: 10 });
});

test.concurrent('maxEjectedPercent: 10 lets one of two go, too', async () => {
  const replicas = await start(2, { ...SHORT, maxEjectedPercent: 10 });
  (replicas.apis[1] as Backend).handler = answering(500);
  expect(await failuresUntilAllIsWell(replicas)).toBeLessThanOrEqual(8);
  expect(await out(replicas)).toBe(1);
});

test.concurrent('an only one that goes is used all the same', async () => {
  const replicas = await start(1, SHORT);
  (replicas.apis[0] as Backend).handler = answering(500);
  expect(await replicas.inTurn(30)).toEqual({ 500: 30 });
  expect(await out(replicas)).toBe(1);
  expect(replicas.shares()).toEqual([30]);
});

test.concurrent('without panic the circuit opens: 503 without asking the API, and closes again', async () => {
  const replicas = await start(1, SHORT, { loadBalancing: { panic: false } });
  const [api] = replicas.apis as [Backend];
  api.handler = answering(500);
  const { 500: failed = 0, 503: refused = 0 } = await replicas.inTurn(30);
  expect(failed).toBeGreaterThanOrEqual(5);
  expect(failed).toBeLessThanOrEqual(8);
  expect(refused).toBe(30 - failed);
  expect(replicas.shares()).toEqual([failed]);
  expect(await replicas.envoy.call({ path: '/open' })).toMatchObject({ status: 503 });
  expect(await replicas.envoy.logged('/open')).toMatchObject({ details: 'no_healthy_upstream' });

  api.handler = WELL;
  await until('it is closed again', async () => (await replicas.envoy.call()).status === 200);
  expect(await replicas.inTurn(20)).toEqual({ 200: 20 });
});

test.concurrent('with all out, all are tried; without panic none is', async () => {
  for (const [panic, last] of [
    [true, 500],
    [false, 503],
  ] as const) {
    const replicas = await start(2, { ...SHORT, maxEjectedPercent: 100 }, { loadBalancing: { panic } });
    replicas.apis.forEach((api) => {
      api.handler = answering(500);
    });
    await until('both are out', async () => {
      await replicas.inTurn(5);
      return (await out(replicas)) === 2;
    });
    replicas.shares();
    expect(await replicas.inTurn(10)).toEqual({ [last]: 10 });
    expect(replicas.shares().reduce((sum, share) => sum + share)).toBe(panic ? 10 : 0);
  }
});

test.concurrent('three gateway failures are enough, which Envoy itself only counts', async () => {
  const replicas = await start(2, SHORT);
  (replicas.apis[0] as Backend).handler = answering(503);
  const failed = await failuresUntilAllIsWell(replicas);
  expect(failed).toBeGreaterThanOrEqual(3);
  expect(failed).toBeLessThanOrEqual(4);
  expect(
    await replicas.envoy.stat('cluster.api.outlier_detection.ejections_enforced_consecutive_gateway_failure'),
  ).toBe(1);
});

test.concurrent('consecutive5xx: false: a 500 takes nobody out, a connection that breaks does', async () => {
  const replicas = await start(2, { ...SHORT, consecutive5xx: false });
  const [first] = replicas.apis as [Backend];
  first.handler = answering(500);
  await replicas.inTurn(60);
  expect(await ejections(replicas)).toBe(0);
  first.handler = reset;
  expect(await failuresUntilAllIsWell(replicas)).toBeLessThanOrEqual(4);
  expect(await ejections(replicas)).toBe(1);
});

test.concurrent('one where nothing listens any more goes', async () => {
  const replicas = await start(2, SHORT);
  await (replicas.apis[0] as Backend).stop();
  expect(await failuresUntilAllIsWell(replicas)).toBeLessThanOrEqual(5);
  expect(await out(replicas)).toBe(1);
});

test.concurrent('good answers between the bad ones keep it in', async () => {
  const replicas = await start(1, SHORT);
  let count = 0;
  (replicas.apis[0] as Backend).handler = (request, response) => {
    count += 1;
    answering(count % 3 === 0 ? 200 : 500)(request, response);
  };
  expect(await replicas.inTurn(60)).toEqual({ 200: 20, 500: 40 });
  expect(await ejections(replicas)).toBe(0);
});

test.concurrent('a good answer to the health check does not bring it back before its time', async () => {
  const replicas = await start(
    2,
    { ejectionTime: '3s', interval: '100ms' },
    {
      healthCheck: { path: HEALTH_PATH, interval: '100ms' },
    },
  );
  const [first] = replicas.apis as [Backend];
  first.handler = (request, response) => answering(request.url === HEALTH_PATH ? 200 : 500)(request, response);
  await failuresUntilAllIsWell(replicas);
  replicas.shares();
  await sleep(1_000);
  expect(await replicas.inTurn(30)).toEqual({ 200: 30 });
  expect(replicas.shares()[0]).toBe(0);
});

test.concurrent('off: a bad one stays', async () => {
  const replicas = await start(2, false);
  (replicas.apis[0] as Backend).handler = answering(500);
  const { 500: failed = 0 } = await replicas.inTurn(100);
  expect(failed).toBeGreaterThan(20);
});
