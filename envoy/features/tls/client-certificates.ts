import { extension, type HttpFilter } from '../../messages/builders';
import { AMBIGUOUS_SAN, AMBIGUOUS_SAN_FILTER, TLS_CLIENTS, TLS_CLIENTS_FILE } from '../../messages/resource-names';
import { invalidOption, keysOf, refuseUnknown } from '../../options/validate';
import { authorities, revocations } from '../shared/tls/pem';
import type { PemSource } from '../shared/tls/pem-source';
import { type SanMatcher, toSanMatcher } from '../shared/tls/subject-alt-name';
import { type Verification, verification } from '../shared/tls/validation-context';

/**
 * Verifies certificates of clients. The API receives the certificate's hash, subject and names (URI and DNS) in
 * `x-forwarded-client-cert`. Envoy always removes this header from client requests. Envoy doesn't quote the names in it. So
 * a certificate with `;`, `,` or `"` in a name gets 403.
 *
 * Envoy verifies a certificate at the start of a connection, so it doesn't resume TLS sessions. A connection may outlive its
 * certificate, until `timeouts.maxConnectionDuration`.
 */
export interface ClientCertificates {
  /**
   * Certificate authorities whose certificates Envoy accepts: a file in the container, or PEM text. Envoy loads the file
   * again when it is replaced, as it does for the server's certificates.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/security/ssl
   * @example { file: '/tls/ca.pem' }
   */
  readonly trustedCa: PemSource;
  /**
   * Rejects clients without a certificate. With `false`, Envoy serves them without `x-forwarded-client-cert`, but still
   * rejects invalid certificates. To accept either a certificate or a token, also set `authentication: { anyOf: ['tls',
   * 'jwt'] }`.
   *
   * @default true
   */
  readonly required?: boolean;
  /**
   * Names of which a client certificate must have one. They begin with `URI:`, `DNS:`, `EMAIL:` or `IP:`. Envoy compares the
   * complete name; DNS names may differ in case. Write the wildcard of a certificate as it is: `'DNS:*.example.com'`.
   *
   * @default - any certificate of these authorities
   * @example ['URI:spiffe://example.com/orders', 'DNS:orders.example.com']
   */
  readonly subjectAltNames?: readonly SubjectAltName[];
  /**
   * Certificate revocation lists, one for each authority of the chain: a file in the container, or PEM text. Envoy loads the
   * file again when it changes. If a list has expired, Envoy rejects every client.
   *
   * @default - no revocation list
   */
  readonly crl?: PemSource;
}

export type SubjectAltName = `${keyof typeof NAME_TYPES}:${string}`;

const NAME_TYPES = { URI: 'URI', DNS: 'DNS', EMAIL: 'EMAIL', IP: 'IP_ADDRESS' } as const;

/** How a server looks at the certificates of its clients. */
export function clientValidation(
  at: string,
  { trustedCa, required: _, subjectAltNames, crl, ...unknown }: ClientCertificates,
): Verification {
  refuseUnknown(at, unknown, keysOf);
  if (subjectAltNames?.length === 0) {
    invalidOption(`${at}.subjectAltNames`, 'must hold a name', subjectAltNames, 'leave it out to take any name');
  }
  return verification(
    {
      trusted_ca: authorities(`${at}.trustedCa`, trustedCa),
      ...(crl && { crl: revocations(`${at}.crl`, crl) }),
      ...(subjectAltNames && {
        match_typed_subject_alt_names: subjectAltNames.map((name, index) =>
          nameMatcher(`${at}.subjectAltNames[${index}]`, name),
        ),
      }),
    },
    TLS_CLIENTS,
    TLS_CLIENTS_FILE,
  );
}

function nameMatcher(at: string, name: string): SanMatcher {
  const [, type = '', exact = ''] = /^([A-Z]+):(.+)$/.exec(name) ?? [];
  if (!Object.hasOwn(NAME_TYPES, type)) {
    const kinds = Object.keys(NAME_TYPES).join(', ');
    invalidOption(at, `must be a name behind its kind (${kinds})`, name, "write for example 'DNS:client.example.com'");
  }
  return toSanMatcher(NAME_TYPES[type as keyof typeof NAME_TYPES], exact);
}

/** Refuses certificates with names that would add elements to `x-forwarded-client-cert`. */
export function ambiguousSanFilter(): HttpFilter {
  // No regex: `.` doesn't match every byte.
  const matchers = (['URI', 'DNS'] as const).flatMap((san_type) =>
    [';', ',', '"'].map((contains) => ({ san_type, matcher: { contains } })),
  );
  const principals = matchers.map((san_matcher) => ({
    custom: extension(
      'envoy.rbac.principals.mtls_authenticated',
      'envoy.extensions.rbac.principals.mtls_authenticated.v3.Config',
      { san_matcher },
    ),
  }));
  return extension(AMBIGUOUS_SAN_FILTER, 'envoy.extensions.filters.http.rbac.v3.RBAC', {
    rules: { action: 'DENY', policies: { [AMBIGUOUS_SAN]: { permissions: [{ any: true }], principals } } },
    rules_stat_prefix: AMBIGUOUS_SAN,
  });
}
