import { matcherAction } from '../../../../envoy/check/rules/matcher-actions';
import { runRule } from './run-rule';

const RBAC = 'envoy.extensions.filters.http.rbac.v3.RBAC';
const ON_MATCH = 'xds.type.matcher.v3.Matcher.OnMatch';

const doing = (type: string, ...at: readonly (string | number)[]) => ({
  at,
  action: { name: 'do', typed_config: { '@type': `type.googleapis.com/${type}` } },
});

test('a matcher of one thing does nothing to another', () => {
  expect(
    runRule(matcherAction, {
      [RBAC]: [{ at: ['rbac'], matcher: {}, shadow_matcher: {} }],
      'envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig': [{ at: ['udp'], matcher: {} }],
      [ON_MATCH]: [
        doing('envoy.config.rbac.v3.Action', 'rbac', 'matcher', 'on_no_match'),
        doing('envoy.config.route.v3.Route', 'rbac', 'shadow_matcher', 'on_no_match', 'matcher', 'on_no_match'),
        doing('envoy.config.rbac.v3.Action', 'udp', 'matcher', 'on_no_match'),
        { at: ['udp', 'matcher', 'on_no_match'], action: {} },
      ],
      'envoy.config.common.matcher.v3.Matcher.OnMatch': [
        doing('envoy.config.rbac.v3.Action', 'somewhere', 'matcher', 'on_no_match'),
      ],
    }),
  ).toEqual([
    'error matcher-action at rbac.shadow_matcher.on_no_match.matcher.on_no_match.action.typed_config: is Route, which is nothing that this matcher can do; use envoy.config.rbac.v3.Action',
    'error matcher-action at udp.matcher.on_no_match.action.typed_config: is Action, which is nothing that this matcher can do; use envoy.extensions.filters.udp.udp_proxy.v3.Route',
  ]);
});

test('the innermost matcher is the one that counts', () => {
  expect(
    runRule(matcherAction, {
      'envoy.config.route.v3.VirtualHost': [{ at: ['host'], matcher: {} }],
      [RBAC]: [{ at: ['host', 'matcher', 'on_no_match', 'rbac'], matcher: {} }],
      'envoy.extensions.filters.http.bandwidth_share.v3.BandwidthShare': [
        { at: ['host', 'matcher', 'on_no_match', 'share'], tenant_name_selector: {} },
      ],
      [ON_MATCH]: [
        doing('envoy.config.route.v3.Route', 'host', 'matcher', 'on_no_match'),
        doing('envoy.config.rbac.v3.Action', 'host', 'matcher', 'on_no_match', 'rbac', 'matcher', 'on_no_match'),
        // Nobody knows what all of these take.
        doing('x.Y', 'host', 'matcher', 'on_no_match', 'share', 'tenant_name_selector', 'on_no_match'),
      ],
    }),
  ).toEqual([]);
});

test('since 1.40, a filter chain is chosen by its name alone', () => {
  const types = {
    'envoy.config.listener.v3.Listener': [{ at: ['listener'], filter_chain_matcher: {} }],
    [ON_MATCH]: [
      doing('envoy.config.core.v3.SubstitutionFormatString', 'listener', 'filter_chain_matcher', 'on_no_match'),
    ],
  };
  expect(runRule(matcherAction, types, '1.39')).toEqual([]);
  expect(runRule(matcherAction, types, '1.40')).toEqual([
    'error matcher-action at listener.filter_chain_matcher.on_no_match.action.typed_config: is SubstitutionFormatString, which is nothing that this matcher can do; use google.protobuf.StringValue',
  ]);
});
