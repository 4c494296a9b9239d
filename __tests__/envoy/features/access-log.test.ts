import { accessLog } from '../../../envoy/features/access-log';

const json = {
  time: '%START_TIME%',
  request_id: '%REQ(X-REQUEST-ID)%',
  client: '%DOWNSTREAM_REMOTE_ADDRESS%',
  method: '%REQ(:METHOD)%',
  host: "%CEL(re.extract(request.host, '(?:.*@)?(.*)', '\\\\1'))%",
  path: '%PATH(NQ:ORIG_OR_PATH)%',
  protocol: '%PROTOCOL%',
  status: '%RESPONSE_CODE%',
  flags: '%RESPONSE_FLAGS%',
  details: '%RESPONSE_CODE_DETAILS%',
  duration_ms: '%DURATION%',
  upstream: '%UPSTREAM_HOST%',
  upstream_attempts: '%UPSTREAM_REQUEST_ATTEMPT_COUNT%',
  upstream_failure: '%UPSTREAM_TRANSPORT_FAILURE_REASON%',
  bytes_received: '%BYTES_RECEIVED%',
  bytes_sent: '%BYTES_SENT%',
  user_agent: '%REQ(USER-AGENT)%',
};

function logged(json_format: object) {
  return {
    connectionManager: {
      access_log: [
        {
          name: 'envoy.access_loggers.stdout',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog',
            log_format: { json_format },
          },
        },
      ],
    },
  };
}

test('is on by default', () => {
  expect(accessLog.onByDefault).toBe(true);
});

test('by default logs one line of JSON a request, its path without the query', () => {
  expect(accessLog.proxy({})).toEqual(logged(json));
});

test('includeQuery: true logs the query with the path', () => {
  expect(accessLog.proxy({ includeQuery: true })).toEqual(logged({ ...json, path: '%PATH(WQ:ORIG_OR_PATH)%' }));
});

test('refuses an unknown option', () => {
  expect(() => accessLog.proxy({ querry: true } as never)).toThrow(
    new Error('accessLog.querry is not an option, got true; remove it'),
  );
});
