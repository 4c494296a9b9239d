import { child, error, has } from '../message-reader';
import type { Rule } from '../rule';

/** A tap that the admin interface drives needs one: without, Envoy crashes. */
export const tapAdmin: Rule = (messages) =>
  messages('envoy.config.bootstrap.v3.Bootstrap').some((bootstrap) => has(child(bootstrap, 'admin'), 'address'))
    ? []
    : messages('envoy.extensions.common.tap.v3.CommonExtensionConfig')
        .filter((tap) => has(tap, 'admin_config'))
        .map((tap) => error('tap-admin', child(tap, 'admin_config'), 'needs the admin interface; set admin.address'));
