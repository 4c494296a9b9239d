import { attackBackend, type Result } from './attack';
import { BACKENDS } from './backends';

jest.setTimeout(600_000);

const all: (Result & { readonly backend: string })[] = [];

test.each(BACKENDS)('no other spelling reaches a denied path or host of %s', async (backend) => {
  const results = await attackBackend(backend, true);
  all.push(...results.map((result) => ({ backend, ...result })));
  expect(results.flatMap(({ reached }) => reached)).toEqual([]);
  // Otherwise the spellings would test nothing.
  expect(results.reduce((sum, { readAsDenied }) => sum + readAsDenied, 0)).toBeGreaterThan(100);
});

test('every back end received every spelling', () => {
  const requests = BACKENDS.map((name) =>
    all.filter(({ backend }) => backend === name).map((result) => result.requests),
  );
  expect(new Set(requests.map(String)).size).toBe(1);
  expect(requests.flat().reduce((sum, count) => sum + count, 0)).toBeGreaterThan(100_000);
});

afterAll(() => {
  const line = (backend: string, name: string, ...counts: readonly (string | number)[]) =>
    [backend.padEnd(12), name.padEnd(34), ...counts.map((count) => String(count).padStart(9))].join('');
  const lines = all.map(({ backend, name, requests, readAsDenied, served, reached }) =>
    line(backend, name, requests, readAsDenied, served, reached.length),
  );
  const sum = (of: (result: Result) => number) => all.reduce((total, result) => total + of(result), 0);
  process.stdout.write(
    [
      '',
      line('back end', 'denied', 'requests', 'direct', 'served', 'reached'),
      ...lines,
      line(
        'all',
        '',
        sum(({ requests }) => requests),
        sum(({ readAsDenied }) => readAsDenied),
        sum(({ served }) => served),
        sum(({ reached }) => reached.length),
      ),
      '',
    ].join('\n'),
  );
});
