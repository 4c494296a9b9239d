import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { loadModel } from '../../../../envoy/messages/schema/load';
import type { Field, Known } from '../../../../envoy/messages/schema/model';

const model = loadModel();
const newest = model.versions.length - 1;

/** Every definition of every field, with its whole name. */
const definitions = Object.entries(model.messages).flatMap(([message, { fields }]) =>
  Object.entries(fields).flatMap(([name, field]) =>
    [field].flat().map((definition: Field) => ({ name: `${message}.${name}`, message, definition })),
  ),
);

function fieldsOf(message: string): Readonly<Record<string, Field | readonly Field[]>> {
  return model.messages[message]?.fields ?? {};
}

const cluster = 'envoy.config.cluster.v3.Cluster';
const hcm = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const router = 'envoy.extensions.filters.http.router.v3.Router';

test('covers the supported minors, oldest first', () => {
  expect(model.versions).toEqual(['1.37', '1.38', '1.39', '1.40']);
});

describe('what the documentation of Envoy says', () => {
  test.each<[string, string, Field]>([
    [cluster, 'name', { type: 'string', rules: { min_len: 1 } }],
    [cluster, 'connect_timeout', { type: 'google.protobuf.Duration', rules: { gt: 0 } }],
    [
      cluster,
      'type',
      { type: `${cluster}.DiscoveryType`, oneof: 'cluster_discovery_type', rules: { defined_only: true } },
    ],
    [
      'envoy.config.core.v3.SocketAddress',
      'port_value',
      { type: 'uint32', oneof: 'port_specifier', rules: { lte: 65535 } },
    ],
    [
      'envoy.config.route.v3.VirtualHost',
      'domains',
      {
        type: 'string',
        repeated: true,
        rules: { min_items: 1, items: { well_known: 'HTTP_HEADER_VALUE', strict: false } },
      },
    ],
    [
      'envoy.config.core.v3.HeaderValue',
      'key',
      {
        type: 'string',
        rules: { min_len: 1, max_bytes: 16384, well_known: 'HTTP_HEADER_NAME', strict: false },
      },
    ],
    [
      'envoy.config.cluster.v3.OutlierDetection',
      'max_ejection_percent',
      { type: 'google.protobuf.UInt32Value', rules: { lte: 100 } },
    ],
    [
      cluster,
      'typed_extension_protocol_options',
      { type: 'google.protobuf.Any', map: 'string', category: 'envoy.upstream_options' },
    ],
    [hcm, 'codec_type', { type: `${hcm}.CodecType`, rules: { defined_only: true } }],
    [
      'envoy.config.core.v3.KeyValueAppend',
      'entry',
      { type: 'envoy.config.core.v3.KeyValue', deprecated: 'warned', rules: { skip: true } },
    ],
  ])('%s.%s', (message, name, field) => {
    expect(fieldsOf(message)[name]).toEqual(field);
  });

  test('a connection manager needs one of its ways to routes', () => {
    expect(model.messages[hcm]?.required).toEqual(['route_specifier']);
    const ways = Object.entries(fieldsOf(hcm)).filter(([, field]) => [field].flat()[0]?.oneof === 'route_specifier');
    expect(ways.map(([name]) => name)).toEqual(['rds', 'route_config', 'scoped_routes']);
  });

  test('fields stand in the order of their .proto file', () => {
    expect(Object.keys(fieldsOf('envoy.config.core.v3.Pipe'))).toEqual(['path', 'mode']);
    expect(Object.keys(fieldsOf('envoy.config.core.v3.SocketAddress')).slice(0, 4)).toEqual([
      'protocol',
      'address',
      'port_value',
      'named_port',
    ]);
  });

  test('values of an enum have their numbers', () => {
    expect(model.enums[`${cluster}.DiscoveryType`]?.values).toEqual({
      STATIC: { number: 0 },
      STRICT_DNS: { number: 1 },
      LOGICAL_DNS: { number: 2 },
      EDS: { number: 3 },
      ORIGINAL_DST: { number: 4 },
    });
  });

  test('what is deprecated is told from what is refused', () => {
    expect(fieldsOf('envoy.config.route.v3.RateLimit.Action').dynamic_metadata).toMatchObject({
      deprecated: 'refused',
    });
    expect(fieldsOf('envoy.config.core.v3.BindConfig').additional_source_addresses).toMatchObject({
      deprecated: 'warned',
    });
  });
});

