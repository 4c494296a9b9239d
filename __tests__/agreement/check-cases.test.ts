import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '../../envoy/check/check';
import type { EnvoyVersion } from '../../envoy/messages/schema/envoy-minors';
import { readYaml } from '../../envoy/yaml/read/read-yaml';
import { binaries } from '../live/binaries';
import { Judge } from './envoy';

jest.setTimeout(60_000);

const FOLDER = join(__dirname, '../fixtures/check');
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

/** Where the two differ, with a reason. */
const OURS_ALONE = ['duplicate-key-accepted.yaml', 'transport-version-v2.yaml'];
const ENVOYS_ALONE = ['tls13-cipher-names.yaml'];

describe.each([...binaries()])('Envoy %s', (minor, envoy) => {
  const judge = new Judge(envoy);
  afterAll(() => judge.close());

  test.each(files)('says of %s what we say', async (name) => {
    const text = readFileSync(join(FOLDER, name), 'utf8');
    const { value, problems } = readYaml(text);
    const found = value === undefined ? [] : check(value, { version: minor as EnvoyVersion });
    const isRefused = [...problems, ...found].some(({ severity }) => severity === 'error');
    const { is } = await judge.ask(text);
    const expected = OURS_ALONE.includes(name) || (is !== 'accepted' && !ENVOYS_ALONE.includes(name));
    expect(isRefused).toBe(expected);
  });
});
