import type { Rule } from './messages';
import { cidrRange, clusterEndpoints, dnsName, ipAddress } from './rules/addresses';
import { adminExposed } from './rules/admin';
import { basicAuthUsers } from './rules/basic-auth';
import { clusterExists } from './rules/cluster-exists';
import { extensionConfig } from './rules/extension-config';
import { formatString } from './rules/format-string';
import { headerName, headerProtected } from './rules/headers';
import { fillInterval, intervalOrder } from './rules/intervals';
import { jwks, jwtAudiences, jwtPath, jwtProviderExists, jwtRequirementExists } from './rules/jwt';
import { listeners } from './rules/listeners';
import { rateLimitOff } from './rules/local-rate-limit';
import {
  adaptiveInterval,
  balancingPolicy,
  filterConfigSet,
  healthCheckNames,
  nodeNamed,
  statsTag,
  zipkinCollector,
  zipkinVersion,
} from './rules/needs';
import { overload } from './rules/overload';
import { connectConfig, jwksUri, listenerFilters, quicCodec, quicSocket } from './rules/protocols';
import { regex } from './rules/regex';
import {
  clientAddress,
  clusterSpecifier,
  clusterWeights,
  pathRewrite,
  perFilterConfig,
  routePath,
  routeUnreachable,
} from './rules/routes';
import { oauthSecret, secretExists } from './rules/secrets';
import { admission, apiConfigSource, apiKeySource, dnsCache, endpointAddress, transportVersion } from './rules/sources';
import { statusRange } from './rules/status-range';
import { terminalFilter } from './rules/terminal-filter';
import { pem, tlsAuthority, tlsCertificates, tlsClients, tlsVerification } from './rules/tls';
import {
  uniqueAddresses,
  uniqueClusters,
  uniqueDomains,
  uniqueEntries,
  uniqueFilterChains,
  uniqueListeners,
  uniqueSecrets,
} from './rules/unique';

/** What Envoy's schema can't know, in the order in which it is looked for. `docs/checks.md` tells of each. */
export const rules: readonly Rule[] = [
  clusterExists,
  uniqueClusters,
  uniqueListeners,
  uniqueAddresses,
  uniqueDomains,
  uniqueFilterChains,
  uniqueSecrets,
  uniqueEntries,
  listeners,
  terminalFilter,
  extensionConfig,
  perFilterConfig,
  ipAddress,
  dnsName,
  cidrRange,
  clusterEndpoints,
  statusRange,
  fillInterval,
  intervalOrder,
  routePath,
  routeUnreachable,
  pathRewrite,
  clusterWeights,
  clusterSpecifier,
  clientAddress,
  headerName,
  headerProtected,
  regex,
  formatString,
  jwtProviderExists,
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
  tlsAuthority,
  tlsVerification,
  tlsClients,
  overload,
  adminExposed,
  healthCheckNames,
  nodeNamed,
  zipkinCollector,
  filterConfigSet,
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
  zipkinVersion,
  quicSocket,
  listenerFilters,
];
