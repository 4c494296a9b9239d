import { isIpv4, plainAddress } from '../../options/ip';
import { getField, readText, warning } from '../message-reader';
import type { Rule } from '../rule';

/** The admin interface can end Envoy and shows its secrets: it is for this machine alone. */
export const adminExposed: Rule = (messages) =>
  messages('envoy.config.bootstrap.v3.Admin').flatMap((admin) => {
    const node = getField(admin, 'address', 'socket_address', 'address');
    const host = readText(node);
    const loopback = host !== undefined && (isIpv4(host) ? host.startsWith('127.') : isLoopback6(host));
    return host === undefined || loopback
      ? []
      : [
          warning(
            'admin-exposed',
            node,
            `is '${host}', so that others can end Envoy and read its secrets; write '127.0.0.1'`,
          ),
        ];
  });

const isLoopback6 = (host: string) => plainAddress(host) === plainAddress('::1');
