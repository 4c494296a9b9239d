import type { envoy } from '../../../messages/schema/types';

export type SanMatcher = envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;

/**
 * Matches one whole name of a client's certificate. Of an exact DNS name Envoy also accepts the certificate of a wildcard above it,
 * as clients do with those of servers.
 */
export function toSanMatcher(type: SanMatcher['san_type'], name: string): SanMatcher {
  return {
    san_type: type,
    matcher: type === 'DNS' ? { safe_regex: { regex: `(?i)\\Q${name}\\E` } } : { exact: name },
  };
}
