import { adminExposed } from '../../../../envoy/check/rules/admin';
import { runRule } from './run-rule';

test('the admin interface is for this machine', () => {
  expect(
    runRule(adminExposed, {
      'envoy.config.bootstrap.v3.Admin': [
        {
          address: {
            socket_address: {
              address: '0.0.0.0',
              port_value: 80,
            },
          },
        },
        {
          address: {
            socket_address: {
              address: '::',
              port_value: 80,
            },
          },
        },
        {
          address: {
            socket_address: {
              address: '127.0.99.1',
              port_value: 80,
            },
          },
        },
        {
          address: {
            socket_address: {
              address: '::1',
              port_value: 80,
            },
          },
        },
        {
          address: {
            socket_address: {
              address: '10.0.0.1',
              port_value: 80,
            },
          },
        },
        {
          address: {
            socket_address: {
              address: '${TfToken[TOKEN.1]}',
              port_value: 80,
            },
          },
        },
      ],
    }),
  ).toEqual([
    "warning admin-exposed at Admin[0].address.socket_address.address: is '0.0.0.0', so that others can end Envoy and read its secrets; write '127.0.0.1'",
    "warning admin-exposed at Admin[1].address.socket_address.address: is '::', so that others can end Envoy and read its secrets; write '127.0.0.1'",
    "warning admin-exposed at Admin[4].address.socket_address.address: is '10.0.0.1', so that others can end Envoy and read its secrets; write '127.0.0.1'",
  ]);
});
