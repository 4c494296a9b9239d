import { check } from '../../../envoy/check/check';
import { pathText } from '../../../envoy/messages/path';
import { ENVOY_VERSIONS } from '../../../envoy/messages/schema/envoy-minors';
import { valid } from '../../agreement/cases';
import { MISTAKES } from '../../fixtures/mistakes';

const errors = (config: unknown, version: (typeof ENVOY_VERSIONS)[number]) =>
  check(config, { version })
    .filter(({ severity }) => severity === 'error')
    .map(({ path, message }) => `${pathText(path)} ${message}`);

describe.each(ENVOY_VERSIONS)('for Envoy %s', (version) => {
  test.each(Object.entries(valid))('%s is fine', (_, config) => {
    expect(errors(config, version)).toEqual([]);
  });

  // That Envoy refuses them is shown in ../../agreement.
  test.each(Object.entries(MISTAKES))('%s is named', (_, { base, edit, says }) => {
    const config = structuredClone(valid[base] ?? null);
    edit(config);
    expect(errors(config, version)).toContainEqual(expect.stringContaining(says));
  });
});
