import { authzPath } from '../../../../envoy/check/rules/ext-authz';
import { runRule } from './run-rule';

test('a path of the authorization service begins with a slash, and is one', () => {
  const services = [
    { path_prefix: 'a' },
    { path_override: 'b' },
    { path_prefix: '/a', path_override: '/b' },
    { path_prefix: '/a' },
    { path_prefix: '' },
  ];
  expect(runRule(authzPath, { 'envoy.extensions.filters.http.ext_authz.v3.HttpService': services })).toEqual([
    "error authz-path at HttpService[0].path_prefix: must begin with '/', got 'a'; write '/a'",
    "error authz-path at HttpService[1].path_override: must begin with '/', got 'b'; write '/b'",
    'error authz-path at HttpService[2]: has both path_prefix and path_override; keep one of them',
  ]);
});
