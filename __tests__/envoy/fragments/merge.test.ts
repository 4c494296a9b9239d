import * as fc from 'fast-check';
import { merge, ownerOf } from '../../../envoy/fragments/merge';

function merged(...values: object[]): object {
  return merge(values.map((value, index) => ({ by: `part ${index}`, value })));
}

test('lists append, in the order of the parts', () => {
  expect(merged({ a: [1, 2] }, { a: [2, 3] })).toEqual({ a: [1, 2, 2, 3] });
});

const breakers = (...thresholds: object[]) => ({ circuit_breakers: { thresholds } });

test('bounds of circuit breakers merge by their priority, of which Envoy reads the first entry alone', () => {
  expect(
    merged(
      breakers({ max_retries: 1 }, { priority: 'HIGH', max_retries: 2 }),
      breakers({ priority: 'HIGH', max_requests: 3 }, { priority: 'DEFAULT', max_requests: 4 }),
      breakers({ max_connections: 5 }),
    ),
  ).toEqual(
    breakers(
      { max_retries: 1, max_requests: 4, max_connections: 5 },
      { priority: 'HIGH', max_retries: 2, max_requests: 3 },
    ),
  );
});

test('what one part says twice stays as it is', () => {
  const twice = breakers({ max_retries: 1 }, { max_retries: 2 });
  expect(merged(twice)).toEqual(twice);
});

test('a bound set twice names both', () => {
  expect(() => merged(breakers({ max_retries: 1 }), breakers({ track_remaining: true, max_retries: 2 }))).toThrow(
    new Error(
      'circuit_breakers.thresholds.0.max_retries is set by part 0 to 1 and by part 1 to 2; set it in one of them',
    ),
  );
});

test('each bound has the owner who set it', () => {
  const root = merge<object>([
    { by: 'retries', value: breakers({ max_retries: 1 }) },
    { by: 'circuitBreaker', value: breakers({ max_requests: 2 }, { priority: 'HIGH' }) },
  ]);
  const owner = (...path: (string | number)[]) => ownerOf(root, ['circuit_breakers', 'thresholds', ...path]);
  expect([owner(0, 'max_retries'), owner(0, 'max_requests'), owner(1)]).toEqual([
    'retries',
    'circuitBreaker',
    'circuitBreaker',
  ]);
});

test('objects merge at every depth, and keep the order in which their keys came', () => {
  const result = merged({ a: { b: { c: 1 } } }, { d: 2, a: { b: { e: [3] } } }, { a: { b: { e: [4] } } });
  expect(JSON.stringify(result)).toBe('{"a":{"b":{"c":1,"e":[3,4]}},"d":2}');
});

test('what is undefined is not set', () => {
  expect(merged({ a: undefined }, { a: 1 }, { a: undefined })).toStrictEqual({ a: 1 });
});

test('an empty object is something', () => {
  expect(merged({ a: {} })).toStrictEqual({ a: {} });
});

test('the parts stay as they were', () => {
  const parts = [{ a: { b: [1] } }, { a: { b: [2], c: {} } }, { a: { c: { d: 1 } } }];
  const before = structuredClone(parts);
  merged(...parts);
  expect(parts).toEqual(before);
});

test('a value set twice names both, the path and both values', () => {
  const twice = () =>
    merge<object>([
      { by: 'timeouts', value: { options: { idle: '5s' } } },
      { by: 'limits', value: { options: { idle: '6s' } } },
    ]);
  expect(twice).toThrow(
    new Error('options.idle is set by timeouts to "5s" and by limits to "6s"; set it in one of them'),
  );
});

test.each<[string, object, object, string]>([
  ['the same value', { a: 1 }, { a: 1 }, 'a is set by part 0 to 1 and by part 1 to 1; set it in one of them'],
  [
    'false after true',
    { a: true },
    { a: false },
    'a is set by part 0 to true and by part 1 to false; set it in one of them',
  ],
  ['a list after a value', { a: 1 }, { a: [1] }, 'a is set by part 0 to 1 and by part 1 to [1]; set it in one of them'],
  [
    'a list after an object',
    { a: { b: 1 } },
    { a: [1] },
    'a is set by part 0 to {"b":1} and by part 1 to [1]; set it in one of them',
  ],
  [
    'a value inside a value',
    { a: 0 },
    { a: { b: 1 } },
    'a is set by part 0 to 0 and by part 1 to {"b":1}; set it in one of them',
  ],
])('%s is a value set twice', (_, first, second, message) => {
  expect(() => merged(first, second)).toThrow(new Error(message));
});

test('the first to set a value inside an object is named, not the first to set another one', () => {
  expect(() => merged({ a: { b: 1 } }, { a: { c: 2 } }, { a: { c: 3 } })).toThrow(
    new Error('a.c is set by part 1 to 2 and by part 2 to 3; set it in one of them'),
  );
});

test.each(['constructor', 'toString', 'valueOf', 'hasOwnProperty'])('%s is a key like any other', (key) => {
  expect(merged({ a: { [key]: 1 } }, { a: { b: 2 } })).toStrictEqual({ a: { [key]: 1, b: 2 } });
  expect(() => merged({ [key]: 1 }, { [key]: 2 })).toThrow(
    new Error(`${key} is set by part 0 to 1 and by part 1 to 2; set it in one of them`),
  );
});

test('one part comes out as it went in', () => {
  const object = fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), fc.jsonValue());
  fc.assert(
    fc.property(object, (value) => expect(merged(value)).toEqual(value)),
    { seed: 1 },
  );
});
