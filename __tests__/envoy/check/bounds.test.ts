import { walk } from '../../../envoy/check/walk/walk';
import { pathText } from '../../../envoy/messages/path';
import type { Model } from '../../../envoy/messages/schema/model';

const model: Model = {
  versions: ['1.39'],
  messages: {
    Root: {
      fields: {
        child: { type: 'Root' },
        children: { type: 'Root', repeated: true },
        free: { type: 'google.protobuf.Struct' },
        old: { type: 'string', deprecated: 'warned' },
      },
    },
  },
  enums: {},
  extensions: {},
};
const problems = (root: unknown) =>
  walk(model, '1.39', root, 'Root').problems.map(
    ({ severity, path, rule, message }) => `${severity} ${pathText(path)} [${rule}] ${message}`,
  );

/** So many objects in each other. */
const nested = (levels: number, key: string): object => (levels === 1 ? {} : { [key]: nested(levels - 1, key) });

test.each(['child', 'free'])('100 levels of %s, as deep as Envoy reads', (key) => {
  expect(problems(nested(100, key))).toEqual([]);
  const [problem, ...rest] = problems(nested(5_000, key));
  expect(rest).toEqual([]);
  expect(problem).toMatch(
    /^error (child|free)(\.(child|free)){99} \[too-deep\] is too deep: Envoy reads 100 levels at the most$/,
  );
});

test('what holds itself is one problem, in a message, a list and free JSON', () => {
  const message: Record<string, unknown> = {};
  message.child = message;
  expect(problems(message)).toEqual(['error child [cycle] holds itself']);
  const list: unknown[] = [];
  list.push({ children: list });
  expect(problems({ children: list })).toEqual(['error children[0].children [cycle] holds itself']);
  const free: Record<string, unknown> = {};
  free.a = [free];
  expect(problems({ free })).toEqual(['error free.a[0] [cycle] holds itself']);
});

test('the same object in two places is no cycle', () => {
  const same = { child: {} };
  expect(problems({ child: same, children: [same, same] })).toEqual([]);
});

test('objects that hold each other twice, over and over, come to an end', () => {
  let doubled: object = {};
  for (let level = 0; level < 60; level += 1) {
    doubled = { a: doubled, b: doubled };
  }
  expect(problems({ free: doubled })).toEqual([
    'error  [too-much] has more than 1000000 lists and objects, and what follows was not looked at',
  ]);
});

test('the walk ends after 1000 errors, and then says nothing of what a configuration holds', () => {
  const { problems: all, messages } = walk(model, '1.39', { children: Array.from({ length: 5_000 }, () => 1) }, 'Root');
  expect(all).toHaveLength(1_001);
  expect(all[1_000]).toEqual({
    severity: 'error',
    path: [],
    rule: 'too-much',
    message: 'has more than 1000 errors, and what follows was not looked at; mend the first ones',
  });
  expect(messages('Root')).toEqual([]);
});

test('no number of warnings hides an error', () => {
  const all = problems({ children: [...Array.from({ length: 5_000 }, () => ({ old: 'x' })), { bogus: 1 }] });
  expect(all).toHaveLength(1_001);
  expect(all[1_000]).toBe('error children[5000].bogus [unknown-field] is not a field of Root');
});
