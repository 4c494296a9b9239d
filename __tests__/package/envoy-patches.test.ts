import { newestPatches, withPatches } from '../../scripts/envoy-patches';

/** As `git ls-remote --tags --refs` lists them, written by hand. */
const LISTING = [
  ['0a1b2c', 'v1.37.0'],
  ['1b2c3d', 'v1.37.10'],
  ['2c3d4e', 'v1.37.9'],
  ['3d4e5f', 'v1.38.0-rc1'],
  ['4e5f60', 'v1.38.2'],
  ['5f6071', 'v1.3.99'],
  ['607182', 'mobile-v1.38.7'],
]
  .map(([commit, tag]) => `${commit}\trefs/tags/${tag}\n`)
  .join('');

test('the newest patch of a minor is that of the highest number, whatever the order', () => {
  expect(newestPatches(LISTING, ['1.37', '1.38'])).toEqual({ '1.37': '1.37.10', '1.38': '1.38.2' });
});

test('a minor without a patch is an error, and not written', () => {
  expect(() => newestPatches(LISTING, ['1.37', '1.39'])).toThrow(new Error('no tag is a patch of Envoy 1.39'));
});

test('the patches take the place of those in the file, and all else stays', () => {
  const text = "/** ... */\nexport const A = {\n  '1.37': '1.37.1',\n  '1.38': '1.38.1',\n};\n";
  expect(withPatches(text, { '1.37': '1.37.10' })).toBe(text.replace("'1.37.1'", "'1.37.10'"));
});
