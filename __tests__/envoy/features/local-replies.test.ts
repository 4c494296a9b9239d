import { assemble } from '../../../envoy';
import { localReplies } from '../../../envoy/features/local-replies';
import { managerOf } from '../../helpers';

const TITLE = expect.stringMatching(
  /^%CEL\(\{400: 'Bad Request', 401: 'Unauthorized', .*504: 'Gateway Timeout'\}\[response\.code\]\)%$/,
);

const members = {
  type: 'about:blank',
  title: TITLE,
  status: '%RESPONSE_CODE%',
  request_id: '%REQ(X-REQUEST-ID)%',
};

const when = (expression: string) => ({
  extension_filter: {
    name: 'envoy.access_loggers.extension_filters.cel',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter',
      expression,
    },
  },
});

test('is on by default', () => {
  expect(localReplies.onByDefault).toBe(true);
});

test('problems for all, but for what is no refusal, and for gRPC; what is wrong with a token is told', () => {
  expect(localReplies.proxy({})).toEqual({
    connectionManager: {
      local_reply_config: {
        mappers: [
          {
            filter: when(
              "response.code < 400 || response.code_details in ['direct_response', 'lua_response', 'ext_authz_denied']",
            ),
            body_format_override: {
              text_format_source: { inline_string: '%LOCAL_REPLY_BODY%' },
              omit_empty_values: true,
            },
          },
          {
            filter: {
              header_filter: { header: { name: 'content-type', string_match: { prefix: 'application/grpc' } } },
            },
            body_format_override: { text_format_source: { inline_string: TITLE }, omit_empty_values: true },
          },
          {
            filter: when("response.code_details.startsWith('jwt_authn_access_denied')"),
            body_format_override: {
              content_type: 'application/problem+json',
              json_format: { ...members, detail: '%LOCAL_REPLY_BODY%' },
            },
          },
        ],
        body_format: { content_type: 'application/problem+json', json_format: members },
      },
    },
  });
});

test('the mappers of those who refuse are asked first', () => {
  const { bootstrap } = assemble({
    upstream: { host: 'api', port: 80 },
    jwt: { providers: { main: { issuer: 'a', audiences: ['b'], jwks: { uri: 'https://id.example/keys' } } } },
  });
  const mappers = managerOf(bootstrap).local_reply_config?.mappers ?? [];
  expect(mappers.map(({ status_code }) => status_code)).toEqual([
    400,
    400,
    400,
    405,
    401,
    503,
    403,
    401,
    undefined,
    undefined,
    undefined,
  ]);
});

test('refuses an option', () => {
  expect(() => localReplies.proxy({ body: 'no' } as never)).toThrow(
    new Error('localReplies.body is not an option, got "no"; remove it'),
  );
});
