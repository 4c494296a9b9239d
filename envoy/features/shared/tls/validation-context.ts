import type { envoy } from '../../../messages/schema/types';
import { type CommonTlsContext, readAgain, type TlsPart } from './sds-secret';

type ValidationContext = envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;

export interface Verification extends TlsPart {
  readonly context: CommonTlsContext;
}

/** How the other side's certificate is looked at. What of it is in files is read again when they change. */
export function verification(context: ValidationContext, name: string, path: string): Verification {
  const files = [context.trusted_ca, context.crl].flatMap((source) => source?.filename ?? []);
  if (files.length === 0) {
    return { context: { validation_context: context }, files: [] };
  }
  const { config, file } = readAgain(path, { name, validation_context: context });
  return {
    context: { validation_context_sds_secret_config: config },
    files: [file],
    checked: { validation_context: context },
  };
}
