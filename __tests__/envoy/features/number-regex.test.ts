import { numbersUpTo } from '../../../envoy/features/request-buffering/number-regex';

test.each([0, 1, 9, 10, 16, 99, 100, 109, 1_000, 1_023, 9_999, 16_384, 20_000])(
  'numbers up to %d, and no others',
  (most) => {
    const regex = new RegExp(`^(?:${numbersUpTo(most)})$`);
    const wrong = Array.from({ length: 25_000 }, (_, number) => number).filter(
      (number) => regex.test(String(number)) !== number <= most,
    );
    expect(wrong).toEqual([]);
  },
);

test.each(['', '-1', '1.5', '1e3', ' 1', '1 ', '00016384', '99999999999999999999'])('not %j', (text) => {
  expect(new RegExp(`^(?:${numbersUpTo(16_384)})$`).test(text)).toBe(false);
});
