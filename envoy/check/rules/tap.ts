import { error, getField, hasField } from '../message-reader';
import type { Rule } from '../rule';

/** A tap that the admin interface drives needs one: without, Envoy crashes. */
export const tapAdmin: Rule = (messages) =>
  messages('envoy.config.bootstrap.v3.Bootstrap').some((bootstrap) => hasField(getField(bootstrap, 'admin'), 'address'))
    ? []
    : messages('envoy.extensions.common.tap.v3.CommonExtensionConfig')
        .filter((tap) => hasField(tap, 'admin_config'))
        .map((tap) =>
          error('tap-admin', getField(tap, 'admin_config'), 'needs the admin interface; set admin.address'),
        );
