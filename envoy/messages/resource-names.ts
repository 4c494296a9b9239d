import { DEFAULT_VERSION } from './schema/envoy-minors';
import { NEWEST_PATCHES } from './schema/envoy-patches';

/**
 * Names of generated things. Dashboards, patches and Terraform state depend on them: renaming one is a breaking change.
 */
export const DEFAULT_IMAGE = `envoyproxy/envoy:v${NEWEST_PATCHES[DEFAULT_VERSION]}`;
export const DEFAULT_PORT = 8_800;
export const LISTENER = 'http';
export const STAT_PREFIX = 'ingress_http';
export const ROUTES = 'routes';
/** What the routes of a configuration of our own come from, for messages. */
export const OWN_ROUTES = 'the routes';
export const VIRTUAL_HOST = 'api';
/** The cluster of the container behind the sidecar. */
export const UPSTREAM = 'api';
/** The stat prefix of the rate limit; that of a route has its name behind it. */
export const RATE_LIMIT = 'rate_limit';
/** The stat prefix of the rate limit after authentication, alike. */
export const IDENTITY_RATE_LIMIT = 'identity_rate_limit';

/** The cluster of the service that counts for several Envoys, and the stat prefix of what it refuses. */
export const GLOBAL_RATE_LIMIT = 'global_rate_limit';

export const ADMIN_VIEW_LISTENER = 'admin_view';
export const ADMIN_VIEW_STAT_PREFIX = 'admin_view';
/** The cluster that the admin view reads from: Envoy's own admin interface. Not `admin`, which files of users have, too. */
export const ADMIN = 'admin_view';
export const ADMIN_PORT = 9901;
/** The option that sets a port, by the name of the port. */
export const portOption = (name: string): string =>
  ({ http: 'port', admin: 'adminView.port', redirect: 'tls.httpsRedirect.port' })[name] ?? `port of '${name}'`;
/**
 * Where the admin interface listens: the loopback network alone, at an address that nobody else is likely to use. A host
 * that runs two revisions in one network namespace replaces it by one of each revision's own.
 */
export const ADMIN_ADDRESS = '127.0.99.1';

export const JWT_FILTER = 'envoy.filters.http.jwt_authn';
/** Where JWT_FILTER leaves the claims of a verified token, in its dynamic metadata, whichever provider it was. */
export const JWT_CLAIMS = 'claims';
/** Where it leaves the header of such a token. */
export const JWT_HEADER = 'header';
/**
 * The filters before and behind JWT_FILTER that refuse what it accepts, their stat prefix, and
 * the names of what they refuse in the access log.
 */
export const JWT = 'jwt';
export const JWT_PLACE_FILTER = 'envoy.filters.http.rbac.jwt_place';
export const JWT_PLACE = 'jwt_place';
export const JWT_CONTENT_FILTER = 'envoy.filters.http.rbac.jwt_content';
export const JWT_AUDIENCE = 'jwt_audience';
export const JWT_CRITICAL = 'jwt_critical';
export const JWT_CLAIM = 'jwt_claim';
/** The cluster that a provider's keys are fetched from. */
export const jwksCluster = (provider: string) => `jwks_${provider}`;

/** Who a client is, as found by its API key or password. What clients send in these headers is removed. */
export const API_CLIENT_HEADER = 'x-api-client';
export const USER_HEADER = 'x-user-name';
/** One filter for what is denied, and one for what is allowed. */
export const authorizationFilter = (effect: 'deny' | 'allow') => `envoy.filters.http.rbac.${effect}`;
/** The filter that refuses what servers can read in two ways, its stat prefix, and what it refuses, as the access log names it. */
export const MALFORMED_FILTER = 'envoy.filters.http.rbac.malformed';
export const MALFORMED = 'malformed';
export const CLIMBING_PATH = 'climbing_path';
export const CONTROL_CHARACTER = 'control_character';
export const MALFORMED_AUTHORITY = 'malformed_authority';
export const TRACE = 'trace';
/** Removes the forwarding headers of peers that are not trusted, and chooses the route once more. */
export const FORWARDING_HEADERS_FILTER = 'envoy.filters.http.header_mutation.forwarding_headers';
export const FORWARDING_HEADERS_ROUTE_FILTER = 'envoy.filters.http.lua.forwarding_headers';

