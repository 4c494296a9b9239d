import { Token } from 'cdktf';
import { proxySpec } from '../../envoy';
import { isReference } from '../../envoy/references';

test('a reference is a text in which the toolkit put one', () => {
  const token = Token.asString({ resolve: () => 'later' });
  expect([token, `http://${token}/`, '${var.x}', 'api', 80, undefined].map(isReference)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

const later = { resolve: () => 'later' };
const list = Token.asList(later);
const map = Token.asStringMap(later);
const problem = "can't be a list, a map or a value of any type that only Terraform knows";

test.each<[string, object, string, string]>([
  ['a list', { names: list }, 'names[0]', JSON.stringify(list[0])],
  ['a map', { names: map }, `names.${Object.keys(map)[0]}`, JSON.stringify(Object.keys(map)[0])],
  ['a value without a type', { a: [{ b: later }] }, 'a[0].b', '"a value that is resolved later"'],
])('%s that only Terraform knows is refused, by its place', (_, metadata, place, got) => {
  const patch = () => ({ node: { id: 'mine', metadata } }) as never;
  expect(() => proxySpec({ upstream: { host: 'api', port: 8080 }, patch })).toThrow(
    new Error(`bootstrap.node.metadata.${place} ${problem}, got ${got}; use strings of it`),
  );
});
