import { attackBackend } from '../attack/attack';
import { pathSpellings } from '../attack/spellings';

test('there are many spellings of a path', () => {
  expect(pathSpellings('admin').length).toBeGreaterThan(1_000);
});

// `npm run test:attack` has more back ends, and more spellings.
test.each(['Express', 'FastAPI', 'Go'] as const)(
  'nothing that is denied in front of %s is reached in another spelling',
  async (name) => {
    const results = await attackBackend(name);
    expect(results.flatMap(({ reached }) => reached)).toEqual([]);
    // Else it would only show that nothing is served.
    expect(results.every(({ served }) => served > 0)).toBe(true);
  },
);
