import { settingOf } from '../../../envoy/assemble/resolve-features';

test.each([
  { options: false, hasFragment: true, hasProxyScope: true, isOn: true, setting: 'off' },
  { options: false, hasFragment: false, hasProxyScope: false, isOn: true, setting: 'off' },
  { options: {}, hasFragment: true, hasProxyScope: true, isOn: true, setting: 'own' },
  { options: 'off', hasFragment: false, hasProxyScope: false, isOn: false, setting: 'own' },
  { options: undefined, hasFragment: true, hasProxyScope: true, isOn: true, setting: 'inherit' },
  { options: undefined, hasFragment: false, hasProxyScope: true, isOn: false, setting: 'off' },
  { options: undefined, hasFragment: false, hasProxyScope: true, isOn: true, setting: 'off' },
  { options: undefined, hasFragment: false, hasProxyScope: false, isOn: true, setting: 'defaults' },
  { options: undefined, hasFragment: false, hasProxyScope: false, isOn: false, setting: 'off' },
] as const)(
  'options $options, fragment $hasFragment, proxy scope $hasProxyScope, on $isOn: $setting',
  ({ setting, ...given }) => {
    expect(settingOf(given)).toBe(setting);
  },
);
