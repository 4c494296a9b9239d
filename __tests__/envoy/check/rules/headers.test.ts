import { headerName, headerProtected } from '../../../../envoy/check/rules/headers';
import { runRule } from './run-rule';

test('names of headers are tokens of HTTP', () => {
  expect(
    runRule(headerName, {
      'envoy.config.core.v3.HeaderValue': [
        {
          key: 'x a',
        },
        {
          key: 'X-A_b',
        },
        {
          key: 'é',
        },
        {
          key: '${TfToken[TOKEN.1]}',
        },
      ],
      'envoy.config.route.v3.HeaderMatcher': [
        {
          name: ':path',
        },
        {
          name: 'x:a',
        },
      ],
      'envoy.config.route.v3.Route': [
        {
          request_headers_to_remove: ['a', '(x)'],
          response_headers_to_remove: ['a b'],
        },
      ],
      'envoy.config.common.mutation_rules.v3.HeaderMutation': [
        {
          remove: 'a b',
        },
      ],
    }),
  ).toEqual([
    'error header-name at HeaderValue[0].key: is "x a", which is no name of a header; use letters, digits and \'-\'',
    'error header-name at HeaderValue[2].key: is "é", which is no name of a header; use letters, digits and \'-\'',
    'error header-name at HeaderMatcher[1].name: is "x:a", which is no name of a header; use letters, digits and \'-\'',
    'error header-name at Route[0].request_headers_to_remove[1]: is "(x)", which is no name of a header; use letters, digits and \'-\'',
    'error header-name at Route[0].response_headers_to_remove[0]: is "a b", which is no name of a header; use letters, digits and \'-\'',
    'error header-name at HeaderMutation[0].remove: is "a b", which is no name of a header; use letters, digits and \'-\'',
  ]);
});

test('the host and pseudo headers are not changed by headers', () => {
  expect(
    runRule(headerProtected, {
      'envoy.config.core.v3.HeaderValueOption': [
        {
          header: {
            key: 'Host',
          },
        },
        {
          header: {
            key: ':path',
          },
        },
        {
          header: {
            key: 'x-host',
          },
        },
      ],
      'envoy.config.route.v3.VirtualHost': [
        {
          request_headers_to_remove: [':authority', 'x'],
        },
      ],
    }),
  ).toEqual([
    "error header-protected at HeaderValueOption[0].header.key: is 'Host', which can't be added or changed; use host_rewrite_literal, prefix_rewrite or the like of the route",
    "error header-protected at HeaderValueOption[1].header.key: is ':path', which can't be added or changed; use host_rewrite_literal, prefix_rewrite or the like of the route",
    "error header-protected at VirtualHost[0].request_headers_to_remove[0]: is ':authority', which can't be removed; use host_rewrite_literal, prefix_rewrite or the like of the route",
  ]);
});
