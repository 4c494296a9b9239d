import type { ProxyFragment } from '../fragments/fragment';
import {
  CONNECTION_MANAGER,
  CONNECTION_MANAGER_NAME,
  extension,
  loadAssignment,
  ROUTER,
  type Route,
  socketAddress,
} from '../messages/builders';
import {
  ADMIN,
  ADMIN_ADDRESS,
  ADMIN_PAGES,
  ADMIN_PORT,
  ADMIN_VIEW_LISTENER,
  ADMIN_VIEW_STAT_PREFIX,
} from '../messages/resource-names';
import { port as checkedPort } from '../options/units';
import { invalidOption, refuseUnknown } from '../options/validate';

/**
 * Envoy's admin pages, read-only, in a browser. Off by default: every container on the sidecar's networks
 * can read them too, the API's among them, and they tell the addresses, certificates and statistics of the sidecar. At most 64
 * connections are open at once, and each has 10 s for a request.
 */
export interface AdminViewOptions {
  /**
   * The port of these pages inside the container. `EnvoySidecar` publishes it on the host's loopback address only.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/operations/admin
   * @default 8081
   */
  readonly port?: number;
  /**
   * Host names by which the pages may be requested, as `['envoy']` for a Prometheus on the same network. All others get 403.
   * Otherwise a web page whose host name leads to this address (DNS rebinding) could read the pages in your browser.
   *
   * @default - `localhost` and IP addresses, which no web page elsewhere can have as its name
   */
  readonly allowedHosts?: readonly string[];
}

/** What one client can hold is 64 times the headers and buffers of one connection, some 6 MiB. */
const MAX_CONNECTIONS = 64;
const BUFFER = { per_connection_buffer_limit_bytes: 32_768 };

function proxy({ port = 8_081, allowedHosts = [], ...unknown }: AdminViewOptions): ProxyFragment {
  refuseUnknown('adminView', unknown);
  const pages: Route = {
    match: {
      safe_regex: { regex: ADMIN_PAGES.join('|') },
      headers: [
        { name: ':method', string_match: { exact: 'GET' } },
        { name: ':authority', string_match: { safe_regex: { regex: authorities(allowedHosts) } } },
      ],
    },
    route: { cluster: ADMIN },
  };
  const refusal: Route = {
    match: { prefix: '/' },
    direct_response: {
      status: 403,
      body: { inline_string: 'read-only view of the admin interface, for localhost and adminView.allowedHosts\n' },
    },
  };
  const manager = extension(CONNECTION_MANAGER_NAME, CONNECTION_MANAGER, {
    stat_prefix: ADMIN_VIEW_STAT_PREFIX,
    // Each connection of HTTP/2 could hold a hundred requests.
    codec_type: 'HTTP1',
    normalize_path: true,
    request_headers_timeout: '10s',
    request_timeout: '10s',
    stream_idle_timeout: '10s',
    common_http_protocol_options: { idle_timeout: '10s' },
    route_config: {
      name: ADMIN_VIEW_LISTENER,
      virtual_hosts: [{ name: ADMIN, domains: ['*'], routes: [pages, refusal] }],
    },
    http_filters: [ROUTER],
  });
  const connectionLimit = extension(
    'envoy.filters.network.connection_limit',
    'envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit',
    { stat_prefix: ADMIN_VIEW_STAT_PREFIX, max_connections: MAX_CONNECTIONS },
  );
  return {
    ports: [{ name: 'admin', port: checkedPort('adminView.port', port) }],
    listeners: [
      {
        name: ADMIN_VIEW_LISTENER,
        address: socketAddress('0.0.0.0', port),
        ...BUFFER,
        // To look at an Envoy that refuses its clients is what this is for.
        bypass_overload_manager: true,
        filter_chains: [{ filters: [connectionLimit, manager] }],
      },
    ],
    clusters: [
      {
        name: ADMIN,
        type: 'STATIC',
        ...BUFFER,
        load_assignment: loadAssignment(ADMIN, socketAddress(ADMIN_ADDRESS, ADMIN_PORT)),
      },
    ],
  };
}

/** An expression for the authorities that are answered: these hosts, with any port or none. */
function authorities(allowedHosts: readonly string[]): string {
  const names = allowedHosts.map((host, index) => {
    if (!/^[a-z0-9_.-]+$/i.test(host)) {
      invalidOption(
        `adminView.allowedHosts[${index}]`,
        'must be a host name without a port',
        host,
        "write for example 'envoy'",
      );
    }
    return host.replaceAll('.', '\\.');
  });
  return `(?i)(${['localhost', '[0-9.]+', '\\[[0-9a-f:.]+\\]', ...names].join('|')})(:[0-9]+)?`;
}

export const adminView = { proxy };