describe('the minors', () => {
  test('a new field says since when', () => {
    expect(fieldsOf('envoy.config.core.v3.BindConfig').validate_network_namespaces).toEqual({ since: 3, type: 'bool' });
  });

  test('a removed field says until when', () => {
    const removed = fieldsOf('envoy.extensions.filters.http.mcp_json_rest_bridge.v3.ServerInfo');
    expect(removed.supported_protocol_versions).toEqual({ until: 2, type: 'string', repeated: true });
  });

  test('a field that a minor changed is a list', () => {
    expect(fieldsOf(cluster).health_checks).toEqual([
      { until: 2, type: 'envoy.config.core.v3.HealthCheck', repeated: true },
      { since: 3, type: 'envoy.config.core.v3.HealthCheck', repeated: true, rules: { max_items: 8 } },
    ]);
  });

  test('no two definitions of a field are of one minor', () => {
    const overlapping = Object.entries(model.messages).flatMap(([message, { fields }]) =>
      Object.entries(fields)
        .filter(([, field]) => {
          const ranges = [field].flat().map(({ since = 0, until = newest }: Field) => [since, until] as const);
          return ranges.some(([since], i) => i > 0 && since <= (ranges[i - 1]?.[1] ?? newest));
        })
        .map(([name]) => `${message}.${name}`),
    );
    expect(overlapping).toEqual([]);
  });

  test('each range is one of the minors', () => {
    const known: Known[] = [
      ...Object.values(model.messages),
      ...Object.values(model.enums).flatMap((each) => [each, ...Object.values(each.values)]),
      ...Object.values(model.extensions).flatMap((types) => Object.values(types)),
      ...definitions.map(({ definition }) => definition),
    ];
    expect(known.filter(({ since = 0, until = newest }) => since > until || since < 0 || until > newest)).toEqual([]);
  });
});

describe('extensions', () => {
  const has = (category: string, type: string) => model.extensions[category]?.[type];

  test('are those of their category alone', () => {
    expect(has('envoy.filters.http', router)).toEqual({});
    expect(has('envoy.filters.network', router)).toBeUndefined();
    expect(has('envoy.filters.network', hcm)).toEqual({});
  });

  test('say since when the binary has them', () => {
    const filter = 'envoy.extensions.filters.http.file_server.v3.FileServerConfig';
    expect(has('envoy.filters.http', filter)).toEqual({ since: 1 });
  });

  test.each([
    ['buffer.v3.Buffer', 'buffer.v3.BufferPerRoute'],
    ['cors.v3.Cors', 'cors.v3.CorsPolicy'],
    ['jwt_authn.v3.JwtAuthentication', 'jwt_authn.v3.PerRouteConfig'],
  ])('%s configures a filter and %s its route', (filter, route) => {
    const [ofFilter, ofRoute] = [filter, route].map((name) => `envoy.extensions.filters.http.${name}`) as [
      string,
      string,
    ];
    expect(has('envoy.filters.http', ofFilter)).toEqual({});
    expect(has('envoy.filters.http', ofRoute)).toBeUndefined();
    expect(has('envoy.filters.http.per_route', ofFilter)).toBeUndefined();
    expect(has('envoy.filters.http.per_route', ofRoute)).toEqual({});
  });

  test('hold what the binary does not list', () => {
    expect(has('envoy.upstreams', 'envoy.extensions.upstreams.http.http.v3.HttpConnectionPoolProto')).toEqual({});
  });

  test('each is a message of the model', () => {
    const types = Object.values(model.extensions).flatMap((each) => Object.keys(each));
    expect([...new Set(types)].filter((type) => !model.messages[type])).toEqual([
      'google.protobuf.Empty',
      'google.protobuf.StringValue',
    ]);
  });
});

describe('the whole of it is coherent', () => {
  test('each type that a field names is in it, or known by name', () => {
    const wellKnown = /^google\.protobuf\.(Any|Duration|Empty|Struct|Timestamp|Value|\w+Value)$/;
    const scalar = /^(bool|bytes|double|float|string|u?int(32|64))$/;
    const unknown = definitions.filter(
      ({ definition: { type } }) =>
        !model.messages[type] && !model.enums[type] && !wellKnown.test(type) && !scalar.test(type),
    );
    expect(unknown.map(({ name, definition }) => `${name}: ${definition.type}`)).toEqual([]);
  });

  test('each category that a field names is in it', () => {
    const unknown = definitions.filter(({ definition: { category } }) => category && !model.extensions[category]);
    expect(unknown.map(({ name }) => name)).toEqual([]);
  });

  test('each oneof that is required has fields', () => {
    const empty = Object.entries(model.messages).flatMap(([message, { required = [] }]) =>
      required
        .filter((oneof) => !definitions.some((each) => each.message === message && each.definition.oneof === oneof))
        .map((oneof) => `${message}.${oneof}`),
    );
    expect(empty).toEqual([]);
  });

  test('no rule is of a kind that is not known', () => {
    const names = new Set(definitions.flatMap(({ definition }) => Object.keys(definition.rules ?? {})));
    expect([...names].sort()).toEqual(
      (
        'const defined_only gt gte ignore_empty in items keys lt lte max_bytes max_items max_len min_items ' +
        'min_len min_pairs not_in pattern prefix required skip strict suffix unique well_known'
      ).split(' '),
    );
  });
});

test('is at most 100 KB when packed', () => {
  const text = readFileSync(join(__dirname, '../../../../envoy/messages/schema/model.json'));
  expect(gzipSync(text).length).toBeLessThan(100_000);
});
