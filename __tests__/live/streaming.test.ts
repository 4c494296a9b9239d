import type http from 'node:http';
import { type Backend, reset, startBackend } from './backend';
import { type Envoy, startEnvoy } from './envoy';

let api: Backend;
let envoy: Envoy;

/** Sends one event at once and one after two seconds, twice `timeouts.request`. */
const slowStream: http.RequestListener = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('data: first\n\n');
  setTimeout(() => response.end('data: last\n\n'), 2_000);
};

/** Sends nothing for two seconds. */
const slowAnswer: http.RequestListener = (_, response) => {
  setTimeout(() => response.end('late'), 2_000);
};

beforeAll(async () => {
  api = await startBackend();
  envoy = await startEnvoy({
    upstream: api,
    timeouts: { request: '1s' },
    routes: [
      { path: '/tokens', streaming: true },
      { path: '/short', streaming: false },
    ],
  });
});

beforeEach(() => {
  api.seen.length = 0;
  api.handler = slowStream;
});

const WHOLE = 'data: first\n\ndata: last\n\n';

/** The body, or that the response broke off. */
const bodyOf = async (request: Parameters<Envoy['call']>[0]) => {
  try {
    return (await envoy.call(request)).body;
  } catch {
    return 'broke off';
  }
};

test.each([
  'text/event-stream',
  'Text/Event-Stream',
  'text/html, text/event-stream;q=0.9, */*',
  'text/event-stream, application/json',
])('an event stream outlives timeouts.request: accept: %s', async (accept) => {
  expect(await bodyOf({ headers: { accept } })).toBe(WHOLE);
});

test.each([undefined, '*/*', 'text/event-streams', 'x-text/event-stream', 'application/json'])(
  'a request without an event stream in accept ends with timeouts.request: %s',
  async (accept) => {
    expect(await bodyOf({ headers: accept === undefined ? {} : { accept } })).toBe('broke off');
  },
);

test.each(['application/grpc', 'application/grpc+proto', 'application/grpc-web'])(
  'a gRPC call outlives timeouts.request: content-type: %s',
  async (type) => {
    api.handler = slowAnswer;
    expect(await bodyOf({ method: 'POST', headers: { 'content-type': type }, body: 'x' })).toBe('late');
  },
);

test('a route with streaming: true has no timeout of requests', async () => {
  api.handler = slowAnswer;
  expect(await bodyOf({ path: '/tokens' })).toBe('late');
});

test('a route with streaming: true gets each request once, and others get their retries', async () => {
  api.handler = reset;
  expect((await envoy.call({ path: '/tokens' })).status).toBe(503);
  expect(api.seen).toHaveLength(1);
  await envoy.call({ path: '/other' });
  expect(api.seen.length).toBeGreaterThan(2);
});

test('a route with streaming: false ends event streams with timeouts.request', async () => {
  expect(await bodyOf({ path: '/short', headers: { accept: 'text/event-stream' } })).toBe('broke off');
});

test('a client can not set the timeout or the retries itself', async () => {
  const headers = { 'x-envoy-upstream-rq-timeout-ms': '0', 'x-envoy-upstream-rq-per-try-timeout-ms': '0' };
  api.handler = slowAnswer;
  expect((await envoy.call({ headers })).status).toBe(504);
});

test('the API sees none of the headers by which Envoy knows a stream', async () => {
  await envoy.call({ path: '/tokens', headers: { accept: 'text/event-stream' } });
  expect(Object.keys(api.seen[0]?.headers ?? {}).filter((name) => /timeout|retries/.test(name))).toEqual([]);
});

test('a stream without a byte ends after timeouts.streamIdle', async () => {
  const idle = await startEnvoy({ upstream: api, timeouts: { request: '15s', streamIdle: '1s' } });
  const begun = Date.now();
  await idle.call({ headers: { accept: 'text/event-stream' } }).catch(() => undefined);
  expect(Date.now() - begun).toBeLessThan(1_900);
});
