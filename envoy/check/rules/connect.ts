import { error, getField, hasField } from '../message-reader';
import type { Rule } from '../rule';

/** What ends a CONNECT is for CONNECT. */
export const connectConfig: Rule = (messages) =>
  messages('envoy.config.route.v3.RouteAction.UpgradeConfig').flatMap((upgrade) => {
    const type = getField(upgrade, 'upgrade_type').value;
    return hasField(upgrade, 'connect_config') && typeof type === 'string' && !/^connect(-udp)?$/i.test(type)
      ? [
          error(
            'connect-config',
            getField(upgrade, 'connect_config'),
            `is for CONNECT, and this is '${type}'; remove it`,
          ),
        ]
      : [];
  });
