import { walk } from '../../../../envoy/check/walk/walk';
import { type Path, pathText } from '../../../../envoy/messages/path';
import type { Field, Message, Model } from '../../../../envoy/messages/schema/model';

const ROUTER = 'type.googleapis.com/t.Router';

/** A model with one field in the root, `it`, and what the tests need around it. */
function modelOf(it: Field, more: Message['fields'] = {}): Model {
  return {
    versions: ['1.38', '1.39', '1.40'],
    messages: {
      't.Root': { fields: { it, ...more } },
      't.Cluster': {
        fields: {
          name: { type: 'string', rules: { min_len: 1 } },
          connect_timeout: { type: 'google.protobuf.Duration', rules: { gt: 0 } },
          max_pending: { type: 'uint32', rules: { lte: 10 } },
          later: { since: 2, type: 'bool' },
          gone: { until: 0, type: 'bool' },
          address: { type: 't.Address' },
        },
      },
      't.Address': {
        fields: {
          pipe: { type: 'string', oneof: 'address', rules: { min_len: 3 } },
          host: { type: 'string', oneof: 'address' },
          port: { type: 'uint32', oneof: 'address' },
        },
        required: ['address'],
      },
      't.Router': { fields: { start_child_span: { type: 'bool' } } },
      't.Lua': { since: 2, fields: { code: { type: 'string' } } },
      't.Gzip': { fields: {} },
      't.Extension': { fields: { name: { type: 'string' }, typed_config: { type: 'google.protobuf.Any' } } },
      'xds.type.v3.TypedStruct': {
        fields: { type_url: { type: 'string' }, value: { type: 'google.protobuf.Struct' } },
      },
    },
    enums: {
      't.Policy': {
        values: {
          ROUND_ROBIN: { number: 0 },
          RANDOM: { number: 1 },
          MAGLEV: { number: 2, since: 2 },
          OLD: { number: 3, deprecated: 'warned' },
          OLDER: { number: 4, deprecated: 'refused' },
        },
      },
    },
    extensions: { filters: { 't.Router': {}, 't.Lua': { since: 2 } }, compressors: { 't.Gzip': {} } },
  };
}

function problems(config: unknown, model: Model, version = '1.39'): string[] {
  return walk(model, version, config, 't.Root').problems.map(
    ({ severity, path, rule, message }) =>
      `${severity === 'warning' ? '(warning) ' : ''}${pathText(path)} [${rule}] ${message}`,
  );
}

/** The problems of one value in a field. */
const of = (it: Field, value: unknown, version?: string) => problems({ it: value }, modelOf(it), version);
const cluster: Field = { type: 't.Cluster' };

test.each<[string, Field, unknown, string[]]>([
  ['snake_case is taken', cluster, { name: 'a', connect_timeout: '1s' }, []],
  ['camelCase is taken', cluster, { name: 'a', connectTimeout: '1s' }, []],
  [
    'both spellings are one field, of which Envoy takes the last',
    cluster,
    { name: 'a', connectTimeout: '1s', connect_timeout: '2s' },
    [
      '(warning) it.connect_timeout [lenient.twice] is the same field as connectTimeout, which is set too; remove connect_timeout',
    ],
  ],
  ['null is unset', cluster, { name: 'a', connect_timeout: null, address: null }, []],
  [
    'a field of no version',
    cluster,
    { name: 'a', nme: 1 },
    ["it.nme [unknown-field] is not a field of Cluster (did you mean 'name'?)"],
  ],
  [
    'an unknown field that is null',
    cluster,
    { name: 'a', bogus: null },
    ['it.bogus [unknown-field] is not a field of Cluster'],
  ],
  ['a field that is undefined is not there', cluster, { name: 'a', bogus: undefined }, []],
  [
    'a field of a message further down',
    cluster,
    { name: 'a', host: 'b' },
    ["it.host [unknown-field] is not a field of Cluster (did you mean 'host' of its 'address'?)"],
  ],
  [
    'a field of a message further up',
    cluster,
    { name: 'a', address: { host: 'x', max_pending: 3 } },
    ['it.address.max_pending [unknown-field] is not a field of Address (Cluster further up has one)'],
  ],
  [
    'names that every object of JavaScript has',
    cluster,
    JSON.parse('{"name":"a","__proto__":{},"constructor":1,"toString":1}'),
    [
      'it["__proto__"] [unknown-field] is not a field of Cluster'.replace('["__proto__"]', '.__proto__'),
      'it.constructor [unknown-field] is not a field of Cluster',
      'it.toString [unknown-field] is not a field of Cluster',
    ],
  ],
  [
    'a field of a later version',
    cluster,
    { name: 'a', later: true },
    ['it.later [version] needs Envoy 1.40 or later, this is checked for 1.39'],
  ],
  [
    'a field of an earlier version',
    cluster,
    { name: 'a', gone: true },
    ['it.gone [version] was removed in Envoy 1.39, this is checked for 1.39'],
  ],
  ['a message that is no object', cluster, 'x', ['it [message] must be an object (Cluster), got "x"']],
  ['a message that is a list', cluster, [], ['it [message] must be an object (Cluster), got a list']],
  ['a message that is a Map', cluster, new Map(), ['it [message] must be an object (Cluster), got a Map']],
  ['a rule on what is not set', cluster, {}, ['it.name [string.min_len] needs at least 1 character']],
  [
    'two of a oneof',
    { type: 't.Address' },
    { pipe: '/var', host: 'a' },
    ['it.host [oneof] only one of pipe, host, port may be set, and pipe is'],
  ],
  ['one of a oneof, and null', { type: 't.Address' }, { pipe: null, host: '' }, []],
  ['a member of a oneof in both spellings is refused by Envoy', { type: 't.Address' }, { host: 'a' }, []],
  ['none of a required oneof', { type: 't.Address' }, {}, ['it [oneof.required] needs one of pipe, host, port']],
  [
    'the rules of a oneof member that is set',
    { type: 't.Address' },
    { pipe: '' },
    ['it.pipe [string.min_len] needs at least 3 characters'],
  ],
  ['a required message', { type: 't.Address', rules: { required: true } }, undefined, ['it [required] must be set']],
  [
    'a deprecated field',
    { type: 'string', deprecated: 'warned' },
    'x',
    ['(warning) it [deprecated] is deprecated: Envoy takes it for now'],
  ],
  [
    'a deprecated field that Envoy refuses',
    { type: 'string', deprecated: 'refused' },
    'x',
    [
      "it [deprecated.refused] is deprecated, and Envoy refuses it; remove it, or set envoy.deprecated_features:t.Root.it to true in a static layer of Envoy's runtime",
    ],
  ],
  ['a deprecated scalar that is as if unset', { type: 'bool', deprecated: 'refused' }, false, []],
])('%s', (_, it, value, expected) => {
  expect(of(it, value)).toEqual(expected);
});

