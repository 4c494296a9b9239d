import {
  CONNECTION_MANAGER,
  CONNECTION_MANAGER_NAME,
  extension,
  loadAssignment,
  ROUTER,
  type Route,
  socketAddress,
} from '../api';
import type { ProxyFragment } from '../fragment';
import { ADMIN, ADMIN_ADDRESS, ADMIN_PAGES, ADMIN_PORT, ADMIN_VIEW_LISTENER, ADMIN_VIEW_STAT_PREFIX } from '../names';
import { port as checkedPort, refuseUnknown } from '../values';

/** Envoy's admin pages to look at in a browser: what can be read without harm, and nothing that changes anything. */
export interface AdminViewOptions {
  /**
   * The port of these pages inside the container. `EnvoySidecar` publishes it on the host's loopback address only.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/operations/admin
   * @default 8081
   */
  readonly port?: number;
}

function proxy({ port = 8_081, ...unknown }: AdminViewOptions): ProxyFragment {
  refuseUnknown('adminView', unknown);
  const pages: Route = {
    match: {
      safe_regex: { regex: ADMIN_PAGES.join('|') },
      headers: [{ name: ':method', string_match: { exact: 'GET' } }],
    },
    route: { cluster: ADMIN },
  };
  const refusal: Route = {
    match: { prefix: '/' },
    direct_response: { status: 403, body: { inline_string: 'read-only view of the admin interface\n' } },
  };
  const manager = extension(CONNECTION_MANAGER_NAME, CONNECTION_MANAGER, {
    stat_prefix: ADMIN_VIEW_STAT_PREFIX,
    normalize_path: true,
    route_config: {
      name: ADMIN_VIEW_LISTENER,
      virtual_hosts: [{ name: ADMIN, domains: ['*'], routes: [pages, refusal] }],
    },
    http_filters: [ROUTER],
  });
  return {
    ports: [{ name: 'admin', port: checkedPort('adminView.port', port) }],
    listeners: [
      {
        name: ADMIN_VIEW_LISTENER,
        address: socketAddress('0.0.0.0', port),
        // To look at an Envoy that refuses its clients is what this is for.
        bypass_overload_manager: true,
        filter_chains: [{ filters: [manager] }],
      },
    ],
    clusters: [
      { name: ADMIN, type: 'STATIC', load_assignment: loadAssignment(ADMIN, socketAddress(ADMIN_ADDRESS, ADMIN_PORT)) },
    ],
  };
}

export const adminView = { onByDefault: true as const, proxy };
