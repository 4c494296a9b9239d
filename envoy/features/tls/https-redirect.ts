import type { ProxyPort } from '../../fragments/fragment';
import {
  CONNECTION_MANAGER,
  CONNECTION_MANAGER_NAME,
  extension,
  type Listener,
  ROUTER,
  socketAddress,
} from '../../messages/builders';
import { REDIRECT, VIRTUAL_HOST } from '../../messages/resource-names';
import { port as checkedPort } from '../../options/units';
import { refuseUnknown } from '../../options/validate';
import type { HttpsRedirectOptions } from './options';

const USER_INFORMATION = { name: ':authority', string_match: { contains: '@' } };

/** A listener that answers with the same address by `https`, and does nothing else. */
export function redirectFromHttp(
  at: string,
  { port = 8_880, httpsPort = 443, ...unknown }: HttpsRedirectOptions,
): { readonly listener: Listener; readonly port: ProxyPort } {
  refuseUnknown(at, unknown);
  checkedPort(`${at}.httpsPort`, httpsPort);
  const manager = extension(CONNECTION_MANAGER_NAME, CONNECTION_MANAGER, {
    stat_prefix: REDIRECT,
    use_remote_address: true,
    // A client that was told once has nothing more to ask here.
    common_http_protocol_options: { idle_timeout: '10s', max_requests_per_connection: 1 },
    request_headers_timeout: '10s',
    stream_idle_timeout: '10s',
    // The port by which the client came is no part of where it goes.
    strip_any_host_port: true,
    route_config: {
      name: REDIRECT,
      virtual_hosts: [
        {
          name: VIRTUAL_HOST,
          domains: ['*'],
          routes: [
            // Its user and password would stand in the location, and so in the browser's history.
            { match: { prefix: '/', headers: [USER_INFORMATION] }, direct_response: { status: 400 } },
            {
              match: { prefix: '/' },
              redirect: {
                https_redirect: true,
                ...(httpsPort !== 443 && { port_redirect: httpsPort }),
                // The method and the body are sent again, where 301 would make a GET of it.
                response_code: 'PERMANENT_REDIRECT',
              },
            },
          ],
        },
      ],
    },
    http_filters: [ROUTER],
  });
  return {
    port: { name: REDIRECT, port: checkedPort(`${at}.port`, port) },
    listener: {
      name: REDIRECT,
      address: socketAddress('0.0.0.0', port),
      per_connection_buffer_limit_bytes: 32_768,
      filter_chains: [{ filters: [manager] }],
    },
  };
}
