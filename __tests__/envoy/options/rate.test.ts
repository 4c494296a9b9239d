import { boundsNothing, secondsToNext } from '../../../envoy/features/shared/rate-limits/token-bucket';
import { parseRate, type Rate } from '../../../envoy/options/rate';

test.each<[Rate, number, number]>([
  ['10/s', 10, 1],
  ['100/min', 100, 60],
  ['1000/hour', 1_000, 3_600],
  ['1/day', 1, 86_400],
  ['1000000000/s', 1_000_000_000, 1],
])('%s is a bucket of %d that is full again after %d s', (rate, tokens, seconds) => {
  expect(parseRate('a', rate)).toEqual({ tokens, seconds });
});

test.each([
  ['100', `a must be requests in a time (s, min, hour or day), got "100"; write for example '100/min'`],
  ['100/m', `a must be requests in a time (s, min, hour or day), got "100/m"; write for example '100/min'`],
  ['-1/s', `a must be requests in a time (s, min, hour or day), got "-1/s"; write for example '100/min'`],
  ['1e3/s', `a must be requests in a time (s, min, hour or day), got "1e3/s"; write for example '100/min'`],
  ['0.5/s', `a must be a whole number of requests, got "0.5/s"; write '30/min'`],
  ['1.5/min', `a must be a whole number of requests, got "1.5/min"; write '90/hour'`],
  ['0.1/hour', `a must be a whole number of requests, got "0.1/hour"; write for example '100/min'`],
  ['0.001/s', `a must be a whole number of requests, got "0.001/s"; write for example '100/min'`],
  ['0/s', 'a must be from 1 to 1000000000 requests, got "0/s"; use false for no limit'],
  ['1000000001/s', 'a must be from 1 to 1000000000 requests, got "1000000001/s"; use false for no limit'],
])('refuses %s', (rate, message) => {
  expect(() => parseRate('a', rate as Rate)).toThrow(new Error(message));
});

test.each<[Rate, number]>([
  ['10/s', 1],
  ['100/min', 1],
  ['1000/hour', 4],
  ['1/day', 86_400],
])('after %s is used up, there is room after %d s at the most', (rate, seconds) => {
  expect(secondsToNext(parseRate('a', rate))).toBe(seconds);
});

test.each<[Rate, Rate, boolean]>([
  ['100/min', '1000/s', false],
  ['1000/s', '100/min', true],
  ['10/s', '10/s', true],
  // Fewer at once, though more in the long run.
  ['100/s', '3000/min', false],
  // More at once, though fewer in the long run.
  ['3000/min', '100/s', false],
])('%s behind %s bounds nothing: %s', (one, other, nothing) => {
  expect(boundsNothing(parseRate('a', one), parseRate('b', other))).toBe(nothing);
});
