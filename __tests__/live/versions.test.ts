import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Bootstrap } from '../../envoy';
import { binary, prepare, run } from './envoy';

const GOLDEN = join(__dirname, '..', 'golden');
const goldens = readdirSync(GOLDEN).filter((name) => name.endsWith('.yaml'));

async function validate(envoy: string, file: string): Promise<{ code: number | string; output: string }> {
  const { ended, stdout, stderr } = run(envoy, ['--mode', 'validate', '--config-path', file]);
  const code = await ended;
  return { code, output: stdout() + stderr() };
}

test('there are goldens', () => {
  expect(goldens).not.toEqual([]);
});

describe.each(['ENVOY_BINARY', 'ENVOY_BINARY_NEXT'] as const)('%s', (variable) => {
  const envoy = binary(variable);

  test('accepts every golden, and finds nothing in it deprecated', async () => {
    for (const name of goldens) {
      const { code, output } = await validate(envoy, join(GOLDEN, name));
      expect({ name, code, deprecated: output.match(/.*deprecated.*/gi) }).toEqual({ name, code: 0, deprecated: null });
    }
  });

  const broken = async (from: string, to: string) => {
    const patch = (bootstrap: Bootstrap) => JSON.parse(JSON.stringify(bootstrap).replace(from, to));
    const { configFile } = await prepare({ upstream: { host: 'api', port: 80 }, patch });
    return validate(envoy, configFile);
  };

  test('would tell what is deprecated', async () => {
    const { code, output } = await broken('"match":', '"per_request_buffer_limit_bytes":1,"match":');
    expect({ code, deprecated: /deprecated/i.test(output) }).toEqual({ code: 0, deprecated: true });
  });

  test('would refuse what it does not know', async () => {
    const { code, output } = await broken('"match":', '"nonsense":1,"match":');
    expect(code).toBe(1);
    expect(output).toContain('nonsense');
  });
});

test('the two binaries are two versions', async () => {
  const version = async (envoy: string) => {
    const { ended, stdout } = run(envoy, ['--version']);
    await ended;
    return /\/(\d+\.\d+)\.\d+\//.exec(stdout())?.[1];
  };
  const [now, next] = await Promise.all([version(binary()), version(binary('ENVOY_BINARY_NEXT'))]);
  expect(now).toMatch(/^\d+\.\d+$/);
  expect(next).toMatch(/^\d+\.\d+$/);
  expect(next).not.toBe(now);
});
