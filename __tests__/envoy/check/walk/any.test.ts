import { walk } from '../../../../envoy/check/walk/walk';
import { pathText } from '../../../../envoy/messages/path';
import type { Field, Model } from '../../../../envoy/messages/schema/model';

const model: Model = {
  versions: ['1.38', '1.39', '1.40'],
  messages: {
    'a.Root': { fields: { filter: { type: 'a.Filter' }, upstream: { type: 'a.Filter', category: 'upstream' } } },
    'a.Filter': {
      fields: { name: { type: 'string' }, typed_config: { type: 'google.protobuf.Any', category: 'http' } },
    },
    'a.http.Router': { fields: { max: { type: 'uint32' }, child: { type: 'google.protobuf.Any' } } },
    'a.http.Lua': { since: 2, fields: {} },
    'a.tls.Tls': { fields: {} },
    'xds.type.v3.TypedStruct': {
      fields: { type_url: { type: 'string' }, value: { type: 'google.protobuf.Struct' } },
    },
  },
  enums: {},
  extensions: {
    http: { 'a.http.Router': {}, 'a.http.Lua': { since: 2 } },
    upstream: { 'a.http.Router': { since: 2 } },
    tls: { 'a.tls.Tls': {} },
  },
};
const PREFIX = 'type.googleapis.com/';
const ROUTER = `${PREFIX}a.http.Router`;

function problems(root: unknown, version = '1.39'): string[] {
  return walk(model, version, root, 'a.Root').problems.map(
    ({ path, rule, message }) => `${pathText(path)} [${rule}] ${message}`,
  );
}

const of = (typed_config: unknown, version?: string) => problems({ filter: { typed_config } }, version);
const AT = 'filter.typed_config';

test.each<[string, unknown, string[]]>([
  ['its type and fields', { '@type': ROUTER, max: 1 }, []],
  ['its type behind the fields', { max: 1, '@type': ROUTER }, []],
  ['any prefix', { '@type': 'https://a.example/b/a.http.Router' }, []],
  [
    'no prefix',
    { '@type': 'a.http.Router', max: 'x' },
    [
      `${AT}["@type"] [any.prefix] needs a prefix, got "a.http.Router"; write 'type.googleapis.com/a.http.Router'`,
      `${AT}.max [uint32] must be a whole number, got "x"`,
    ],
  ],
  [
    'an empty prefix',
    { '@type': '/a.http.Router' },
    [`${AT}["@type"] [any.prefix] needs a prefix, got "/a.http.Router"; write 'type.googleapis.com/a.http.Router'`],
  ],
  ['no type', { max: 1 }, [`${AT} [any.missing] needs '@type', the name of the message that it is`]],
  ['no object', [], [`${AT} [any] must be an object with '@type', got a list`]],
  ['a type that is no text', { '@type': 1 }, [`${AT}["@type"] [any.type] must be a string, got 1`]],
  [
    'an unknown type',
    { '@type': `${PREFIX}a.http.Ruoter` },
    [`${AT}["@type"] [any.unknown] is not a type of Envoy 1.39 (did you mean 'a.http.Router'?), got "a.http.Ruoter"`],
  ],
  [
    'a type of another package',
    { '@type': `${PREFIX}something.else.entirely.http.v2.Router` },
    [
      `${AT}["@type"] [any.unknown] is not a type of Envoy 1.39 (did you mean 'a.http.Router'?), got "something.else.entirely.http.v2.Router"`,
    ],
  ],
  [
    'a type that Protocol Buffers do not have',
    { '@type': `${PREFIX}google.protobuf.Nothing` },
    [`${AT}["@type"] [any.unknown] is not a type of Envoy 1.39, got "google.protobuf.Nothing"`],
  ],
  [
    'a type of a later version',
    { '@type': `${PREFIX}a.http.Lua` },
    [`${AT}["@type"] [version] Lua needs Envoy 1.40 or later, this is checked for 1.39`],
  ],
  [
    'an extension of another category, of which nothing more is said',
    { '@type': `${PREFIX}a.tls.Tls`, bogus: 1 },
    [
      `${AT}["@type"] [any.category] must be an extension of the category http, and Tls is one of tls; choose one of a.http.Router`,
    ],
  ],
  [
    'what is no extension',
    { '@type': `${PREFIX}google.protobuf.Struct`, value: {} },
    [
      `${AT}["@type"] [any.category] must be an extension of the category http, and Struct is no extension; choose one of a.http.Router`,
    ],
  ],
  [
    'an Any in an Any',
    { '@type': ROUTER, child: { '@type': ROUTER, maxi: 1 } },
    [`${AT}.child.maxi [unknown-field] is not a field of Router (did you mean 'max'?)`],
  ],
  [
    'what has text or a bare value in JSON stands in value',
    { '@type': ROUTER, child: { '@type': `${PREFIX}google.protobuf.UInt32Value`, value: -1, more: 1 } },
    [
      `${AT}.child.value [uint32] must be from 0 to 4294967295, got -1`,
      `${AT}.child.more [unknown-field] is not a field: a google.protobuf.UInt32Value stands in 'value' here`,
    ],
  ],
  ['an Any that is null', { '@type': ROUTER, child: null }, []],
])('an Any: %s', (_, value, expected) => {
  expect(of(value)).toEqual(expected);
});

