import { child, error, has } from '../message-reader';
import type { Rule } from '../rule';

/** What ends a CONNECT is for CONNECT. */
export const connectConfig: Rule = (messages) =>
  messages('envoy.config.route.v3.RouteAction.UpgradeConfig').flatMap((upgrade) => {
    const type = child(upgrade, 'upgrade_type').value;
    return has(upgrade, 'connect_config') && typeof type === 'string' && !/^connect(-udp)?$/i.test(type)
      ? [error('connect-config', child(upgrade, 'connect_config'), `is for CONNECT, and this is '${type}'; remove it`)]
      : [];
  });
