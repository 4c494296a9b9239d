import { extension } from '../api';
import type { UpstreamFragment } from '../fragment';
import { SYSTEM_CA_FILE } from '../names';
import { authorities, filePath } from '../pem';
import { isReference } from '../references';
import type { Server } from '../servers';
import { CLIENT_TLS } from '../tls';
import { fail, refuseUnknown } from '../values';

/**
 * TLS 1.2 or 1.3 to the API, whose certificate must be of a known authority, valid, and made out to the API's name.
 * Envoy itself takes any certificate, unless it is told which. The health check goes the same way.
 */
export interface UpstreamTlsOptions {
  /**
   * The authorities whose certificates are taken: a file inside the container, or the PEM itself.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/security/ssl
   * @default { file: '/etc/ssl/certs/ca-certificates.crt' }, the public ones, as the image brings them
   */
  readonly trustedCa?: { readonly file: string } | { readonly pem: string };
  /**
   * The name, or the address, that the certificate must be made out to. A name is also sent along (SNI), so that a server
   * of several names can choose.
   *
   * @default - the host of the upstream
   */
  readonly serverName?: string;
  /**
   * Envoy's own certificate for an API that asks for one (mTLS): files inside the container, in PEM, readable for Envoy's
   * user. The chain begins with the certificate itself. They are read when Envoy starts.
   *
   * @default - none is shown
   */
  readonly certificate?: { readonly chain: string; readonly key: string };
  /**
   * Takes any certificate: whoever gets in between can read and change everything.
   *
   * @default false
   */
  readonly insecureSkipVerify?: boolean;
}

/** IPv4, or anything with a colon, which no name has. */
const ADDRESS = /^\d+(\.\d+){3}$|:/;

function upstream(
  options: UpstreamTlsOptions,
  whole: UpstreamTlsOptions,
  _name: string,
  servers: readonly Server[],
): UpstreamFragment {
  const { trustedCa, serverName, certificate, insecureSkipVerify = false, ...unknown } = { ...whole, ...options };
  refuseUnknown('upstreamTls', unknown);
  if (insecureSkipVerify && trustedCa !== undefined) {
    fail(
      'upstreamTls.insecureSkipVerify',
      'must not be true together with trustedCa, which it leaves unused',
      true,
      'leave one of them out',
    );
  }
  if (serverName === '') {
    fail(
      'upstreamTls.serverName',
      'must be a name',
      serverName,
      "leave it out, or write for example 'api.example.com'",
    );
  }
  const name = serverName ?? servers[0]?.host ?? '';
  const isAddress = isAddressed(name);
  const addressed = servers.find((server) => isAddressed(server.host));
  if (servers.length > 1 && serverName === undefined && addressed && !insecureSkipVerify) {
    fail(
      'upstreamTls.serverName',
      `is needed, since one of several services is at the address ${addressed.host}`,
      serverName,
      'write the name that their certificates are made out to, or reach each by its name',
    );
  }
  return {
    cluster: {
      transport_socket: extension(
        'envoy.transport_sockets.tls',
        'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
        {
          ...(!isAddress && {
            // Without a name, Envoy would compare nothing.
            sni: name,
            // Each replica by the name that it was found by.
            ...(serverName === undefined && { auto_host_sni: true }),
            ...(!insecureSkipVerify && { auto_sni_san_validation: true }),
          }),
          common_tls_context: {
            tls_params: CLIENT_TLS,
            ...(certificate !== undefined && { tls_certificates: [ownCertificate(certificate)] }),
            ...(!insecureSkipVerify && {
              validation_context: {
                trusted_ca: authorities('upstreamTls.trustedCa', trustedCa ?? { file: SYSTEM_CA_FILE }),
                ...(isAddress && {
                  match_typed_subject_alt_names: [{ san_type: 'IP_ADDRESS', matcher: { exact: name } }],
                }),
              },
            }),
          },
        },
      ),
    },
  };
}

/** What only Terraform knows is taken for a name. */
const isAddressed = (name: string) => !isReference(name) && ADDRESS.test(name);

function ownCertificate({ chain, key, ...unknown }: NonNullable<UpstreamTlsOptions['certificate']>) {
  refuseUnknown('upstreamTls.certificate', unknown);
  return {
    certificate_chain: { filename: filePath('upstreamTls.certificate.chain', chain) },
    private_key: { filename: filePath('upstreamTls.certificate.key', key) },
  };
}

export const upstreamTls = { upstream };