test.each([null, undefined, 'x', 1, [], new Date(0), () => 1])(
  'a root that is no object is one problem: %p',
  (root) => {
    const [problem, ...rest] = problems(root, modelOf(cluster));
    expect(rest).toEqual([]);
    expect(problem).toMatch(
      /^ \[message\] must be an object \(Root\), got (null|undefined|"x"|1|a list|a Date|a function)$/,
    );
  },
);

test('a list takes one value and lists within, which Envoy takes too', () => {
  const list: Field = { type: 't.Cluster', repeated: true, rules: { min_items: 1, max_items: 2 } };
  const a = { name: 'a' };
  expect(of(list, [a, { name: 'b' }])).toEqual([]);
  expect(of(list, a)).toEqual(['(warning) it [lenient.list] should be a list; put it into a list']);
  expect(of(list, [[a]])).toEqual(['(warning) it[0] [lenient.nested] should not be a list within a list']);
  expect(of(list, [null])).toEqual([
    '(warning) it[0] [lenient.null] should not be null; remove it',
    'it[0].name [string.min_len] needs at least 1 character',
  ]);
  expect(of(list, 5)).toEqual(['it [list] must be a list, got 5']);
  expect(of(list, [])).toEqual(['it [repeated.min_items] needs at least 1 item']);
  expect(of(list, undefined)).toEqual(['it [repeated.min_items] needs at least 1 item']);
  expect(of(list, [a, a, a])).toEqual(['it [repeated.max_items] may have 2 items at the most, has 3']);
  expect(of({ type: 'uint32', repeated: true, rules: { unique: true, items: { lt: 9 } } }, [1, 2, 1, 9])).toEqual([
    'it[3] [uint32.lt] must be less than 9, got 9',
    'it [repeated.unique] must not hold anything twice, got 1',
  ]);
});

test('a map has its keys and values checked', () => {
  const map: Field = {
    type: 'string',
    map: 'string',
    rules: { min_pairs: 1, keys: { min_len: 2 }, values: { max_len: 3 } },
  };
  expect(of(map, { ab: 'x' })).toEqual([]);
  expect(of(map, { a: 'long' })).toEqual([
    'it.a [map.keys.min_len] needs at least 2 characters, has 1',
    'it.a [string.max_len] may have 3 characters at the most, has 4',
  ]);
  expect(of(map, {})).toEqual(['it [map.min_pairs] needs at least 1 key']);
  expect(of(map, [])).toEqual(['it [map] must be an object, got a list']);
  expect(of({ type: 'bool', map: 'uint32' }, { 1: true, x: true })).toEqual([
    'it.x [map.key] must have a key of the type uint32, got "x"',
  ]);
});