/** What bounds how many requests whose body Envoy does not hold are under way. */
export const STREAMING_FILTER = 'envoy.filters.http.header_mutation.streaming';
export const STREAMING_ROUTE_FILTER = 'envoy.filters.http.header_mutation.streaming_route';
export const STREAMED_REQUESTS_FILTER = 'envoy.filters.http.adaptive_concurrency.streamed';

export const API_KEYS_FILTER = 'envoy.filters.http.api_key_auth';
/** Removes credentials from queries on the routes whose filters don't read them. */
export const CREDENTIALS_FILTER = 'envoy.filters.http.lua.credentials';
export const BASIC_AUTH_FILTER = 'envoy.filters.http.basic_auth';
/** The filters that bring the scheme of `authorization` into the one spelling that Envoy's next filter knows. */
export const schemeFilters = (scheme: string) => ({
  read: `envoy.filters.http.header_to_metadata.${scheme}`,
  write: `envoy.filters.http.header_mutation.${scheme}`,
});
/** What Envoy calls itself where it reads parts of its configuration from files of their own. */
export const NODE = { id: 'sidecar', cluster: 'sidecar' };

/** Tells the API whose certificate a client showed. What clients send in it is removed. */
export const CLIENT_CERTIFICATE_HEADER = 'x-forwarded-client-cert';
/** Refuses client certificates whose names can't stand in CLIENT_CERTIFICATE_HEADER. */
export const AMBIGUOUS_SAN_FILTER = 'envoy.filters.http.rbac.ambiguous_san';
export const AMBIGUOUS_SAN = 'ambiguous_san';
export const CSRF_METHODS_FILTER = 'envoy.filters.http.rbac.csrf_methods';
export const HSTS_FILTER = 'hsts';
export const CORS_VARY_FILTER = 'vary_origin';
/** The port, the listener and the stat prefix of the redirect from plain HTTP. */
export const REDIRECT = 'redirect';
/** The secrets that TLS needs. */
export const tlsCertificate = (index: number) => `tls_${index}`;
export const TLS_CLIENTS = 'tls_clients';
/** The cluster that nobody asks, by which Envoy looks at files before it starts. */
export const TLS_FILES = 'tls_files';
/** The secrets that TLS to one upstream needs, and the cluster by which Envoy looks at their files. */
export const upstreamCertificate = (upstream: string) => `upstream_tls_${upstream}`;
export const upstreamAuthorities = (upstream: string) => `upstream_ca_${upstream}`;
export const upstreamTlsFiles = (upstream: string) => `upstream_tls_files_${upstream}`;

/** The certificates that the image trusts, as Debian and Ubuntu keep them. */
export const SYSTEM_CA_FILE = '/etc/ssl/certs/ca-certificates.crt';

/** The admin pages that only tell: not `config_dump`, which would show secrets that stand in the configuration. */
export const ADMIN_PAGES = [
  '/',
  '/certs',
  '/clusters',
  '/help',
  '/listeners',
  '/memory',
  '/ready',
  '/server_info',
  '/stats',
  '/stats/prometheus',
];
/** What a rolling replacement begins the drain with. */
export const DRAIN_PATH = '/drain_listeners?graceful';

export const CONFIG_FOLDER = '/etc/envoy';
export const CONFIG_FILE = `${CONFIG_FOLDER}/envoy.yaml`;
/** Secrets, apart from the configuration that everybody may read. */
export const API_KEYS_FILE = `${CONFIG_FOLDER}/api-keys.yaml`;
export const passwordsFile = (users: string) => `${CONFIG_FOLDER}/basic-auth${users}.htpasswd`;

/** The files of one certificate of the server. */
export const tlsFile = (index: number, end: 'pem' | 'key' | 'yaml') => `${CONFIG_FOLDER}/tls-${index}.${end}`;
export const TLS_CLIENTS_FILE = `${CONFIG_FOLDER}/tls-clients.yaml`;
/** The files of Envoy's own certificate for one upstream, and of what names the authorities of that upstream's. */
export const upstreamTlsFile = (upstream: string, end: 'pem' | 'key' | 'yaml') =>
  `${CONFIG_FOLDER}/upstream-tls-${upstream}.${end}`;
export const upstreamAuthoritiesFile = (upstream: string) => `${CONFIG_FOLDER}/upstream-ca-${upstream}.yaml`;
