import { type TimeoutOptions, timeouts } from '../../../envoy/features/timeouts';

function limited({
  headers = '10s',
  body = '300s',
  stream = '300s',
  handshake = '10s',
  idle = '3600s',
  age = '3600s',
  request = '15s',
  connect = '1s',
}: Record<string, string>) {
  return {
    connectionManager: {
      request_headers_timeout: headers,
      request_timeout: body,
      stream_idle_timeout: stream,
      common_http_protocol_options: { idle_timeout: idle, ...(age !== '' && { max_connection_duration: age }) },
      http1_safe_max_connection_duration: true,
    },
    filterChain: { transport_socket_connect_timeout: handshake },
    route: { action: { timeout: request } },
    upstream: { cluster: { connect_timeout: connect } },
  };
}

test('is on by default', () => {
  expect(timeouts.onByDefault).toBe(true);
});

test('by default sets every one of them', () => {
  expect(timeouts.proxy({})).toEqual(limited({}));
});

test.each<[TimeoutOptions, Record<string, string>]>([
  [{ request: '60s' }, { request: '60s' }],
  [{ requestHeaders: '5s' }, { headers: '5s' }],
  [{ requestBody: '10m' }, { body: '600s' }],
  [{ streamIdle: '1h' }, { stream: '3600s' }],
  [{ handshake: '2s' }, { handshake: '2s' }],
  [{ idle: '90s' }, { idle: '90s' }],
  [{ maxConnectionDuration: '10m' }, { age: '600s' }],
  [{ maxConnectionDuration: '0s' }, { age: '' }],
  [{ connect: '250ms' }, { connect: '0.25s' }],
])('%j changes just that', (options, changes) => {
  expect(timeouts.proxy(options)).toEqual(limited(changes));
});

test('0s turns each of them off but connect', () => {
  const off = '0s';
  expect(
    timeouts.proxy({ request: off, requestHeaders: off, requestBody: off, streamIdle: off, handshake: off, idle: off }),
  ).toEqual(limited({ request: off, headers: off, body: off, stream: off, handshake: off, idle: off }));
});

const unit = 'must be a number with a unit (ms, s, m or h)';
const example = "write for example '250ms' or '15s'";
test.each<[TimeoutOptions, string]>([
  [{ connect: '0s' }, `timeouts.connect must be longer than zero, got "0s"; write for example '1s'`],
  [{ connect: '1' as never }, `timeouts.connect ${unit}, got "1"; ${example}`],
  [{ request: '15' as never }, `timeouts.request ${unit}, got "15"; ${example}`],
  [{ requestHeaders: 15 as never }, `timeouts.requestHeaders ${unit}, got 15; ${example}`],
  [{ requestBody: '-1s' }, `timeouts.requestBody ${unit}, got "-1s"; ${example}`],
  [{ streamIdle: '5 s' as never }, `timeouts.streamIdle ${unit}, got "5 s"; ${example}`],
  [{ idle: '1d' as never }, `timeouts.idle ${unit}, got "1d"; ${example}`],
  [{ requests: '60s' } as never, 'timeouts.requests is not an option, got "60s"; remove it'],
])('refuses %j', (options, message) => {
  expect(() => timeouts.proxy(options)).toThrow(new Error(message));
});