test('an enum goes by name or number, in the version that has it', () => {
  const policy: Field = { type: 't.Policy', rules: { defined_only: true, not_in: [1] } };
  expect(of(policy, 'ROUND_ROBIN')).toEqual([]);
  expect(of(policy, 0)).toEqual([]);
  expect(of(policy, 'RANDOM')).toEqual(['it [enum.not_in] must be something else, got "RANDOM"']);
  expect(of(policy, 'round_robin')).toEqual([
    '(warning) it [lenient.string] should be in capital letters, got "round_robin"; write ROUND_ROBIN',
  ]);
  expect(of(policy, ' 0')).toEqual([
    '(warning) it [lenient.string] should be a name of Policy, got " 0"; write ROUND_ROBIN',
  ]);
  expect(of(policy, 'ROUNDROBIN')).toEqual([
    'it [enum] is not a value of Policy (did you mean \'ROUND_ROBIN\'?), got "ROUNDROBIN"; choose one of ROUND_ROBIN, RANDOM, OLD, OLDER',
  ]);
  expect(of(policy, 'MAGLEV')).toEqual(['it [version] MAGLEV needs Envoy 1.40 or later, this is checked for 1.39']);
  expect(of(policy, 'MAGLEV', '1.40')).toEqual([]);
  expect(of(policy, 9)).toEqual(['it [enum.defined_only] is no number of Policy, got 9']);
  expect(of({ type: 't.Policy' }, 9)).toEqual([]);
  expect(of(policy, true)).toEqual([
    'it [enum] must be a value of Policy, got true; choose one of ROUND_ROBIN, RANDOM, OLD, OLDER',
  ]);
  expect(of(policy, 'OLD')).toEqual(['(warning) it [deprecated] is deprecated: Envoy takes it for now']);
  expect(of(policy, 'OLDER')).toEqual([
    "it [deprecated.refused] is deprecated, and Envoy refuses it; remove it, or set envoy.deprecated_features:t.OLDER to true in a static layer of Envoy's runtime",
  ]);
});

test('what a message holds is met by its type, in the order of the text, as the .proto files spell it', () => {
  const model = modelOf({ type: 't.Extension', repeated: true, category: 'filters' });
  const any = { '@type': ROUTER, startChildSpan: true, bogus: 1 };
  const { messages } = walk(model, '1.39', { it: [{ name: 'a', typedConfig: any }, { name: null }] }, 't.Root');
  expect(messages('t.Extension')).toEqual([
    { value: { name: 'a', typed_config: { '@type': ROUTER, start_child_span: true } }, protoPath: ['it', 0] },
    { value: {}, protoPath: ['it', 1] },
  ]);
  expect(messages('t.Router')).toEqual([{ value: { start_child_span: true }, protoPath: ['it', 0, 'typed_config'] }]);
  expect(messages('t.Nothing')).toEqual([]);
});

test('translates a path by proto names into the spelling of the configuration', () => {
  const model = modelOf({ type: 't.Cluster', repeated: true });
  const written = (it: unknown, ...protoPath: Path) =>
    pathText(walk(model, '1.39', { it }, 't.Root').toWrittenPath(protoPath));
  const cluster = { connectTimeout: '1s' };
  expect(written([cluster], 'it', 0, 'connect_timeout')).toBe('it[0].connectTimeout');
  expect(written(cluster, 'it', 0, 'connect_timeout')).toBe('it.connectTimeout');
  expect(written([[{}], [[], cluster]], 'it', 1, 'connect_timeout')).toBe('it[1][1].connectTimeout');
  expect(written([{}, cluster], 'it', 0, 'connect_timeout')).toBe('it[0].connect_timeout');
  expect(written({ connectTimeout: '1s', connect_timeout: '2s' }, 'it', 0, 'connect_timeout')).toBe(
    'it.connect_timeout',
  );
});

test('what a message holds is given as Envoy understands it', () => {
  const understood = (it: Field, value: unknown) =>
    walk(modelOf(it), '1.39', { it: value }, 't.Root').messages('t.Root')[0]?.value.it;
  expect(understood({ type: 't.Policy' }, 1)).toBe('RANDOM');
  expect(understood({ type: 't.Policy' }, 'random')).toBe('RANDOM');
  expect(understood({ type: 't.Policy' }, 9)).toBe(9);
  expect(understood({ type: 'uint32' }, '0x10')).toBe(16);
  expect(understood({ type: 'uint64' }, '10')).toBe(10);
  expect(understood({ type: 'bool' }, 'yes')).toBe(true);
  expect(understood({ type: 'bytes' }, 'YWJj')).toBe('YWJj');
  expect(understood({ type: 'google.protobuf.UInt32Value' }, { value: '3' })).toBe(3);
  expect(understood({ type: 'google.protobuf.UInt32Value' }, {})).toBe(0);
  expect(understood({ type: 'google.protobuf.Duration' }, '1.5s')).toBe('1.5s');
  expect(understood({ type: 'google.protobuf.Duration' }, { seconds: 1, nanos: 5e8 })).toBe('1.5s');
  expect(understood({ type: 'string', repeated: true }, 'a')).toEqual(['a']);
  expect(understood({ type: 'uint32', repeated: true }, [['1', 2], 3])).toEqual([1, 2, 3]);
  expect(understood({ type: 't.Cluster', repeated: true }, { connectTimeout: '1s' })).toEqual([
    { connect_timeout: '1s' },
  ]);
  expect(understood({ type: 't.Policy', map: 'string' }, { a: 1 })).toEqual({ a: 'RANDOM' });
});
