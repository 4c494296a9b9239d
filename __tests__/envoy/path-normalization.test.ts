import { pathNormalization } from '../../envoy/features/path-normalization';
import { refused } from '../../envoy/malformed';

function normalized(changes: object) {
  const defaults = {
    normalize_path: true,
    merge_slashes: true,
    path_with_escaped_slashes_action: 'UNESCAPE_AND_REDIRECT',
  };
  const contains = (text: string) => ({ url_path: { path: { contains: text, ignore_case: true } } });
  const climbing = refused('envoy.filters.http.rbac.climbing_path', 'climbing_path', {
    or_rules: { rules: [contains('/..;'), contains('/..%3b')] },
  });
  return { ...climbing, connectionManager: { ...climbing.connectionManager, ...defaults, ...changes } };
}

test('is on by default', () => {
  expect(pathNormalization.onByDefault).toBe(true);
});

test('by default resolves dots, merges slashes, redirects escaped ones, and refuses dots with parameters', () => {
  expect(pathNormalization.proxy({})).toEqual(normalized({}));
});

test.each([
  ['redirect', 'UNESCAPE_AND_REDIRECT'],
  ['reject', 'REJECT_REQUEST'],
  ['keep', 'KEEP_UNCHANGED'],
] as const)('escapedSlashes: %s is %s', (escapedSlashes, action) => {
  expect(pathNormalization.proxy({ escapedSlashes })).toEqual(normalized({ path_with_escaped_slashes_action: action }));
});

test('mergeSlashes: false keeps double slashes', () => {
  expect(pathNormalization.proxy({ mergeSlashes: false, escapedSlashes: 'keep' })).toEqual(
    normalized({ merge_slashes: false, path_with_escaped_slashes_action: 'KEEP_UNCHANGED' }),
  );
});

test('refuses redirects to paths with double slashes, which browsers take for other hosts', () => {
  expect(() => pathNormalization.proxy({ mergeSlashes: false })).toThrow(
    new Error(
      "pathNormalization.mergeSlashes must be true with escapedSlashes: 'redirect', or redirects lead to other hosts, got false; leave it, or write escapedSlashes: 'reject'",
    ),
  );
});

test('refuses another word', () => {
  expect(() => pathNormalization.proxy({ escapedSlashes: 'drop' as never })).toThrow(
    new Error(
      `pathNormalization.escapedSlashes must be one of 'redirect', 'reject', 'keep', got "drop"; choose one of these`,
    ),
  );
});

test('refuses an unknown option', () => {
  expect(() => pathNormalization.proxy({ normalize: false } as never)).toThrow(
    new Error('pathNormalization.normalize is not an option, got false; remove it'),
  );
});