test('@type belongs into an Any alone', () => {
  expect(problems({ filter: { '@type': ROUTER } })).toEqual([
    'filter["@type"] [unknown-field] is not a field of Filter',
  ]);
});

test('an extension in a field with a category of its own', () => {
  const upstream = { typed_config: { '@type': ROUTER } };
  expect(problems({ upstream })).toEqual([
    'upstream.typed_config["@type"] [version] Router needs Envoy 1.40 or later, this is checked for 1.39',
  ]);
  expect(problems({ upstream }, '1.40')).toEqual([]);
});

test('a TypedStruct is checked as what it says to be', () => {
  const struct = { '@type': `${PREFIX}xds.type.v3.TypedStruct`, type_url: ROUTER };
  expect(of({ ...struct, value: { max: 1 } })).toEqual([]);
  expect(of(struct)).toEqual([]);
  expect(of({ ...struct, value: { maxx: 1 } })).toEqual([
    `${AT}.value.maxx [unknown-field] is not a field of Router (did you mean 'max'?)`,
  ]);
  expect(of({ ...struct, type_url: `${PREFIX}a.tls.Tls` })).toEqual([
    `${AT}.type_url [any.category] must be an extension of the category http, and Tls is one of tls; choose one of a.http.Router`,
  ]);
  expect(of({ '@type': struct['@type'], value: {} })).toEqual([
    `${AT} [any.missing] needs type_url, the name of the message that value is`,
  ]);
  const { messages } = walk(model, '1.39', { filter: { typed_config: { ...struct, value: { max: 7 } } } }, 'a.Root');
  expect(messages('a.http.Router')).toEqual([{ value: { max: 7 }, protoPath: ['filter', 'typed_config', 'value'] }]);
});

const TEXT = '${TfToken[TOKEN.0]}';
const FAULT = 'reference: must be known when it is synthesized, got a Terraform reference; write it as a literal';

test.each<[string, Field, unknown, string[]]>([
  ['text', { type: 'string', rules: { min_len: 99, prefix: 'x', well_known: 'HTTP_HEADER_NAME' } }, TEXT, []],
  ['bytes', { type: 'bytes', rules: { min_len: 99 } }, TEXT, []],
  ['a wrapper of text', { type: 'google.protobuf.StringValue', rules: { min_len: 99 } }, TEXT, []],
  ['text of a list', { type: 'string', repeated: true }, ['a', TEXT], []],
  [
    'text of a map, and its keys',
    { type: 'string', map: 'string', rules: { keys: { min_len: 99 } } },
    { [TEXT]: TEXT },
    [],
  ],
  ['text in free JSON', { type: 'google.protobuf.Struct' }, { a: [TEXT], [TEXT]: 1 }, []],
  ['a number', { type: 'uint32' }, TEXT, [`it ${FAULT}`]],
  ['a number as a number', { type: 'uint32' }, -1.8881545897087503e289, [`it ${FAULT}`]],
  ['text as a number', { type: 'string' }, -1.8881545897087503e289, [`it ${FAULT}`]],
  ['a bool', { type: 'bool' }, TEXT, [`it ${FAULT}`]],
  ['a wrapped bool', { type: 'google.protobuf.BoolValue' }, TEXT, [`it ${FAULT}`]],
  ['a duration', { type: 'google.protobuf.Duration', rules: { gt: 0 } }, `${TEXT}s`, [`it ${FAULT}`]],
  ['an enum', { type: 'Policy' }, TEXT, [`it ${FAULT}`]],
  ['a message', { type: 'Root' }, { '&{TfToken[TOKEN.0]}': 'x' }, [`it ${FAULT}`]],
  ['a key of a message', { type: 'Root' }, { [TEXT]: 'x' }, [`it["${TEXT}"] ${FAULT}`]],
  ['a list', { type: 'string', repeated: true }, ['#{TfToken[TOKEN.0]}'], [`it ${FAULT}`]],
  ['a map', { type: 'string', map: 'string' }, { '&{TfToken[TOKEN.0]}': 'x' }, [`it ${FAULT}`]],
  ['a number in free JSON', { type: 'google.protobuf.Struct' }, { a: -1e289 }, [`it.a ${FAULT}`]],
  ['an Any', { type: 'google.protobuf.Any' }, { '@type': TEXT }, [`it["@type"] ${FAULT}`]],
])('what only Terraform knows, in place of %s', (_, it, value, expected) => {
  const simple: Model = {
    versions: ['1.39'],
    messages: { Root: { fields: { it } } },
    enums: { Policy: { values: { A: { number: 0 } } } },
    extensions: {},
  };
  expect(
    walk(simple, '1.39', { it: value }, 'Root').problems.map(
      ({ path, rule, message }) => `${pathText(path)} ${rule}: ${message}`,
    ),
  ).toEqual(expected);
});
