import { walk } from '../../../envoy/check/walk/walk';
import type { Field, Model } from '../../../envoy/messages/schema/model';

/** The problem of a value, or the several; each was compared with what Envoy 1.39.3 says to the same. */
function of(it: Field, value: unknown): string[] {
  const model: Model = { versions: ['1.39'], messages: { Root: { fields: { it } } }, enums: {}, extensions: {} };
  return walk(model, '1.39', { it: value }, 'Root').problems.map(
    ({ severity, rule, message }) => `${severity} ${rule}: ${message}`,
  );
}

const taken = (type: string, ...values: unknown[]) =>
  expect(values.map((value) => of({ type }, value))).toEqual(values.map(() => []));
const lenient = (type: string, ...values: unknown[]) =>
  expect(values.map((value) => of({ type }, value).map((text) => text.split(':')[0]))).toEqual(
    values.map(() => ['warning lenient.string']),
  );
const refused = (type: string, rule: string, ...values: unknown[]) =>
  expect(values.map((value) => of({ type }, value).map((text) => text.split(':')[0]))).toEqual(
    values.map(() => [`error ${rule}`]),
  );

test('text is text', () => {
  taken('string', '', 'x', 'a\u0000b', '\u{1f600}');
  refused('string', 'string', true, 1, [], {}, ['x']);
  expect(of({ type: 'string' }, 80)).toEqual(['error string: must be a string, got 80; put it in quotes']);
  expect(of({ type: 'string' }, new Date(0))).toEqual(['error string: must be a string, got a Date']);
  expect(of({ type: 'google.protobuf.StringValue' }, 1.5)).toEqual([
    'error string: must be a string, got 1.5; put it in quotes',
  ]);
});

test('a bool is true or false, and Envoy takes words for it', () => {
  taken('bool', true, false);
  lenient('bool', 'True', 'FALSE', '0', '1', 't', 'f', 'yes', 'y', 'no', 'n');
  refused('bool', 'bool', 0, 1, '', 'on', 'off', ' 1', '1 ', [], {}, [true]);
  expect(of({ type: 'google.protobuf.BoolValue' }, 'yes')).toEqual([
    'warning lenient.string: should be true or false, got "yes"; write true',
  ]);
});

test('a whole number has its range, and Envoy takes text for it', () => {
  taken('uint32', 0, 1, 100.0, 4294967295);
  lenient('uint32', '1', '+1', '01', '08', '1e2', '0x10', '1.0', '-0');
  refused(
    'uint32',
    'uint32',
    -1,
    1.5,
    '',
    'x',
    '1.5',
    'true',
    ' 1',
    '1 ',
    '-1',
    4294967296,
    1e300,
    'NaN',
    true,
    [],
    {},
    [1],
  );
  refused('uint32', 'uint32', Number.NaN, Number.POSITIVE_INFINITY);
  taken('int32', -2147483648, 2147483647);
  refused('int32', 'int32', -2147483649, 2147483648);
  expect(of({ type: 'uint32' }, 4294967296)).toEqual(['error uint32: must be from 0 to 4294967295, got 4294967296']);
  expect(of({ type: 'uint32' }, '0x10')).toEqual(['warning lenient.string: should be a number, got "0x10"; write 16']);
});

test('64 bits are properly written as text', () => {
  taken('uint64', '18446744073709551615', 1e15, '0');
  lenient('uint64', '-0x0', '0x1F', '1e1', '+5');
  refused('uint64', 'uint64', '18446744073709551616', 2e19, '-1', '', ' 1', '1_000', '1e', '1e0.5');
  taken('int64', '-9223372036854775808', '9223372036854775807');
  refused('int64', 'int64', '9223372036854775808');
});

test('a number with a fraction', () => {
  taken('double', 0, -1.5, 1e300, 'NaN', 'Infinity', '-Infinity');
  lenient('double', '1.5', ' 1', '1 ', '+1', '1e2', '0x10');
  refused('double', 'double', '', 'x', true, [], {}, Number.NaN);
  refused('float', 'float', 1e39);
  expect(of({ type: 'float' }, 1e39)).toEqual(['error float: must be within the range of 32 bits, got 1e+39']);
});

test('bytes are base64, of both alphabets, with or without padding', () => {
  taken('bytes', '', 'YQ==', 'YQ', 'YWI', 'YWJj', '_-8=', '/+8=', 'YR==');
  refused('bytes', 'bytes', 'YQ=', 'YQ==\n', 'Y Q==', 'a', 'ab!', 'YQ===', '====', '=YQ=', 'YQ==YQ==', 1);
  expect(of({ type: 'bytes', rules: { min_len: 3 } }, 'YWI=')).toEqual([
    'error bytes.min_len: needs at least 3 bytes, has 2',
  ]);
});

