import { mtlsAuthenticated } from '../../../../envoy/check/rules/rbac';
import { runRule } from './run-rule';

test('an mTLS principal needs san_matcher or any_validated_client_certificate: true', () => {
  const said = 'asks nothing of a certificate; set san_matcher, or any_validated_client_certificate: true';
  expect(
    runRule(mtlsAuthenticated, {
      'envoy.extensions.rbac.principals.mtls_authenticated.v3.Config': [
        {},
        { any_validated_client_certificate: false },
        { any_validated_client_certificate: true },
        { san_matcher: {} },
      ],
    }),
  ).toEqual([0, 1].map((place) => `error mtls-authenticated at Config[${place}]: ${said}`));
});
