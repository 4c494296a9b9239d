import { assemble, type EnvoyOptions } from '../../../envoy';
import { streaming } from '../../../envoy/features/streaming';
import { managerOf, routesIn } from '../../helpers';

const upstream = { host: 'api', port: 8080 };
const DETECT = 'envoy.filters.http.header_mutation.streaming';
const ALWAYS = 'envoy.filters.http.header_mutation.streaming_route';

const filtersOf = (options: Partial<EnvoyOptions>) =>
  (managerOf(assemble({ upstream, ...options }).bootstrap).http_filters ?? []).map(({ name }) => name);

test('finds event streams and gRPC calls by default', () => {
  expect(streaming.onByDefault).toBe(true);
  expect(filtersOf({})).toContain(DETECT);
  expect(filtersOf({})).not.toContain(ALWAYS);
});

test('matches each media type as it is written', () => {
  const [filter] = streaming.proxy({ accept: ['a/b.c+d', 'application/x-ndjson'] }).httpFilters ?? [];
  expect(JSON.stringify(filter)).toContain(
    JSON.stringify('(?i)(.*,)?\\s*(a/b\\.c\\+d|application/x-ndjson)\\s*([;,].*)?'),
  );
});

test('an empty list leaves gRPC alone', () => {
  const [filter] = streaming.proxy({ accept: [] }).httpFilters ?? [];
  expect(JSON.stringify(filter)).not.toContain('"accept"');
  expect(JSON.stringify(filter)).toContain('application/grpc');
});

test('a streaming route sets no timeout and no retry', () => {
  const { bootstrap } = assemble({ upstream, routes: [{ path: '/tokens', streaming: true }] });
  const filter = managerOf(bootstrap).http_filters?.find(({ name }) => name === ALWAYS);
  expect(filter?.disabled).toBe(true);
  expect(JSON.stringify(filter)).toMatch(/rq-timeout-ms.*per-try-timeout-ms.*max-retries/);
  const [route] = routesIn(bootstrap);
  expect(Object.keys(route?.typed_per_filter_config ?? {})).toEqual([ALWAYS, DETECT]);
});

test('streaming: false adds no filter', () => {
  expect(filtersOf({ streaming: false })).not.toContain(DETECT);
});

test.each(['text', 'text/', 'text/event-stream;q=1', '*/*'])('rejects %s, which is no media type', (type) => {
  expect(() => streaming.proxy({ accept: [type] })).toThrow(
    `streaming.accept[0] must be a media type, got "${type}"; write for example 'text/event-stream'`,
  );
});