test('a duration is seconds', () => {
  taken('google.protobuf.Duration', '0s', '1.5s', '0.000000001s', '1.123456789s', '01s', '9223372035s');
  refused(
    'google.protobuf.Duration',
    'duration',
    1,
    '',
    '1',
    '1.1234567890s',
    '1.s',
    '.5s',
    '+1s',
    '1e3s',
    ' 1s',
    '1S',
    '5m',
    [],
  );
  refused('google.protobuf.Duration', 'duration.negative', '-1s', '-0.5s');
  refused('google.protobuf.Duration', 'duration.long', '9223372036s', '315576000001s');
  expect(of({ type: 'google.protobuf.Duration' }, '5m')).toEqual([
    "error duration: must be seconds with an 's' behind, got \"5m\"; write for example '300s'",
  ]);
  expect(of({ type: 'google.protobuf.Duration' }, 250)).toEqual([
    "error duration: must be seconds with an 's' behind, got 250; write for example '250s'",
  ]);
  expect(of({ type: 'google.protobuf.Duration' }, '250ms')).toEqual([
    "error duration: must be seconds with an 's' behind, got \"250ms\"; write for example '0.25s'",
  ]);
  expect(of({ type: 'google.protobuf.Duration', rules: { gt: 0, lt: 10 } }, '0s')).toEqual([
    'error duration.gt: must be more than 0s, got "0s"',
  ]);
});

test('Envoy takes the message itself where JSON has text or a bare value for it', () => {
  const warning = (name: string) => `warning lenient.object: should be the value itself, and no object of ${name}`;
  expect(of({ type: 'google.protobuf.Duration', rules: { gt: 1 } }, { seconds: 1, nanos: 5 })).toEqual([
    warning('Duration'),
  ]);
  expect(of({ type: 'google.protobuf.Duration', rules: { gt: 1 } }, { seconds: 1 })).toEqual([
    warning('Duration'),
    'error duration.gt: must be more than 1s, got "1s"',
  ]);
  expect(of({ type: 'google.protobuf.UInt32Value' }, {})).toEqual([warning('UInt32Value')]);
  expect(of({ type: 'google.protobuf.UInt32Value', rules: { gt: 0 } }, { value: 1 })).toEqual([warning('UInt32Value')]);
  expect(of({ type: 'google.protobuf.UInt32Value', rules: { gt: 0 } }, { value: 0 })).toEqual([
    warning('UInt32Value'),
    'error uint32.gt: must be more than 0, got 0',
  ]);
  expect(of({ type: 'google.protobuf.UInt32Value' }, { bogus: 1 })).toEqual([
    warning('UInt32Value'),
    'error unknown-field: is not a field of UInt32Value',
  ]);
});

test('a type that the model lacks is not judged', () => {
  taken('google.protobuf.NullValue', 'NULL_VALUE', 0, {});
});

test('times, masks, and what JSON can say', () => {
  taken('google.protobuf.Timestamp', '2030-01-31T12:00:00Z', '2030-01-31T12:00:00.5+01:00');
  refused('google.protobuf.Timestamp', 'timestamp', '2030-01-31', 1, new Date(0), '2030-01-31T12:00:00z');
  taken('google.protobuf.FieldMask', 'a,b.c', '');
  refused('google.protobuf.FieldMask', 'field-mask', 1, ['a']);
  taken('google.protobuf.Struct', {}, { a: [null, { b: 1.5 }, [[]]], __c: 'x' });
  refused('google.protobuf.Struct', 'json', 'x', 1, [], true);
  taken('google.protobuf.Value', 1, 'x', true, [], {});
  taken('google.protobuf.ListValue', [], [1, [null]]);
  refused('google.protobuf.ListValue', 'json', 1, 'x');
  expect(of({ type: 'google.protobuf.Struct' }, { a: { b: () => 1 } })).toEqual([
    'error json: must be what JSON has: text, a number, true, false or null, got a function',
  ]);
  taken('google.protobuf.Empty', {});
  expect(of({ type: 'google.protobuf.Empty' }, { a: 1 })).toEqual([
    'error unknown-field: is not a field of Empty, which has none',
  ]);
});

