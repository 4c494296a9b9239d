import { error, getField, getItems, type Node } from '../message-reader';
import type { Rule } from '../rule';
import { utf8Length } from '../walk/constraints';
import { TLS } from './message-types';

/** Names of protocols as TLS sends them: each with its length in a byte, all together with theirs in two. */
export const tlsAlpn: Rule = (messages) => [
  ...messages(`${TLS}.CommonTlsContext`).flatMap((common) => {
    const all = joinProtocols(common);
    return all.split(',').every((name) => utf8Length(name) < 256) && utf8Length(all) < 0xffff
      ? []
      : [
          error(
            'tls-alpn',
            getField(common, 'alpn_protocols'),
            'must be names of 255 bytes at the most, and of less than 65535 together; shorten them',
          ),
        ];
  }),
  ...messages(`${TLS}.UpstreamTlsContext`).flatMap((tls) => {
    const common = getField(tls, 'common_tls_context');
    const all = joinProtocols(common);
    return all !== '' && all.split(',').includes('')
      ? [error('tls-alpn', getField(common, 'alpn_protocols'), 'has an empty name, which makes Envoy crash; remove it')]
      : [];
  }),
];

/** Envoy puts all of them into one text, with commas between, and takes that apart. */
function joinProtocols(common: Node): string {
  return getItems(common, 'alpn_protocols')
    .map(({ value }) => value)
    .join(',');
}
