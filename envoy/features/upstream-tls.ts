import type { UpstreamFragment } from '../fragments/fragment';
import { extension } from '../messages/builders';
import {
  SYSTEM_CA_FILE,
  upstreamAuthorities,
  upstreamAuthoritiesFile,
  upstreamCertificate,
  upstreamTlsFile,
  upstreamTlsFiles,
} from '../messages/resource-names';
import { invalidOption, keysOf, refuseUnknown } from '../options/validate';
import type { UpstreamContext } from './feature';
import { isAddress } from './shared/cluster-discovery';
import type { Certificate } from './shared/tls/certificate-options';
import { authorities } from './shared/tls/pem';
import type { PemSource } from './shared/tls/pem-source';
import { checkOf } from './shared/tls/sds-secret';
import { ownCertificate } from './shared/tls/tls-certificate';
import { CLIENT_TLS } from './shared/tls/tls-parameters';
import { checkPurpose } from './shared/tls/validate-certificate';
import { type Verification, verification } from './shared/tls/validation-context';

/**
 * Speaks TLS 1.2 or 1.3 to the API. Envoy verifies the authority, the validity and the name of the API's certificate. Health
 * checks use TLS too. Envoy's own default accepts any certificate.
 */
export interface UpstreamTlsOptions {
  /**
   * Certificate authorities whose certificates Envoy accepts: a file in the container, or PEM text. Envoy loads the file
   * again when it changes.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/security/ssl
   * @default { file: '/etc/ssl/certs/ca-certificates.crt' } - the public authorities of the image
   * @example { file: '/tls/ca.pem' }
   */
  readonly trustedCa?: PemSource;
  /**
   * Name or address that the API's certificate must cover. Envoy also sends a name as SNI.
   *
   * @default - the host of the upstream
   */
  readonly serverName?: string;
  /**
   * Client certificate that Envoy presents to the API (mTLS), as text or in files. Envoy loads changed files again. New
   * connections use the new certificate, and open connections continue.
   *
   * @default - none
   */
  readonly certificate?: Certificate;
  /**
   * Disables certificate verification. An attacker on the path can read and modify all traffic.
   *
   * @default false
   */
  readonly insecureSkipVerify?: boolean;
}

function upstream(
  options: UpstreamTlsOptions,
  { inherited = {}, name: upstreamName, servers }: UpstreamContext<UpstreamTlsOptions>,
): UpstreamFragment {
  const { trustedCa, serverName, certificate, insecureSkipVerify = false, ...unknown } = { ...inherited, ...options };
  refuseUnknown('upstreamTls', unknown, keysOf);
  if (insecureSkipVerify && trustedCa !== undefined) {
    invalidOption(
      'upstreamTls.insecureSkipVerify',
      'must not be true together with trustedCa, which it leaves unused',
      true,
      'leave one of them out',
    );
  }
  if (serverName === '') {
    invalidOption(
      'upstreamTls.serverName',
      'must be a name',
      serverName,
      "leave it out, or write for example 'api.example.com'",
    );
  }
  const name = serverName ?? servers[0]?.host ?? '';
  const addressed = servers.find((server) => isAddress(server.host));
  if (servers.length > 1 && serverName === undefined && addressed && !insecureSkipVerify) {
    invalidOption(
      'upstreamTls.serverName',
      `is needed, since one of several services is at the address ${addressed.host}`,
      serverName,
      'write the name that their certificates are made out to, or reach each by its name',
    );
  }
  const own = certificate && shown(upstreamName, certificate);
  const verified = insecureSkipVerify ? undefined : verifying(upstreamName, name, trustedCa);
  const parts = [own, verified].filter((part) => part !== undefined);
  return {
    cluster: {
      transport_socket: extension(
        'envoy.transport_sockets.tls',
        'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
        {
          ...(!isAddress(name) && {
            // Without a name, Envoy would compare nothing.
            sni: name,
            // Each replica by the name that it was found by.
            ...(serverName === undefined && { auto_host_sni: true }),
            ...(!insecureSkipVerify && { auto_sni_san_validation: true }),
          }),
          common_tls_context: { tls_params: CLIENT_TLS, ...own?.context, ...verified?.context },
        },
      ),
    },
    clusters: checkOf(upstreamTlsFiles(upstreamName), parts),
    files: parts.flatMap(({ files }) => files),
  };
}

function verifying(upstream: string, name: string, trustedCa: PemSource | undefined): Verification {
  const context = {
    trusted_ca: authorities('upstreamTls.trustedCa', trustedCa ?? { file: SYSTEM_CA_FILE }),
    ...(isAddress(name) && {
      match_typed_subject_alt_names: [{ san_type: 'IP_ADDRESS' as const, matcher: { exact: name } }],
    }),
  };
  // What the image brings stays as it is.
  return trustedCa === undefined
    ? { context: { validation_context: context }, files: [] }
    : verification(context, upstreamAuthorities(upstream), upstreamAuthoritiesFile(upstream));
}

/** A client has one certificate at the most, so that what is not renewed needs no secret. */
function shown(upstream: string, given: Certificate): Verification {
  const at = 'upstreamTls.certificate';
  const { certificate, renewed, known, ...part } = ownCertificate(at, given, upstreamCertificate(upstream), (end) =>
    upstreamTlsFile(upstream, end),
  );
  checkPurpose(at, known, 'client');
  return {
    ...part,
    context: renewed ? { tls_certificate_sds_secret_configs: [renewed] } : { tls_certificates: [certificate] },
  };
}

export const upstreamTls = { upstream };
