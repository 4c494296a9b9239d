import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assemble } from '../../envoy';
import { goldenFiles, moveToFolder, writeProxyFiles } from '../files';
import { goldenNames, goldenYaml } from '../golden-configs';
import { mountedFiles } from '../mounted-files';
import { binaries } from './binaries';
import { run, temporaryFolder } from './envoy';

const withMounted = mountedFiles();

/** Writes a golden configuration together with its files. */
function writeGolden(name: string): string {
  const folder = temporaryFolder();
  writeProxyFiles(folder, goldenFiles);
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, moveToFolder(withMounted(goldenYaml(name)), folder));
  return file;
}

async function validate(envoy: string, file: string): Promise<{ code: number | string; output: string }> {
  const { ended, stdout, stderr } = run(envoy, ['--mode', 'validate', '--config-path', file]);
  const code = await ended;
  return { code, output: stdout() + stderr() };
}

test('there is a binary of each supported minor', () => {
  expect([...binaries().keys()]).toEqual(['1.37', '1.38', '1.39', '1.40']);
});

describe.each([...binaries()])('Envoy %s', (minor, envoy) => {
  test('has this minor as version', async () => {
    const { ended, stdout } = run(envoy, ['--version']);
    await ended;
    expect(/\/(\d+\.\d+)\.\d+\//.exec(stdout())?.[1]).toBe(minor);
  });

  test('accepts every golden without a deprecation warning', async () => {
    for (const name of goldenNames) {
      const { code, output } = await validate(envoy, writeGolden(name));
      expect({ name, code, deprecated: output.match(/.*deprecated.*/gi) }).toEqual({ name, code: 0, deprecated: null });
    }
  });

  const validateBroken = async (from: string, to: string) => {
    // Without our check, which would reject it first.
    const { bootstrap } = assemble({ upstream: { host: 'api', port: 80 } });
    const file = join(temporaryFolder(), 'envoy.json');
    writeFileSync(file, JSON.stringify(bootstrap).replace(from, to));
    return validate(envoy, file);
  };

  test('warns of a deprecated field', async () => {
    const { code, output } = await validateBroken('"match":', '"per_request_buffer_limit_bytes":1,"match":');
    expect({ code, deprecated: /deprecated/i.test(output) }).toEqual({ code: 0, deprecated: true });
  });

  test('rejects an unknown field', async () => {
    const { code, output } = await validateBroken('"match":', '"nonsense":1,"match":');
    expect(code).toBe(1);
    expect(output).toContain('nonsense');
  });
});
