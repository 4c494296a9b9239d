import { didYouMean } from '../../options/suggest';
import { isReference } from '../../options/terraform-tokens';
import {
  error,
  getEntries,
  getField,
  getItems,
  getMessageType,
  hasField,
  isWithin,
  type Node,
  quoteNames,
  readText,
  warning,
} from '../message-reader';
import type { FoundMessage, Messages, Rule } from '../rule';
import { checkJwks } from '../syntax/jwks-validation';
import { HTTP_CONNECTION_MANAGER } from './message-types';

const PACKAGE = 'envoy.extensions.filters.http.jwt_authn.v3';

const jwtFilters = (messages: Messages) => messages(`${PACKAGE}.JwtAuthentication`);
const keysOf = (filter: FoundMessage, map: string) => getEntries(filter, map).map(([name]) => name);

/** What tokens are required by is a provider of the same filter. */
export const jwtProviderExists: Rule = (messages) =>
  jwtFilters(messages).flatMap((filter) => {
    const providers = keysOf(filter, 'providers');
    // Of one with audiences no name is the empty one.
    const named = [['JwtRequirement'], ['ProviderWithAudiences', '']].flatMap(([type, none]) =>
      messages(`${PACKAGE}.${type}`)
        .filter((requirement) => isWithin(requirement, filter))
        .map((requirement) => ({ node: getField(requirement, 'provider_name'), none })),
    );
    return named.flatMap(({ node, none }) => {
      const name = readText(node) ?? (isReference(node.value) ? undefined : node.value === '' ? '' : none);
      return name === undefined || providers.includes(name)
        ? []
        : [
            error(
              'jwt-provider-exists',
              node,
              `names the provider '${name}', which is not there; the providers are ${quoteNames(providers)}${didYouMean(name, providers)}`,
            ),
          ];
    });
  });

/** A claim is named in one of two ways; until 1.39 there is the first alone, which the schema asks for. */
export const jwtClaim: Rule = (messages) =>
  messages(`${PACKAGE}.JwtClaimToHeader`)
    .filter(
      (claim) => ((getField(claim, 'claim_name').value ?? '') !== '') === getItems(claim, 'claim_path').length > 0,
    )
    .map((claim) => error('jwt-claim', claim, 'needs one of claim_name and claim_path, and not both'));

/** A requirement by name is in the map of its filter; that of a route in any, or Envoy answers 403 there. */
export const jwtRequirementExists: Rule = (messages) => {
  const missing = (node: ReturnType<typeof getField>, map: readonly string[], report: typeof error) => {
    const name = readText(node);
    return name === undefined || map.includes(name)
      ? []
      : [
          report(
            'jwt-requirement-exists',
            node,
            `names the requirement '${name}', which is not there; requirement_map has ${quoteNames(map)}${didYouMean(name, map)}`,
          ),
        ];
  };
  const all = jwtFilters(messages).flatMap((filter) => keysOf(filter, 'requirement_map'));
  return [
    ...jwtFilters(messages).flatMap((filter) =>
      getItems(filter, 'rules').flatMap((rule) =>
        missing(getField(rule, 'requirement_name'), keysOf(filter, 'requirement_map'), error),
      ),
    ),
    ...messages(`${PACKAGE}.PerRouteConfig`).flatMap((route) =>
      missing(getField(route, 'requirement_name'), all, warning),
    ),
  ];
};

/** Keys that stand in the configuration can be read. */
export const jwks: Rule = (messages) =>
  messages(`${PACKAGE}.JwtProvider`).flatMap((provider) => {
    const node = getField(provider, 'local_jwks', 'inline_string');
    const keys = readText(node);
    return keys === undefined
      ? []
      : checkJwks(keys).map(({ isRejected, message }) => (isRejected ? error : warning)('jwks', node, message));
  });

/** Without audiences a provider accepts what its issuer made for anybody else. */
export const jwtAudiences: Rule = (messages) =>
  messages(`${PACKAGE}.JwtProvider`).flatMap((provider) => {
    const audiences = getField(provider, 'audiences').value;
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
    .filter((manager) => !normalizesPaths(manager))
    .flatMap((manager) => {
      const mine = (type: string) => messages(type).filter((met) => isWithin(met, manager));
      const jwtNames = getItems(manager, 'http_filters')
        .filter((filter) => getMessageType(getField(filter, 'typed_config')) === `${PACKAGE}.JwtAuthentication`)
        .map((filter) => getField(filter, 'name').value);
      const ofRoutes = mine('envoy.config.route.v3.Route')
        .filter((route) => matchesByPath(getField(route, 'match')))
        .flatMap((route) => getEntries(route, 'typed_per_filter_config'))
        .flatMap(([name, node]) => (jwtNames.includes(name) ? [node] : []));
      const ofFilter = mine(`${PACKAGE}.RequirementRule`)
        .map((rule) => getField(rule, 'match'))
        .filter(matchesByPath);
      return [...ofRoutes, ...ofFilter].map((node) =>
        warning(
          'jwt-path',
          node,
          "is for paths as clients write them: '/open/../closed' and '/open/..%2Fclosed' are below '/open', '//closed' is not '/closed'; set normalize_path, merge_slashes and path_with_escaped_slashes_action",
        ),
      );
    });

/** Whether there is one spelling for each path. */
function normalizesPaths(manager: Node): boolean {
  const escaped = getField(manager, 'path_with_escaped_slashes_action').value;
  return (
    getField(manager, 'normalize_path').value === true &&
    getField(manager, 'merge_slashes').value === true &&
    !KEEPING.includes(escaped ?? 'IMPLEMENTATION_SPECIFIC_DEFAULT')
  );
}

const KEEPING: readonly unknown[] = ['IMPLEMENTATION_SPECIFIC_DEFAULT', 'KEEP_UNCHANGED'];

/** Whether a match leaves part of the path open, though not all of it. */
function matchesByPath(match: Node): boolean {
  const prefix = getField(match, 'prefix').value;
  return (
    (typeof prefix === 'string' && prefix !== '' && prefix !== '/') ||
    ['path_separated_prefix', 'safe_regex', 'path_match_policy'].some((field) => hasField(match, field))
  );
}
