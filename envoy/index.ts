export type { Bootstrap, Cluster, Listener } from './api';
export { type Assembly, assemble, type EnvoyOptions } from './assemble';
export type { RouteAuthentication } from './authentication';
export type { Certificate, CertificateFiles, PemCertificate } from './certificate';
export { type CheckOptions, check } from './check';
export { type Path, type Problem, pathText } from './check/problem';
export { ENVOY_VERSIONS, type EnvoyVersion } from './check/versions';
export type { ClientCertificates, SubjectAltName } from './client-certificates';
export type { CustomFragment } from './custom';
export type { Authenticator, ProxyOptions, RouteOptions, UpstreamOptions } from './features';
export type { AccessLogOptions } from './features/access-log';
export type { AdaptiveConcurrencyOptions } from './features/adaptive-concurrency';
export type { AdminViewOptions } from './features/admin-view';
export type { ApiKeyOptions, ApiKeyRequirement } from './features/api-keys';
export type { AuthorizationOptions, AuthorizationRule, AuthorizationRules } from './features/authorization';
export type { BasicAuthOptions, BasicAuthRequirement } from './features/basic-auth';
export type { BodyLimitOptions } from './features/body-limit';
export type { CircuitBreakerOptions } from './features/circuit-breaker';
export type { BehindProxies, ClientIpOptions } from './features/client-ip';
export type { CorsOptions } from './features/cors';
export type { CsrfOptions } from './features/csrf';
export type { DiscoveryOptions } from './features/discovery';
export type { ErrorBreakerOptions } from './features/error-breaker';
export type { GlobalLimits, GlobalRateLimitCost, GlobalRateLimitOptions } from './features/global-rate-limit';
export type { HeaderOptions } from './features/headers';
export type { HealthCheckOptions } from './features/health-check';
export type { IdentityRateLimitOptions } from './features/identity-rate-limit';
export type { JwtOptions, JwtRequirement } from './features/jwt';
export type { LimitOptions } from './features/limits';
export type {
  HashOn,
  LoadBalancingOptions,
  RouteLoadBalancingOptions,
  UpstreamLoadBalancingOptions,
} from './features/load-balancing';
export type { LocalReplyOptions } from './features/local-replies';
export type { OutlierDetectionOptions } from './features/outlier-detection';
export type { PathNormalizationOptions } from './features/path-normalization';
export type { RateLimitOptions } from './features/rate-limit';
export type { RetryBudget, RetryOn, RetryOptions } from './features/retries';
export type { SecurityHeadersOptions } from './features/security-headers';
export type { RouteTimeoutOptions, TimeoutOptions } from './features/timeouts';
export type { HstsOptions, RedirectFromHttp, TlsOptions } from './features/tls';
export type { UpstreamTlsOptions } from './features/upstream-tls';
export type { ProxyFile, ProxyFragment, ProxyPort, RouteFragment, UpstreamFragment } from './fragment';
export type { JwksOptions, LocalJwks, RemoteJwks } from './jwks';
export type { JwtProvider } from './jwt-provider';
export type { PemSource } from './pem-source';
export { type ProxySpec, proxySpec, type RunOptions, type TextFile } from './proxy-spec';
export type { Rate } from './rate';
export { type ReadProblem, type ReadYaml, readYaml } from './read-yaml';
export type { RedirectOptions, RespondOptions, RouteActionOptions } from './route-action';
export type { Method, RouteMatchOptions } from './route-match';
export type { RouteOrder, RouteRule } from './routes';
export type { Any, Extensions, envoy, Messages, Typed } from './schema/types';
export type { Member, OneOrMore } from './servers';
export type { Upstream } from './upstream';
export type { Bytes, Duration } from './values';
export { toYaml, type WriteReference } from './yaml';
