import { extension, type HttpFilter } from '../../messages/builders';
import { AMBIGUOUS_SAN, AMBIGUOUS_SAN_FILTER, TLS_CLIENTS, TLS_CLIENTS_FILE } from '../../messages/resource-names';
import { invalidOption, keysOf, refuseUnknown } from '../../options/validate';
import { authorities, revocations } from '../shared/tls/pem';
import type { PemSource } from '../shared/tls/pem-source';
import { type SanMatcher, toSanMatcher } from '../shared/tls/subject-alt-name';
import { type Verification, verification } from '../shared/tls/validation-context';

/**
 * Which client certificates are taken. The API finds in `x-forwarded-client-cert` whose it was: the hash, the subject, and
 * the names (URI and DNS). What clients themselves send in that header is removed, always. Envoy does not quote the names
 * there, so a certificate with `;`, `,` or `"` in one of them gets 403.
 *
 * Envoy verifies a certificate when a connection begins, so TLS sessions are not resumed. A connection may outlive its certificate,
 * until `timeouts.maxConnectionDuration`.
 */
export interface ClientCertificates {
  /**
   * The authorities whose certificates are taken: a file inside the container, which is read again as those of the server's
   * certificates are, or the PEM itself.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/security/ssl
   * @example { file: '/tls/ca.pem' }
   */
  readonly trustedCa: PemSource;
  /**
   * Whether a client without a certificate is refused. With `false` it is served, without the header; one with a certificate
   * that is not taken is refused all the same. For a certificate or a token: `required: false` and
   * `authentication: { anyOf: ['tls', 'jwt'] }`.
   *
   * @default true
   */
  readonly required?: boolean;
  /**
   * The names of which a certificate must have one, word for word: `'URI:spiffe://example.com/orders'`,
   * `'DNS:orders.example.com'`, `'EMAIL:a@example.com'`, `'IP:10.0.0.5'`. A certificate for `*.example.com` has the name
   * `'DNS:*.example.com'` alone. Letters of DNS names may be of either case.
   *
   * @default - any certificate of these authorities
   */
  readonly subjectAltNames?: readonly SubjectAltName[];
  /**
   * The certificates that are no longer taken, in a list of each authority of their chains: a file inside the container, which
   * is read again when it changes, or the PEM itself. With a list that is over, no client is let in.
   *
   * @default - none was revoked
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
