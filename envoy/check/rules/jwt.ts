import { didYouMean } from '../../options/suggest';
import { isReference } from '../../options/terraform-tokens';
import {
  child,
  entries,
  error,
  has,
  isWithin,
  items,
  type Node,
  quoted,
  text,
  typeName,
  warning,
} from '../message-reader';
import type { FoundMessage, Messages, Rule } from '../rule';
import { jwksFaults } from '../syntax/jwks-validation';
import { HTTP_CONNECTION_MANAGER } from './message-types';

const PACKAGE = 'envoy.extensions.filters.http.jwt_authn.v3';

const filters = (messages: Messages) => messages(`${PACKAGE}.JwtAuthentication`);
const names = (filter: FoundMessage, map: string) => entries(filter, map).map(([name]) => name);

/** What tokens are required by is a provider of the same filter. */
export const jwtProviderExists: Rule = (messages) =>
  filters(messages).flatMap((filter) => {
    const providers = names(filter, 'providers');
    // Of one with audiences no name is the empty one.
    const named = [['JwtRequirement'], ['ProviderWithAudiences', '']].flatMap(([type, none]) =>
      messages(`${PACKAGE}.${type}`)
        .filter((requirement) => isWithin(requirement, filter))
        .map((requirement) => ({ node: child(requirement, 'provider_name'), none })),
    );
    return named.flatMap(({ node, none }) => {
      const name = text(node) ?? (isReference(node.value) ? undefined : node.value === '' ? '' : none);
      return name === undefined || providers.includes(name)
        ? []
        : [
            error(
              'jwt-provider-exists',
              node,
              `names the provider '${name}', which is not there; the providers are ${quoted(providers)}${didYouMean(name, providers)}`,
            ),
          ];
    });
  });

/** A claim is named in one of two ways; until 1.39 there is the first alone, which the schema asks for. */
export const jwtClaim: Rule = (messages) =>
  messages(`${PACKAGE}.JwtClaimToHeader`)
    .filter((claim) => ((child(claim, 'claim_name').value ?? '') !== '') === items(claim, 'claim_path').length > 0)
    .map((claim) => error('jwt-claim', claim, 'needs one of claim_name and claim_path, and not both'));

/** A requirement by name is in the map of its filter; that of a route in any, or Envoy answers 403 there. */
export const jwtRequirementExists: Rule = (messages) => {
  const missing = (node: ReturnType<typeof child>, map: readonly string[], report: typeof error) => {
    const name = text(node);
    return name === undefined || map.includes(name)
      ? []
      : [
          report(
            'jwt-requirement-exists',
            node,
            `names the requirement '${name}', which is not there; requirement_map has ${quoted(map)}${didYouMean(name, map)}`,
          ),
        ];
  };
  const all = filters(messages).flatMap((filter) => names(filter, 'requirement_map'));
  return [
    ...filters(messages).flatMap((filter) =>
      items(filter, 'rules').flatMap((rule) =>
        missing(child(rule, 'requirement_name'), names(filter, 'requirement_map'), error),
      ),
    ),
    ...messages(`${PACKAGE}.PerRouteConfig`).flatMap((route) =>
      missing(child(route, 'requirement_name'), all, warning),
    ),
  ];
};

/** Keys that stand in the configuration can be read. */
export const jwks: Rule = (messages) =>
  messages(`${PACKAGE}.JwtProvider`).flatMap((provider) => {
    const node = child(provider, 'local_jwks', 'inline_string');
    const keys = text(node);
    return keys === undefined
      ? []
      : jwksFaults(keys).map(({ refused, message }) => (refused ? error : warning)('jwks', node, message));
  });

/** Without audiences a provider accepts what its issuer made for anybody else. */
export const jwtAudiences: Rule = (messages) =>
  messages(`${PACKAGE}.JwtProvider`).flatMap((provider) => {
    const audiences = child(provider, 'audiences').value;
    return audiences === undefined || audiences === null || (Array.isArray(audiences) && audiences.length === 0)
      ? [
          warning(
            'jwt-audiences',
            provider,
            'has no audiences, so it accepts tokens that its issuer made for other services; list those meant for this one',
          ),
        ]
      : [];
  });

/** Whether a token is needed may depend on the path only where Envoy and the API read it alike. */
export const jwtPath: Rule = (messages) =>
  messages(HTTP_CONNECTION_MANAGER)
    .filter((manager) => !isNormalizing(manager))
    .flatMap((manager) => {
      const mine = (type: string) => messages(type).filter((met) => isWithin(met, manager));
      const jwtNames = items(manager, 'http_filters')
        .filter((filter) => typeName(child(filter, 'typed_config')) === `${PACKAGE}.JwtAuthentication`)
        .map((filter) => child(filter, 'name').value);
      const ofRoutes = mine('envoy.config.route.v3.Route')
        .filter((route) => isOpen(child(route, 'match')))
        .flatMap((route) => entries(route, 'typed_per_filter_config'))
        .flatMap(([name, node]) => (jwtNames.includes(name) ? [node] : []));
      const ofFilter = mine(`${PACKAGE}.RequirementRule`)
        .map((rule) => child(rule, 'match'))
        .filter(isOpen);
      return [...ofRoutes, ...ofFilter].map((node) =>
        warning(
          'jwt-path',
          node,
          "is for paths as clients write them: '/open/../closed' and '/open/..%2Fclosed' are below '/open', '//closed' is not '/closed'; set normalize_path, merge_slashes and path_with_escaped_slashes_action",
        ),
      );
    });

/** Whether there is one spelling for each path. */
function isNormalizing(manager: Node): boolean {
  const escaped = child(manager, 'path_with_escaped_slashes_action').value;
  return (
    child(manager, 'normalize_path').value === true &&
    child(manager, 'merge_slashes').value === true &&
    !KEEPING.includes(escaped ?? 'IMPLEMENTATION_SPECIFIC_DEFAULT')
  );
}

const KEEPING: readonly unknown[] = ['IMPLEMENTATION_SPECIFIC_DEFAULT', 'KEEP_UNCHANGED'];

/** Whether a match leaves part of the path open, though not all of it. */
function isOpen(match: Node): boolean {
  const prefix = child(match, 'prefix').value;
  return (
    (typeof prefix === 'string' && prefix !== '' && prefix !== '/') ||
    ['path_separated_prefix', 'safe_regex', 'path_match_policy'].some((field) => has(match, field))
  );
}
