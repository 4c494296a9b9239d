import {
  HARDENED_SETTINGS,
  LOG_ROTATION,
  toCpuLimit,
  toDockerDuration,
  toMemoryLimit,
} from '../../../lib/docker/container-settings';

test('hardened is without capabilities, ways to gain any, and an endless number of processes', () => {
  expect(HARDENED_SETTINGS).toEqual({
    capabilities: { drop: ['ALL'] },
    securityOpts: ['no-new-privileges:true'],
    ulimit: [{ name: 'nproc', soft: 4096, hard: 4096 }],
  });
});

test('logs end at 30 MB', () => {
  expect(LOG_ROTATION).toEqual({ logDriver: 'json-file', logOpts: { 'max-size': '10m', 'max-file': '3' } });
});

describe('memoryLimit', () => {
  test.each([
    ['256MiB', 256],
    ['0.5GiB', 512],
    ['6144KiB', 6],
  ] as const)('%s is %d MiB, and no swap', (value, megabytes) => {
    expect(toMemoryLimit('memory', value)).toEqual({ memory: megabytes, memorySwap: megabytes });
  });

  test.each(['5MiB', '6.5MiB', '7000KiB'] as const)('refuses %s', (value) => {
    expect(() => toMemoryLimit('memory', value)).toThrow(
      new Error(`memory must be whole MiB, and 6MiB at least, got "${value}"; write for example '256MiB'`),
    );
  });
});

describe('cpuLimit', () => {
  test('is written as Docker writes it', () => {
    expect([toCpuLimit('cpus', 0.5), toCpuLimit('cpus', 2)]).toEqual(['0.5', '2']);
  });

  test.each([0, -1, Number.POSITIVE_INFINITY, Number.NaN])('refuses %d', (value) => {
    expect(() => toCpuLimit('cpus', value)).toThrow('cpus must be a number of cores above zero, got ');
  });
});

test.each([
  [0, '0s'],
  [1, '1ms'],
  [999, '999ms'],
  [1000, '1s'],
  [1500, '1.5s'],
  [60_000, '1m0s'],
  [61_500, '1m1.5s'],
  [3_600_000, '1h0m0s'],
  [3_725_000, '1h2m5s'],
])('%d ms is written %s, as Docker gives it back', (milliseconds, written) => {
  expect(toDockerDuration(milliseconds)).toBe(written);
});
