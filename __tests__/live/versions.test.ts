import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assemble } from '../../envoy';
import { goldenFiles, moved, place } from '../files';
import { goldenNames, goldenYaml } from '../golden-configs';
import { mountedFiles } from '../mounted-files';
import { binaries } from './binaries';
import { run, temporaryFolder } from './envoy';

const withMounted = mountedFiles();

/** Beside what it reads. */
function golden(name: string): string {
  const folder = temporaryFolder();
  place(folder, goldenFiles);
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, moved(withMounted(goldenYaml(name)), folder));
  return file;
}

async function validate(envoy: string, file: string): Promise<{ code: number | string; output: string }> {
  const { ended, stdout, stderr } = run(envoy, ['--mode', 'validate', '--config-path', file]);
  const code = await ended;
  return { code, output: stdout() + stderr() };
}

test('the supported minors are all here', () => {
  expect([...binaries().keys()]).toEqual(['1.37', '1.38', '1.39', '1.40']);
});

describe.each([...binaries()])('Envoy %s', (minor, envoy) => {
  test('is of this minor', async () => {
    const { ended, stdout } = run(envoy, ['--version']);
    await ended;
    expect(/\/(\d+\.\d+)\.\d+\//.exec(stdout())?.[1]).toBe(minor);
  });

  test('accepts every golden, and finds nothing in it deprecated', async () => {
    for (const name of goldenNames) {
      const { code, output } = await validate(envoy, golden(name));
      expect({ name, code, deprecated: output.match(/.*deprecated.*/gi) }).toEqual({ name, code: 0, deprecated: null });
    }
  });

  const broken = async (from: string, to: string) => {
    // Past our own check, which would refuse it first.
    const { bootstrap } = assemble({ upstream: { host: 'api', port: 80 } });
    const file = join(temporaryFolder(), 'envoy.json');
    writeFileSync(file, JSON.stringify(bootstrap).replace(from, to));
    return validate(envoy, file);
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
