import { error, getField, type Node, readText } from '../message-reader';
import type { Messages, Rule } from '../rule';
import { checkUrl } from '../syntax/url';
import { describeValue } from '../walk/violation-collector';

/** Where tokens' keys come from. */
export const jwksUri: Rule = (messages) =>
  findWrongUrls(messages, 'envoy.extensions.filters.http.jwt_authn.v3.RemoteJwks', 'http_uri', 'uri').map((wrong) =>
    error('jwks-uri', ...wrong),
  );

/** Envoy reads this endpoint of OAuth2 as a URL when it starts, and the others when it uses them. */
export const oauthEndpoint: Rule = (messages) =>
  findWrongUrls(messages, 'envoy.extensions.filters.http.oauth2.v3.OAuth2Config', 'authorization_endpoint').map(
    (wrong) => error('oauth-endpoint', ...wrong),
  );

/** Where a response of Envoy's own redirects to. */
export const redirectUri: Rule = (messages) =>
  findWrongUrls(messages, 'envoy.extensions.http.custom_response.redirect_policy.v3.RedirectPolicy', 'uri').map(
    (wrong) => error('redirect-uri', ...wrong),
  );

const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:name';

/** Envoy splits the name of a Lambda function at its colons. */
export const lambdaArn: Rule = (messages) =>
  messages('envoy.extensions.filters.http.aws_lambda.v3.Config').flatMap((config) => {
    const node = getField(config, 'arn');
    const arn = readText(node);
    return arn === undefined || /^arn:(?:[^:]*:){5}/s.test(arn)
      ? []
      : [error('lambda-arn', node, `must be a whole ARN, got ${describeValue(arn)}; write for example '${FUNCTION}'`)];
  });

function findWrongUrls(
  messages: Messages,
  type: string,
  ...fields: readonly string[]
): readonly (readonly [node: Node, message: string])[] {
  return messages(type).flatMap((message) => {
    const node = getField(message, ...fields);
    const url = readText(node);
    const fault = url === undefined ? undefined : checkUrl(url);
    return fault === undefined ? [] : [[node, fault] as const];
  });
}
