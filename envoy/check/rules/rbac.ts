import { shortName } from '../../messages/schema/descriptors';
import { error, getField, hasField, isWithin } from '../message-reader';
import type { Rule } from '../rule';
import { inputType, MATCHER_TYPES } from './matcher-inputs';

const NETWORK = 'envoy.extensions.matching.common_inputs.network.v3';
const HTTP = 'envoy.type.matcher.v3';

/** What is not known yet when RBAC decides, or what it does not look at. */
const UNSUPPORTED_INPUTS: Readonly<Record<string, readonly string[]>> = {
  'envoy.extensions.filters.http.rbac.v3.RBAC': [
    `${NETWORK}.SourceTypeInput`,
    `${HTTP}.HttpRequestQueryParamMatchInput`,
    `${HTTP}.HttpRequestTrailerMatchInput`,
    `${HTTP}.HttpResponseHeaderMatchInput`,
    `${HTTP}.HttpResponseLocalReplyMatchInput`,
    `${HTTP}.HttpResponseStatusCodeClassMatchInput`,
    `${HTTP}.HttpResponseStatusCodeMatchInput`,
    `${HTTP}.HttpResponseTrailerMatchInput`,
  ],
  'envoy.extensions.filters.network.rbac.v3.RBAC': ['ApplicationProtocol', 'SourceType', 'TransportProtocol'].map(
    (input) => `${NETWORK}.${input}Input`,
  ),
};

/** RBAC decides by what is known of a request or a connection when it begins. */
export const rbacInput: Rule = (messages) =>
  Object.entries(UNSUPPORTED_INPUTS).flatMap(([type, refused]) =>
    messages(type)
      .flatMap((filter) => ['matcher', 'shadow_matcher'].map((field) => getField(filter, field)))
      .flatMap((matcher) =>
        MATCHER_TYPES.flatMap((one) => [
          ...messages(`${one}.MatcherList.Predicate.SinglePredicate`),
          ...messages(`${one}.MatcherTree`),
        ])
          .filter((holder) => isWithin(holder, matcher) && refused.includes(inputType(holder)))
          .map((holder) =>
            error(
              'rbac-input',
              getField(holder, 'input'),
              `is ${shortName(inputType(holder))}, which RBAC can't match on`,
            ),
          ),
      ),
  );

/** Who shows a certificate is told by something about it. */
export const mtlsAuthenticated: Rule = (messages) =>
  messages('envoy.extensions.rbac.principals.mtls_authenticated.v3.Config').flatMap((principal) =>
    hasField(principal, 'san_matcher') || getField(principal, 'any_validated_client_certificate').value === true
      ? []
      : [
          error(
            'mtls-authenticated',
            principal,
            'asks nothing of a certificate; set san_matcher, or any_validated_client_certificate: true',
          ),
        ],
  );
