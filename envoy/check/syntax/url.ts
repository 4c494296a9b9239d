import { isReference } from '../../options/terraform-tokens';
import { describeValue } from '../walk/violation-collector';

const USER = "[A-Za-z0-9\\-_.!~*'();:&=+$,%]*@";
const URL = new RegExp(
  `^[A-Za-z][A-Za-z0-9+.-]*://(?:${USER})?(?:[A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+\\])(?::(\\d+))?(?:[/?][!-~]*)?$`,
);
const PARTS = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)(?::([^/?#]*))?/;

/** Why Envoy does not read a text as a whole URL; nothing if it does, or if only Terraform knows the text. */
export function checkUrl(url: string): string | undefined {
  if (isReference(url)) {
    return undefined;
  }
  const [, port] = URL.exec(url) ?? [];
  if (URL.test(url) && Number(port ?? 0) <= 65_535) {
    return undefined;
  }
  return `must be a whole URL, got ${describeValue(url)}; ${explainUrl(url)}`;
}

function explainUrl(url: string): string {
  const [placeholder] = /\$\{[^}]*\}|\$\([^)]*\)|\{\{.*?\}\}/.exec(url) ?? [];
  if (placeholder !== undefined) {
    return `Envoy does not replace the placeholder '${placeholder}'; write its value`;
  }
  const [character] = /[^!-~]/u.exec(url) ?? [];
  if (character !== undefined) {
    return character === ' '
      ? "it has a space; write '%20'"
      : `it has ${describeValue(character)}; write it percent-encoded`;
  }
  const [, host, port] = PARTS.exec(url) ?? [];
  if (host === undefined || host === '') {
    return "write the scheme and the host, for example 'https://id.example.com/keys'";
  }
  if (port !== undefined && !(/^\d+$/.test(port) && Number(port) <= 65_535)) {
    return `its port is '${port}'; write a number from 0 to 65535`;
  }
  if (/^[A-Za-z0-9.-]+$|^\[[0-9A-Fa-f:.]+\]$/.test(host)) {
    return "write a '/' behind the host";
  }
  return `its host is '${host}'; Envoy takes letters, digits, '.' and '-' in a host`;
}
