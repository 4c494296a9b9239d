import type { X509Certificate } from 'node:crypto';
import { type Cluster, extension, type HttpFilter, type RouteMatch } from '../api';
import { checkCertificate, checkNames } from '../certificates';
import type { ProxyFile, ProxyFragment } from '../fragment';
import {
  CLIENT_CERTIFICATE_HEADER,
  HSTS_FILTER,
  TLS_CLIENTS,
  TLS_CLIENTS_FILE,
  TLS_FILES,
  tlsCertificate,
  tlsFile,
} from '../names';
import { authorities, filePath, revocations } from '../pem';
import type { PemSource } from '../pem-source';
import { redirectFromHttp } from '../redirect-from-http';
import type { envoy } from '../schema/types';
import { SERVER_TLS } from '../tls';
import { type Duration, fail, oneOf, refuseUnknown, wholeSeconds } from '../values';

/** TLS to the clients, with HTTP/2 for those that can. The port serves nothing else then. */
export interface TlsOptions {
  /**
   * The certificates with their keys. A client gets the one for the name that it asks for (SNI); the first, if it asks for
   * none or for one that none is made out to.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/security/ssl
   */
  readonly certificates: readonly [ServerCertificate, ...ServerCertificate[]];
  /**
   * Mozilla's configurations: `intermediate` is TLS 1.2 and 1.3 with forward secrecy and authenticated ciphers alone, `modern`
   * is TLS 1.3 alone.
   *
   * @see https://wiki.mozilla.org/Security/Server_Side_TLS
   * @default 'intermediate', which Mozilla recommends for whoever does not know each client; nothing of it is broken
   */
  readonly preset?: 'intermediate' | 'modern';
  /**
   * Names and addresses by which clients come. When all certificates are known while it synthesizes, a name that none of them
   * is made out to is refused. Changes nothing else.
   *
   * @default - the certificates' names are not looked at
   */
  readonly hosts?: readonly string[];
  /**
   * Clients show certificates of their own (mTLS).
   *
   * @default - they are not asked for one
   */
  readonly clients?: ClientCertificates;
  /**
   * A port of its own on which requests in the plain are sent to `https`, whatever their method (308).
   *
   * @default - none: a client of an API that speaks in the plain by mistake has then told its token already, and would never be noticed
   */
  readonly redirect?: RedirectFromHttp;
  /**
   * Tells browsers to come by `https` alone from now on (`strict-transport-security`), on every answer, Envoy's own ones too. One
   * that the API sends itself is left as it is.
   *
   * @see https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Strict-Transport-Security
   * @default {}, since a browser that was here once then never begins in the plain, where it can be led astray
   */
  readonly hsts?: HstsOptions | false;
}

export type ServerCertificate = PemCertificate | CertificateFiles;

/**
 * A certificate as text, and its key. Written out here, both stand in the synthesized stack; a sensitive variable of
 * Terraform or another resource's value do not. Either way they stand in Terraform's state, the key marked as sensitive.
 *
 * @option `tls.certificates: [{ … }]`, as text
 */
export interface PemCertificate {
  /** PEM: the certificate itself, then those that it was issued by, up to the root, which can be left out. */
  readonly chain: string;
  /** PEM: RSA of 2048 bits or more, ECDSA with P-256, P-384 or P-521, or Ed25519; without a passphrase. */
  readonly key: string;
}

/**
 * A certificate in files inside the container, in a mounted folder (`volumes`): Terraform never sees them. Envoy reads them
 * again whenever a file is moved into their folder, and goes on with the old ones if they don't fit each other. New connections
 * get the new certificate, those that are there go on. A file that is written in place is not noticed.
 *
 * @option `tls.certificates: [{ … }]`, in files
 */
export interface CertificateFiles {
  /** The file of the chain, in PEM, as `/tls/fullchain.pem`. */
  readonly chainFile: string;
  /** The file of the key, in PEM, readable for user 101, as whom Envoy runs. */
  readonly keyFile: string;
}

/**
 * Which client certificates are taken. The API finds in `x-forwarded-client-cert` whose it was: the hash, the subject, and
 * the names (URI and DNS). What clients themselves send in that header is removed, always.
 *
 * @option `tls.clients`
 */
