import { Token } from 'cdktf';
import { proxySpec } from '../../../envoy';
import { isReference } from '../../../envoy/options/terraform-tokens';

test.each([
  ['text', '${TfToken[TOKEN.0]}', true],
  ['text with a reference in it', 'http://${TfToken[TOKEN.0]}:80', true],
  ['a number', -1.8881545897087503e289, true],
  ['a list', ['#{TfToken[TOKEN.0]}'], true],
  ['a list of numbers', [-1.8881545897087503e289], true],
  ['a map', { '&{TfToken[TOKEN.0]}': 'x' }, true],
  ['an object that is still to be resolved', { resolve: () => 1 }, true],
  ['literal text', '${x} and TfToken', false],
  ['a literal number', -1e287, false],
  ['no number', Number.NEGATIVE_INFINITY, false],
  ['a list with a reference among others', ['a', '${TfToken[TOKEN.0]}'], false],
  ['a list of one reference to text', ['${TfToken[TOKEN.0]}'], false],
  ['an empty list', [], false],
  ['an object', { resolve: 'x' }, false],
  ['nothing', null, false],
  ['undefined', undefined, false],
  ['a bool', true, false],
])('%s', (_, value, expected) => {
  expect(isReference(value)).toBe(expected);
});

const later = { resolve: () => 'later' };

test.each<[string, object]>([
  ['a list', { names: Token.asList(later) }],
  ['a map', { names: Token.asStringMap(later) }],
  ['a value without a type', { a: [{ b: later }] }],
])('%s that only Terraform knows is refused, by its place', (_, metadata) => {
  const patch = () => ({ node: { id: 'mine', metadata } }) as never;
  expect(() => proxySpec({ upstream: { host: 'api', port: 8080 }, patch })).toThrow(
    /^Envoy 1.39 would refuse this configuration:\n {2}patch: node.metadata\.[a-z0-9.[\]]+ must be known/,
  );
});
