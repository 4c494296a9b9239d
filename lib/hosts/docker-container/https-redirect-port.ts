import type { TlsOptions } from '../../../envoy';
import { invalidOption } from '../../../envoy/host-api';
import type { PublishOptions } from '../../docker/published-ports';

/** The options with the port to which plain HTTP is sent: that on which the host publishes what clients should come to. */
export function setHttpsRedirectPort(tls: TlsOptions, port: number, publish: PublishOptions | false = {}): TlsOptions {
  if (!tls.httpsRedirect || tls.httpsRedirect.httpsPort !== undefined) {
    return tls;
  }
  const httpsPort = publish === false ? 0 : (publish.port ?? port);
  if (httpsPort === 0) {
    invalidOption(
      'tls.httpsRedirect.httpsPort',
      'is needed, since `http` is published at no port that is known',
      undefined,
      'write the port by which clients come, or publish `http` at one',
    );
  }
  return { ...tls, httpsRedirect: { ...tls.httpsRedirect, httpsPort } };
}
