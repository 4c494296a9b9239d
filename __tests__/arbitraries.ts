import fc from 'fast-check';

/** Arbitraries for values of many options: small, large and at the limits. */
export const count = (most: number) =>
  fc.oneof(
    fc.integer({ min: 1, max: most }),
    fc.constantFrom(1, most),
    fc.integer({ min: 1, max: Math.min(most, 100) }),
  );

export const duration = (least: number) =>
  fc.oneof(
    fc.integer({ min: least, max: 9_999 }).map((value) => `${value}ms` as const),
    fc.integer({ min: least, max: 600 }).map((value) => `${value}s` as const),
    fc.constantFrom('1.5s', '0.001s', '2m', '24h', '8760h' as const),
  );

export const size = fc.oneof(
  fc.integer({ min: 1, max: 4_095 }).map((value) => `${value}KiB` as const),
  fc.integer({ min: 1, max: 4_095 }).map((value) => `${value}MiB` as const),
  fc.constantFrom('0.5MiB', '1.5GiB' as const),
);

export const networks = fc.uniqueArray(fc.constantFrom('10.0.0.0/8', '192.168.1.5/32', 'fd00::/8', '::1/128'), {
  minLength: 1,
});

export const rate = fc
  .tuple(count(1_000_000_000), fc.constantFrom('s', 'min', 'hour', 'day' as const))
  .map(([requests, unit]) => `${requests}/${unit}` as const);
