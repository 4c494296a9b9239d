import { error, getField, hasField, isFilled } from '../message-reader';
import type { Rule } from '../rule';

/** Zipkin's spans go somewhere. */
export const zipkinCollector: Rule = (messages) =>
  messages('envoy.config.trace.v3.ZipkinConfig').flatMap((zipkin) =>
    hasField(zipkin, 'collector_service')
      ? []
      : ['collector_cluster', 'collector_endpoint']
          .filter((name) => !isFilled(getField(zipkin, name)))
          .map((name) => error('zipkin-collector', zipkin, `sends its spans nowhere; set ${name}`)),
  );

/** The versions of Zipkin's API that Envoy speaks. With another one it crashes, and the first is gone. */
export const zipkinVersion: Rule = (messages) =>
  messages('envoy.config.trace.v3.ZipkinConfig').flatMap((zipkin) => {
    const version = getField(zipkin, 'collector_endpoint_version');
    return hasField(zipkin, 'collector_service') || ['HTTP_JSON', 'HTTP_PROTO'].includes(String(version.value))
      ? []
      : [
          error(
            'zipkin-version',
            hasField(zipkin, 'collector_endpoint_version') ? version : zipkin,
            "speaks a version that Envoy does not; set collector_endpoint_version to 'HTTP_JSON' or 'HTTP_PROTO'",
          ),
        ];
  });

/** The daemon of X-Ray is sent datagrams. */
export const xrayEndpoint: Rule = (messages) =>
  messages('envoy.config.trace.v3.XRayConfig')
    .map((xray) => getField(xray, 'daemon_endpoint'))
    .filter(({ value }) => value !== undefined && value !== null)
    .filter((endpoint) => getField(endpoint, 'protocol').value !== 'UDP')
    .map((endpoint) => error('xray-endpoint', endpoint, "must be reached by UDP; set protocol to 'UDP'"));