export interface ClientCertificates {
  /**
   * The authorities whose certificates are taken: a file inside the container, which is read again as those of the server's
   * certificates are, or the PEM itself.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/security/ssl
   */
  readonly trustedCa: PemSource;
  /**
   * Whether a client without a certificate is refused. With `false` it is served, without the header; one with a certificate
   * that is not taken is refused all the same. For a certificate or a token: `require: false` and `anyOf: ['tls', 'jwt']`.
   *
   * @default true
   */
  readonly require?: boolean;
  /**
   * The names of which a certificate must have one, word for word: `'URI:spiffe://example.com/orders'`,
   * `'DNS:orders.example.com'`, `'EMAIL:a@example.com'`, `'IP:10.0.0.5'`.
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

/** @option `tls.hsts` */
export interface HstsOptions {
  /**
   * How long browsers remember it. Whoever goes back to plain HTTP loses them for that long.
   *
   * @default '8760h', a year
   */
  readonly maxAge?: Duration;
  /**
   * Whether it holds for all names below this one as well, whoever serves them.
   *
   * @default false
   */
  readonly includeSubdomains?: boolean;
}

/** @option `tls.redirect` */
export interface RedirectFromHttp {
  /**
   * The port inside the container on which plain HTTP is answered. `EnvoySidecar` publishes it by the name `redirect`.
   *
   * @default 8880
   */
  readonly port?: number;
  /**
   * The port that clients are sent to; 443 is left out of the address, as it goes without saying.
   *
   * @default - with `EnvoySidecar` the port of the host on which `http` is published; otherwise 443
   */
  readonly httpsPort?: number;
}

type TlsCertificate = envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
type SdsSecretConfig = envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
type Secret = envoy.extensions.transport_sockets.tls.v3.Secret;
type CommonTlsContext = envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
type ValidationContext = envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;

const NAME_TYPES = { URI: 'URI', DNS: 'DNS', EMAIL: 'EMAIL', IP: 'IP_ADDRESS' } as const;

function proxy(options: TlsOptions): ProxyFragment {
  const { certificates, preset = 'intermediate', hosts = [], clients, redirect, hsts = {}, ...unknown } = options;
  refuseUnknown('tls', unknown);
  oneOf('tls.preset', preset, ['intermediate', 'modern']);
  if (!certificates?.length) {
    return fail(
      'tls.certificates',
      'must hold a certificate',
      certificates,
      'add { chain, key } or { chainFile, keyFile }',
    );
  }
  const all = certificates.map((one, index) => serverCertificate(`tls.certificates[${index}]`, index, one));
  checkNames(
    'tls.hosts',
    hosts,
    all.map(({ known }) => known),
  );
  const verified = clients && clientCertificates(clients);
  const renewed = [...all, ...(verified ? [verified] : [])].flatMap(({ checked }) => (checked ? [checked] : []));
  const secrets = all.flatMap(({ secret }) => (secret ? [secret] : []));
  const redirection = redirect && redirectFromHttp('tls.redirect', redirect);
  return {
    ...(hsts && { httpFilters: [strictTransport(hsts)] }),
    identityHeaders: [CLIENT_CERTIFICATE_HEADER],
    connectionManager: verified
      ? {
          forward_client_cert_details: 'SANITIZE_SET',
          set_current_client_cert_details: { subject: true, uri: true, dns: true },
        }
      : { forward_client_cert_details: 'SANITIZE' },
    filterChain: {
      transport_socket: extension(
        'envoy.transport_sockets.tls',
        'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
        {
          common_tls_context: {
            tls_params: SERVER_TLS[preset],
            alpn_protocols: ['h2', 'http/1.1'],
            tls_certificate_sds_secret_configs: all.map(({ config }) => config),
            ...verified?.context,
          },
          ...(clients && { require_client_certificate: clients.require ?? true }),
          // A client knows best which cipher its processor is fast with.
          prefer_client_ciphers: true,
        },
      ),
    },
    ...(redirection && { listeners: [redirection.listener], ports: [redirection.port] }),
    ...(renewed.length > 0 && { clusters: [checkOf(renewed)] }),
    ...(secrets.length > 0 && { bootstrap: { static_resources: { secrets } } }),
    files: [...all, ...(verified ? [verified] : [])].flatMap(({ files }) => files),
  };
}

/** What one certificate adds. */
interface Part {
  readonly files: readonly ProxyFile[];
  /** What Envoy is to look at before it starts, as it doesn't with what it reads again. */
  readonly checked?: CommonTlsContext;
}

interface CertificatePart extends Part {
  readonly config: SdsSecretConfig;
  readonly secret?: Secret;
  readonly known?: X509Certificate | undefined;
}

function serverCertificate(at: string, index: number, certificate: ServerCertificate): CertificatePart {
  const name = tlsCertificate(index);
  if ('chain' in certificate) {
    const { chain, key, ...unknown } = certificate;
    refuseUnknown(at, unknown);
    const known = checkCertificate(at, chain, key);
    const [chainFile, keyFile] = [tlsFile(index, 'pem'), tlsFile(index, 'key')];
    return {
      known,
      config: { name },
      secret: { name, tls_certificate: filesOf(chainFile, keyFile) },
      files: [
        { path: chainFile, content: chain },
        { path: keyFile, content: key, sensitive: true },
      ],
    };
  }
  const { chainFile, keyFile, ...unknown } = certificate;
  refuseUnknown(at, unknown);
  const files = filesOf(filePath(`${at}.chainFile`, chainFile), filePath(`${at}.keyFile`, keyFile));
  const path = tlsFile(index, 'yaml');
  return {
    config: readAgain(name, path),
    files: [{ path, content: secretFile({ name, tls_certificate: files }) }],
    checked: { tls_certificates: [files], validation_context: NOBODY },
  };
}

function filesOf(chain: string, key: string): TlsCertificate {
  return { certificate_chain: { filename: chain }, private_key: { filename: key } };
}

/** As a client, which it never is there, Envoy would trust nobody. */
const NOBODY = { verify_certificate_hash: ['0'.repeat(64)] };

/** A secret in a file of ours, which names the files that are read again. */
function readAgain(name: string, path: string): SdsSecretConfig {
  return { name, sds_config: { path_config_source: { path }, resource_api_version: 'V3' } };
}

function secretFile(secret: Secret): object {
  return {
    resources: [{ '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret', ...secret }],
  };
}

interface ClientsPart extends Part {
  readonly context: CommonTlsContext;
}

function clientCertificates({
  trustedCa,
  require: _,
  subjectAltNames,
  crl,
  ...unknown
}: ClientCertificates): ClientsPart {
  refuseUnknown('tls.clients', unknown);
  if (subjectAltNames?.length === 0) {
    fail('tls.clients.subjectAltNames', 'must hold a name', subjectAltNames, 'leave it out to take any name');
  }
  const context: ValidationContext = {
    trusted_ca: authorities('tls.clients.trustedCa', trustedCa),
    ...(crl && { crl: revocations('tls.clients.crl', crl) }),
    ...(subjectAltNames && {
      match_typed_subject_alt_names: subjectAltNames.map((name, index) =>
        nameMatcher(`tls.clients.subjectAltNames[${index}]`, name),
      ),
    }),
  };
  if ('pem' in trustedCa && (!crl || 'pem' in crl)) {
    return { context: { validation_context: context }, files: [] };
  }
  return {
    context: { validation_context_sds_secret_config: readAgain(TLS_CLIENTS, TLS_CLIENTS_FILE) },
    files: [{ path: TLS_CLIENTS_FILE, content: secretFile({ name: TLS_CLIENTS, validation_context: context }) }],
    checked: { validation_context: context },
  };
}

function nameMatcher(at: string, name: string) {
  const [, type = '', exact = ''] = /^([A-Z]+):(.+)$/.exec(name) ?? [];
  if (!Object.hasOwn(NAME_TYPES, type)) {
    const kinds = Object.keys(NAME_TYPES).join(', ');
    fail(at, `must be a name behind its kind (${kinds})`, name, "write for example 'DNS:client.example.com'");
  }
  return { san_type: NAME_TYPES[type as keyof typeof NAME_TYPES], matcher: { exact } };
}

/**
 * A cluster without a host, which nobody asks. Envoy starts and says that it is ready also when it can't read a certificate
 * that it is to read again, and then closes every connection. The same files in a cluster keep it from starting.
 */
function checkOf(contexts: readonly CommonTlsContext[]): Cluster {
  return {
    name: TLS_FILES,
    type: 'STATIC',
    transport_socket_matches: contexts.map((context, index) => ({
      name: `${TLS_FILES}_${index}`,
      match: {},
      transport_socket: extension(
        'envoy.transport_sockets.tls',
        'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
        { common_tls_context: context },
      ),
    })),
  };
}

/** The first filter, so that it is the last to see an answer. Also what Envoy answers itself passes it. */
function strictTransport({ maxAge = '8760h', includeSubdomains = false, ...unknown }: HstsOptions): HttpFilter {
  refuseUnknown('tls.hsts', unknown);
  const age = `max-age=${wholeSeconds('tls.hsts.maxAge', maxAge)}`;
  const header = {
    key: 'strict-transport-security',
    value: includeSubdomains ? `${age}; includeSubDomains` : age,
  };
  return extension(HSTS_FILTER, 'envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
    mutations: { response_mutations: [{ append: { header, append_action: 'ADD_IF_ABSENT' } }] },
  });
}

/** A certificate. One that is not taken has ended its connection. */
function shown(_: object, { clients }: TlsOptions): readonly Partial<RouteMatch>[] {
  if (clients === undefined) {
    fail('tls.clients', 'must say whose certificates are taken, with anyOf', clients, 'give it trustedCa');
  }
  if (clients.require !== false) {
    const problem = 'must be false with anyOf, or nobody comes without a certificate';
    fail('tls.clients.require', problem, clients.require, 'write require: false');
  }
  // Not `validated`, which a session that is taken up again never is to Envoy. Here nothing is presented that was not taken.
  return [{ tls_context: { presented: true } }];
}

export const tls = { proxy, shown };