test.each<[Field['rules'] & object, string, string[]]>([
  [{ min_len: 2, max_len: 3 }, '\u{1f600}', ['string.min_len: needs at least 2 characters, has 1']],
  [{ max_len: 1 }, '\u{1f600}', []],
  [{ len: 2 }, 'abc', ['string.len: may have 2 characters at the most, has 3']],
  [{ max_bytes: 3 }, '\u{1f600}', ['string.max_bytes: may have 3 bytes at the most, has 4']],
  [{ min_bytes: 3 }, '\u20ac', []],
  [{ pattern: '^[a-z]+$' }, 'a1', ['string.pattern: must match ^[a-z]+$, got "a1"']],
  [{ pattern: 'a|b' }, 'ac', ['string.pattern: must match a|b, got "ac"']],
  [{ pattern: '(?i)a' }, 'never read by JavaScript', []],
  [{ prefix: 'a' }, 'b', ['string.prefix: must begin with \'a\', got "b"']],
  [{ suffix: 'a' }, 'b', ['string.suffix: must end with \'a\', got "b"']],
  [{ contains: 'a' }, 'b', ['string.contains: must hold \'a\', got "b"']],
  [{ not_contains: 'b' }, 'b', ['string.not_contains: must not hold \'b\', got "b"']],
  [{ in: ['a', 'c'] }, 'b', ['string.in: must be one of a, c, got "b"']],
  [{ const: 'a' }, 'b', ['string.const: must be a, got "b"']],
  [{ ignore_empty: true, min_len: 3 }, '', []],
  [{ well_known: 'HTTP_HEADER_NAME' }, ':path', []],
  [{ well_known: 'HTTP_HEADER_NAME' }, 'x a', ['string.well_known: must be the name of a header, got "x a"']],
  [{ well_known: 'HTTP_HEADER_NAME' }, '', ['string.well_known: must be the name of a header, got ""']],
  [{ well_known: 'HTTP_HEADER_NAME', strict: false }, 'x a', []],
  [{ well_known: 'HTTP_HEADER_NAME', strict: false }, '', []],
  [
    { well_known: 'HTTP_HEADER_NAME', strict: false },
    'a\n',
    ['string.well_known: must not hold NUL, CR or LF, got "a\\n"'],
  ],
  [{ well_known: 'HTTP_HEADER_VALUE' }, 'a\tb', []],
  [
    { well_known: 'HTTP_HEADER_VALUE' },
    'a\u0001',
    ['string.well_known: must not hold control characters, got "a\\u0001"'],
  ],
])('text by the rules %j: %j', (rules, value, expected) => {
  expect(of({ type: 'string', rules }, value)).toEqual(expected.map((text) => `error ${text}`));
});

test('numbers by their rules, and those that are not set', () => {
  const number = (rules: Field['rules'] & object, value: unknown) => of({ type: 'uint32', rules }, value);
  expect(number({ lte: 65535 }, 70000)).toEqual(['error uint32.lte: must be 65535 at the most, got 70000']);
  expect(number({ gte: 5 }, 4)).toEqual(['error uint32.gte: must be 5 at the least, got 4']);
  expect(number({ gt: 10, lt: 5 }, 7)).toEqual(['error uint32.range: must not be from 5 to 10, got 7']);
  expect(number({ gt: 10, lt: 5 }, 3)).toEqual([]);
  expect(number({ gt: 0 }, undefined)).toEqual(['error uint32.gt: must be more than 0, and is 0 where it is not set']);
  expect(of({ type: 'google.protobuf.UInt32Value', rules: { gt: 0 } }, undefined)).toEqual([]);
  expect(of({ type: 'uint64', rules: { lte: 10 } }, '11')).toEqual([
    'error uint64.lte: must be 10 at the most, got "11"',
  ]);
  expect(of({ type: 'bool', rules: { const: true } }, false)).toEqual(['error bool.const: must be true, got false']);
  expect(of({ type: 'double', rules: { gte: 0 } }, 'NaN')).toEqual([]);
});

test('long text is cut, and a secret is not told', () => {
  expect(of({ type: 'bool' }, 'x'.repeat(100))).toEqual([
    `error bool: must be true or false, got "${'x'.repeat(57)}"...`,
  ]);
  const model: Model = {
    versions: ['1.39'],
    messages: { Root: { fields: { client_secret: { type: 'string' }, inline_bytes: { type: 'bytes' } } } },
    enums: {},
    extensions: {},
  };
  expect(
    walk(model, '1.39', { client_secret: 123, inlineBytes: 'ab!' }, 'Root').problems.map(({ message }) => message),
  ).toEqual([
    'must be a string, got something that is kept secret; put it in quotes',
    'must be base64, got something that is kept secret',
  ]);
});
