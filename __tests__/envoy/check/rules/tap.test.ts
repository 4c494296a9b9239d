import { tapAdmin } from '../../../../envoy/check/rules/tap';
import { runRule } from './run-rule';

const TAP = { 'envoy.extensions.common.tap.v3.CommonExtensionConfig': [{ admin_config: {} }, { static_config: {} }] };

test.each([{}, { admin: {} }, { admin: { access_log: [] } }])(
  'a tap by the admin interface needs it, in %j there is none',
  (bootstrap) => {
    expect(runRule(tapAdmin, { ...TAP, 'envoy.config.bootstrap.v3.Bootstrap': [bootstrap] })).toEqual([
      'error tap-admin at CommonExtensionConfig[0].admin_config: needs the admin interface; set admin.address',
    ]);
  },
);

test('a tap beside an admin interface', () => {
  expect(runRule(tapAdmin, { ...TAP, 'envoy.config.bootstrap.v3.Bootstrap': [{ admin: { address: {} } }] })).toEqual(
    [],
  );
});
