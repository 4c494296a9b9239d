import { attackBackend } from '../attack/attack';
import { pathSpellings } from '../attack/spellings';

test('generates more than 1,000 spellings of a path', () => {
  expect(pathSpellings('admin').length).toBeGreaterThan(1_000);
});

// `npm run test:attack` covers more back ends and spellings.
test.each(['Express', 'FastAPI', 'Go'] as const)('no other spelling reaches a denied path of %s', async (name) => {
  const results = await attackBackend(name);
  expect(results.flatMap(({ reached }) => reached)).toEqual([]);
  // Without a served request, the test would prove nothing.
  expect(results.every(({ served }) => served > 0)).toBe(true);
});
