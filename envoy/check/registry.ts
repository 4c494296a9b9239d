import type { Rule } from './rule';
import { cidrRange, clusterEndpoints, dnsName, dropOverloads, ipAddress, pipePath } from './rules/addresses';
import { adminExposed } from './rules/admin';
import { basicAuthUsers } from './rules/basic-auth';
import { perHostThreshold } from './rules/circuit-breakers';
import { clusterExists } from './rules/cluster-exists';
import { hashTable } from './rules/consistent-hashing';
import { authzPath } from './rules/ext-authz';
import { discoveredTypes, extensionConfig, extensionName } from './rules/extension-config';
import { filterChainMatch, uniqueFilterChains } from './rules/filter-chains';
import { formatString } from './rules/format-string';
import { headerName, headerProtected } from './rules/headers';
import { grpcHealthCheck, healthCheckNames, healthCheckPayload, thriftHealthCheck } from './rules/health-checks';
import { fillInterval, intervalOrder } from './rules/intervals';
import { jwks, jwtAudiences, jwtClaim, jwtPath, jwtProviderExists, jwtRequirementExists } from './rules/jwt';
import { listeners } from './rules/listeners';
import { balancingPolicy, clusterProvided } from './rules/load-balancing';
import { rateLimitOff } from './rules/local-rate-limit';
import { matcherAction } from './rules/matcher-actions';
import { matcherInput, rbacInput } from './rules/matcher-inputs';
import {
  adaptiveInterval,
  descriptorExpression,
  descriptorSource,
  filterConfigSet,
  headerToMetadata,
  headerValidator,
  matchedSocket,
  metadataRule,
  metadataSource,
  mtlsAuthenticated,
  nodeNamed,
  reverseTunnel,
  xrayEndpoint,
  zipkinCollector,
  zipkinVersion,
} from './rules/needs';
import { overload } from './rules/overload';
import { pathTemplate, pathTemplateRewrite } from './rules/path-templates';
import { connectConfig, listenerFilters, quicCodec, quicSocket } from './rules/protocols';
import { queryParameter } from './rules/query-parameters';
import { regex } from './rules/regex';
import { requiredField } from './rules/required-fields';
import {
  clientAddress,
  clusterNamed,
  clusterSpecifier,
  clusterWeights,
  pathRewrite,
  perFilterConfig,
  routeMatcher,
  routePath,
  routeUnreachable,
} from './rules/routes';
import { runtimeLayers } from './rules/runtime';
import { oauthSecret, secretExists } from './rules/secrets';
import { admission, apiConfigSource, apiKeySource, dnsCache, endpointAddress, transportVersion } from './rules/sources';
import { statsTag } from './rules/stats-tags';
import { statusRange } from './rules/status-range';
import { tapAdmin } from './rules/tap';
import { terminalFilter } from './rules/terminal-filter';
import {
  onDemandCertificate,
  pem,
  tlsAlpn,
  tlsAuthority,
  tlsCertificates,
  tlsClients,
  tlsVerification,
} from './rules/tls';
import {
  uniqueAddresses,
  uniqueClusters,
  uniqueDomains,
  uniqueEntries,
  uniqueListeners,
  uniqueSecrets,
  uniqueThresholds,
} from './rules/unique';
import { protocolOptionsName, upstreamSocket } from './rules/upstream-protocols';
import { jwksUri, lambdaArn, oauthEndpoint, redirectUri } from './rules/urls';

/** What Envoy's schema can't know, in the order in which it is looked for. `docs/reference/checks.md` tells of each. */
export const rules: readonly Rule[] = [
  clusterExists,
  uniqueClusters,
  uniqueListeners,
  uniqueAddresses,
  uniqueDomains,
  uniqueFilterChains,
  filterChainMatch,
  uniqueSecrets,
  uniqueEntries,
  uniqueThresholds,
  listeners,
  terminalFilter,
  extensionConfig,
  discoveredTypes,
  extensionName,
  matcherAction,
  matcherInput,
  rbacInput,
  perFilterConfig,
  ipAddress,
  dnsName,
  cidrRange,
  clusterEndpoints,
  clusterProvided,
  dropOverloads,
  pipePath,
  statusRange,
  fillInterval,
  intervalOrder,
  routeMatcher,
  routePath,
  routeUnreachable,
  pathTemplate,
  pathTemplateRewrite,
  pathRewrite,
  clusterNamed,
  clusterWeights,
  clusterSpecifier,
  clientAddress,
  headerName,
  headerProtected,
  queryParameter,
  regex,
  formatString,
  jwtProviderExists,
  jwtClaim,
  jwtRequirementExists,
  jwks,
  jwtAudiences,
  jwtPath,
  basicAuthUsers,
  rateLimitOff,
  secretExists,
  oauthSecret,
  tlsCertificates,
  pem,
  tlsAlpn,
  tlsAuthority,
  tlsVerification,
  tlsClients,
  overload,
  adminExposed,
  healthCheckNames,
  healthCheckPayload,
  grpcHealthCheck,
  thriftHealthCheck,
  nodeNamed,
  zipkinCollector,
  filterConfigSet,
  matchedSocket,
  descriptorExpression,
  mtlsAuthenticated,
  protocolOptionsName,
  headerToMetadata,
  statsTag,
  quicCodec,
  connectConfig,
  jwksUri,
  apiConfigSource,
  transportVersion,
  endpointAddress,
  dnsCache,
  apiKeySource,
  admission,
  adaptiveInterval,
  balancingPolicy,
  hashTable,
  perHostThreshold,
  zipkinVersion,
  quicSocket,
  listenerFilters,
  authzPath,
  tapAdmin,
  upstreamSocket,
  runtimeLayers,
  metadataSource,
  metadataRule,
  requiredField,
  headerValidator,
  descriptorSource,
  onDemandCertificate,
  xrayEndpoint,
  reverseTunnel,
  oauthEndpoint,
  redirectUri,
  lambdaArn,
];
