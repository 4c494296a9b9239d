import type { PathNormalizationOptions } from '../../envoy';
import { type Backend, startBackend } from './backend';
import { startEnvoy } from './envoy';

let api: Backend;

beforeAll(async () => {
  api = await startBackend();
});

/** What becomes of a path: the one that the API sees, or where the client is sent, or a refusal. */
function outcomes(options: PathNormalizationOptions | false | undefined) {
  let started: ReturnType<typeof startEnvoy> | undefined;
  return async (path: string): Promise<string> => {
    started ??= startEnvoy({ upstream: api, ...(options !== undefined && { pathNormalization: options }) });
    const envoy = await started;
    api.seen.length = 0;
    const { status, headers } = await envoy.call({ path });
    return status === 200 ? `api ${api.seen[0]?.url}` : `${status} ${headers.location ?? ''}`.trim();
  };
}

describe('by default', () => {
  const outcome = outcomes(undefined);
  test.each([
    ['/a', 'api /a'],
    ['//a', 'api /a'],
    ['/x/../a', 'api /a'],
    ['/x/%2e%2E/a', 'api /a'],
    ['/../../a', 'api /a'],
    ['/./a//b', 'api /a/b'],
    ['/x\\..\\a', 'api /a'],
    ['/a?next=%2Fx//y/../z', 'api /a?next=%2Fx//y/../z'],
    ['/%252Fa', 'api /%252Fa'],
    ['/%2Fa', '307 /a'],
    ['/a%2f..%2fb', '307 /b'],
    ['/x%5C..%5ca', '307 /a'],
    ['/%2Fa?q=%2F', '307 /a?q=%2F'],
    ['/a%00', '400'],
  ])('%s: %s', async (path, expected) => {
    expect(await outcome(path)).toBe(expected);
  });
});

describe("escapedSlashes: 'reject'", () => {
  const outcome = outcomes({ escapedSlashes: 'reject' });
  test.each([
    ['/%2Fa', '400'],
    ['/a%2f..%2fb', '400'],
    ['/a%5cb', '400'],
    ['//x/../a', 'api /a'],
    ['/a?next=%2Fx', 'api /a?next=%2Fx'],
  ])('%s: %s', async (path, expected) => {
    expect(await outcome(path)).toBe(expected);
  });
});

describe("escapedSlashes: 'keep'", () => {
  const outcome = outcomes({ escapedSlashes: 'keep' });
  test.each([
    ['/%2Fa', 'api /%2Fa'],
    ['/a%2f..%2fb', 'api /a%2f..%2fb'],
    ['//x/../a', 'api /a'],
  ])('%s: %s', async (path, expected) => {
    expect(await outcome(path)).toBe(expected);
  });
});

describe('mergeSlashes: false', () => {
  const outcome = outcomes({ mergeSlashes: false, escapedSlashes: 'reject' });
  test.each([
    ['//a', 'api //a'],
    ['/x/..//a', 'api //a'],
    ['/x/../a', 'api /a'],
  ])('%s: %s', async (path, expected) => {
    expect(await outcome(path)).toBe(expected);
  });
});

describe('off', () => {
  const outcome = outcomes(false);
  test.each(['//a', '/x/../a', '/%2Fa', '/a%2f..%2fb'])('%s', async (path) => {
    expect(await outcome(path)).toBe(`api ${path}`);
  });
});

// `Location: //evil.example` is another host for a browser. Options that would do that may also be refused.
describe.each([undefined, { mergeSlashes: false } as const])('sends nobody to another host: %j', (options) => {
  const outcome = outcomes(options);
  test.each(['/%2Fevil.example', '/%5Cevil.example', '//evil.example/%2F..', '/%2F%5Cevil.example'])(
    '%s',
    async (path) => {
      const result = await outcome(path).catch((error: Error) => `refused: ${error.message}`);
      expect(result).toMatch(/^(307 \/[^/\\]|refused: .*mergeSlashes)/);
    },
  );
});
