import type { Rule } from './rule';
import { adaptiveInterval } from './rules/adaptive-concurrency';
import { cidrRange, dnsName, ipAddress, pipePath } from './rules/addresses';
import { adminExposed } from './rules/admin';
import { admission } from './rules/admission-control';
import { apiKeySource } from './rules/api-keys';
import { basicAuthUsers } from './rules/basic-auth';
import { perHostThreshold } from './rules/circuit-breakers';
import { clusterExists } from './rules/cluster-exists';
import { apiConfigSource, nodeNamed, transportVersion } from './rules/config-sources';
import { connectConfig } from './rules/connect';
import { hashTable } from './rules/consistent-hashing';
import { dnsCache } from './rules/dns-cache';
import { clusterEndpoints, dropOverloads, endpointAddress } from './rules/endpoints';
import { authzPath } from './rules/ext-authz';
import { discoveredTypes, extensionConfig, extensionName, filterConfig } from './rules/extension-config';
import { filterChainMatch, uniqueFilterChains } from './rules/filter-chains';
import { formatString } from './rules/format-string';
import { headerName, headerProtected, headerValidator } from './rules/headers';
import { grpcHealthCheck, healthCheckNames, healthCheckPayload, thriftHealthCheck } from './rules/health-checks';
import { fillInterval, intervalOrder } from './rules/intervals';
import { jwks, jwtAudiences, jwtClaim, jwtPath, jwtProviderExists, jwtRequirementExists } from './rules/jwt';
import { listenerFilters, listeners } from './rules/listeners';
import { balancingPolicy, clusterProvided } from './rules/load-balancing';
import { matcherAction } from './rules/matcher-actions';
import { matcherInput } from './rules/matcher-inputs';
import { headerToMetadata, metadataRule, metadataSource } from './rules/metadata';
import { overload } from './rules/overload';
import { pathTemplate, pathTemplateRewrite } from './rules/path-templates';
import { descriptorSource } from './rules/proto-descriptors';
import { queryParameter } from './rules/query-parameters';
import { quicCodec, quicSocket } from './rules/quic';
import { descriptorExpression, rateLimitOff } from './rules/rate-limits';
import { mtlsAuthenticated, rbacInput } from './rules/rbac';
import { regex } from './rules/regex';
import { requiredField } from './rules/required-fields';
import { reverseTunnel } from './rules/reverse-tunnel';
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
import { statsTag } from './rules/stats-tags';
import { statusRange } from './rules/status-range';
import { tapAdmin } from './rules/tap';
import { terminalFilter } from './rules/terminal-filter';
import { tlsAlpn } from './rules/tls-alpn';
import { onDemandCertificate, pem, tlsCertificates } from './rules/tls-certificates';
import { tlsAuthority, tlsClients, tlsVerification } from './rules/tls-verification';
import { xrayEndpoint, zipkinCollector, zipkinVersion } from './rules/tracing';
import { matchedSocket, upstreamSocket } from './rules/transport-sockets';
import {
  uniqueAddresses,
  uniqueClusters,
  uniqueDomains,
  uniqueEntries,
  uniqueListeners,
  uniqueSecrets,
  uniqueThresholds,
} from './rules/unique';
import { protocolOptionsName } from './rules/upstream-protocols';
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
  filterConfig,
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
