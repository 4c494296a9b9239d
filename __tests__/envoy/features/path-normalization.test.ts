import { pathNormalization } from '../../../envoy/features/path-normalization';

function normalized(changes: object) {
  const containing = (regex: string) => ({
    permission: { url_path: { path: { safe_regex: { regex: `\\C*${regex}\\C*` } } } },
  });
  return {
    refusals: {
      climbing_path: containing('/\\.\\.?(;|%3[bB])'),
      control_character: containing('%([01]|7[fF]|[uU]|[cC]2%[89]|[eE]2%80%[aA][89])'),
    },
    connectionManager: {
      normalize_path: true,
      merge_slashes: true,
      path_with_escaped_slashes_action: 'UNESCAPE_AND_REDIRECT',
      ...changes,
    },
  };
}

test('is on by default', () => {
  expect(pathNormalization.onByDefault).toBe(true);
});

test('by default resolves dots, merges slashes, redirects escaped ones, and refuses dots with parameters and control characters', () => {
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
