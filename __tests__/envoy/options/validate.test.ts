import { inspect } from 'node:util';
import {
  type Bytes,
  bytes,
  type Duration,
  integer,
  milliseconds,
  port,
  positiveSeconds,
  seconds,
} from '../../../envoy/options/units';
import { headerName, invalidOption, oneOf, refuseUnknown, urlPath, within } from '../../../envoy/options/validate';

function thrownBy(call: () => void): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing is refused');
}

describe('invalidOption', () => {
  test('says where, what is wrong, what it was and what to do', () => {
    expect(() => invalidOption('a.b', 'is wrong', { c: 'd' }, 'mend it')).toThrow(
      new Error('a.b is wrong, got {"c":"d"}; mend it'),
    );
  });

  test.each([
    [undefined, 'undefined'],
    [Number.NaN, 'NaN'],
    [() => 1, 'the function without a name'],
    ['${TfToken[TOKEN.1]}', '"${TfToken[TOKEN.1]}" (known only to Terraform when it applies)'],
    ['', '""'],
  ])('shows %p as %s', (got, shown) => {
    expect(() => invalidOption('a', 'is wrong', got, 'mend it')).toThrow(
      new Error(`a is wrong, got ${shown}; mend it`),
    );
  });
});

test('a refusal has no fields of its own that Node would print below the message', () => {
  const refusal = () => within('routes[0].', () => invalidOption('a', 'is wrong', 'text', 'mend it'));
  expect(inspect(thrownBy(refusal)).match(/is wrong/g)).toHaveLength(1);
  expect(Object.keys(thrownBy(refusal))).toEqual([]);
});

describe('refuseUnknown', () => {
  test('is content with nothing left', () => {
    expect(() => refuseUnknown('a', {})).not.toThrow();
  });

  test.each([
    ['a.b', 'a.b.extra is not an option, got 1; remove it'],
    ['', 'extra is not an option, got 1; remove it'],
  ])('names what is left at path %j', (path, message) => {
    expect(() => refuseUnknown(path, { extra: 1 } as never)).toThrow(new Error(message));
  });
});

describe('durations', () => {
  test.each<[Duration, number, string]>([
    ['250ms', 250, '0.25s'],
    ['1.5s', 1500, '1.5s'],
    ['5m', 300_000, '300s'],
    ['1h', 3_600_000, '3600s'],
    ['0s', 0, '0s'],
    ['0.1s', 100, '0.1s'],
    ['1.1s', 1100, '1.1s'],
    ['1.005s', 1005, '1.005s'],
    ['8.2m', 492_000, '492s'],
    ['8760h', 31_536_000_000, '31536000s'],
  ])('%s is %d ms, for Envoy %s', (duration, inMilliseconds, forEnvoy) => {
    expect(milliseconds('a', duration)).toBe(inMilliseconds);
    expect(seconds('a', duration)).toBe(forEnvoy);
  });

  test.each(['5', '', 's', '-1s', '1d', '1 s', '1S', '.5s', '1e3s', '0x1s', 'Infinitys', ' 1s', '1s\n', 5])(
    'refuses %j',
    (duration) => {
      expect(() => milliseconds('a.b', duration as never)).toThrow(
        new Error(
          `a.b must be a number with a unit (ms, s, m or h), got ${JSON.stringify(duration)}; write for example '250ms' or '15s'`,
        ),
      );
    },
  );

  test.each(['0.5ms', '0.0001s', '8761h', '99999999999999999999999h'] as const)('refuses %s', (duration) => {
    expect(() => milliseconds('a.b', duration)).toThrow(
      new Error(
        `a.b must be whole milliseconds, and a year at the most, got "${duration}"; write for example '250ms' or '15s'`,
      ),
    );
  });

  test('refuses nothing at all where Envoy needs more', () => {
    expect(positiveSeconds('a', '1ms')).toBe('0.001s');
    expect(() => positiveSeconds('a', '0h')).toThrow(
      new Error(`a must be longer than zero, got "0h"; write for example '1s'`),
    );
  });
});

describe('bytes', () => {
  test.each<[Bytes, number]>([
    ['32KiB', 32_768],
    ['256MiB', 268_435_456],
    ['1.5GiB', 1_610_612_736],
  ])('%s is %d', (amount, count) => {
    expect(bytes('a', amount)).toBe(count);
  });

  test.each(['0MiB', '256', '256MB', '256mib', '-1MiB', '1e3KiB', '', 256])('refuses %j', (amount) => {
    expect(() => bytes('a', amount as never)).toThrow(
      new Error(
        `a must be a number above zero with a unit (KiB, MiB or GiB), got ${JSON.stringify(amount)}; write for example '256MiB'`,
      ),
    );
  });
});

describe('whole numbers', () => {
  test('both bounds are included', () => {
    expect([integer('a', 2, 2, 4), integer('a', 4, 2, 4)]).toEqual([2, 4]);
    expect([port('a', 1), port('a', 65_535)]).toEqual([1, 65_535]);
  });

  test.each([
    [1, '1'],
    [5, '5'],
    [2.5, '2.5'],
    ['3', '"3"'],
    [Number.NaN, 'NaN'],
    [undefined, 'undefined'],
  ])('refuses %p', (value, shown) => {
    expect(() => integer('a', value as never, 2, 4)).toThrow(
      new Error(`a must be a whole number from 2 to 4, got ${shown}; write it as a literal number in that range`),
    );
  });

  test.each([0, -1, 65_536, 80.5])('refuses the port %d', (value) => {
    expect(() => port('a', value)).toThrow(
      new Error(`a must be a whole number from 1 to 65535, got ${value}; write it as a literal number in that range`),
    );
  });
});

describe('words and paths', () => {
  test('oneOf knows its words', () => {
    expect(oneOf('a', 'x', ['x', 'y'])).toBe('x');
    expect(() => oneOf('a', 'z', ['x', 'y'])).toThrow(
      new Error(`a must be one of 'x', 'y', got "z"; choose one of these`),
    );
  });

  test.each(['/', '/health', '/health?deep=1&x=%20'])('%s is the path of a URL', (path) => {
    expect(urlPath('a', path)).toBe(path);
  });

  test.each(['', 'health', 'http://api/health', '/a b', '/a\n', '/#top', '/ü', '/\u0000'])('%j is not', (path) => {
    expect(() => urlPath('a', path)).toThrow(
      new Error(
        `a must start with '/' and hold no space, no '#' and ASCII alone, got ${JSON.stringify(path)}; write for example '/health'`,
      ),
    );
  });
});

describe('headerName', () => {
  test('is in small letters, as Envoy compares it', () => {
    expect(headerName('a', 'X-API-Key')).toBe('x-api-key');
  });

  test.each(['', 'x key', ':path', 'x"key'])('refuses %j', (name) => {
    expect(() => headerName('a', name)).toThrow(
      new Error(`a must be the name of a header, got ${JSON.stringify(name)}; write for example 'x-api-key'`),
    );
  });
});
