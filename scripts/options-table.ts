import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import ts from 'typescript';

import { type Feature, features } from '../envoy/features/registry';

const ROOT = resolve(__dirname, '..');

/** The options tables of the README, made of the docstrings: interface by interface, option by option. */
export function optionsTable(): string {
  const tables: [string, string, string][] = [
    ['DockerNetwork', 'lib/docker/docker-network.ts', 'DockerNetworkProps'],
    ['ApiService', 'lib/api/props.ts', 'ApiServiceProps'],
    ['EnvoySidecar', 'lib/hosts/docker-container/props.ts', 'EnvoySidecarProps'],
    ['EnvoySidecar: the listener and the last word', 'envoy/assemble/assemble.ts', 'EnvoyOptions'],
    ['`routes: [{ … }]`: which requests', 'envoy/options/route-match.ts', 'RouteMatchOptions'],
    [
      `\`routes: [{ … }]\`: what becomes of them, beside ${ofRoutes()} of their own`,
      'envoy/assemble/routes/action.ts',
      'RouteActionOptions',
    ],
    ['`routes: [{ … }]`: who may come', 'envoy/assemble/routes/authentication.ts', 'RouteAuthentication'],
    ['`redirect`', 'envoy/assemble/routes/action.ts', 'RedirectOptions'],
    ['`respond`', 'envoy/assemble/routes/action.ts', 'RespondOptions'],
    ['`custom: [{ … }]`', 'envoy/assemble/custom-fragment.ts', 'CustomFragment'],
    ['EnvoySidecar: how Envoy is run', 'envoy/spec/proxy-spec.ts', 'RunOptions'],
    ['GlobalRateLimit', 'lib/rate-limit/global-rate-limit.ts', 'GlobalRateLimitProps'],
    ['`publish: { http, admin }`', 'lib/docker/published-ports.ts', 'PublishOptions'],
    ['`volumes: [{ … }]`', 'lib/docker/volumes.ts', 'VolumeMount'],
    ...featureTables(),
    [
      '`tls.certificates: [{ … }]` and `upstreamTls.certificate`, as text',
      'envoy/features/shared/tls/certificate-options.ts',
      'PemCertificate',
    ],
    [
      '`tls.certificates: [{ … }]` and `upstreamTls.certificate`, in files',
      'envoy/features/shared/tls/certificate-options.ts',
      'CertificateFiles',
    ],
    ['`tls.clients`', 'envoy/features/tls/client-certificates.ts', 'ClientCertificates'],
    ['`jwt: { providers: { main: { … } } }`', 'envoy/features/jwt/provider.ts', 'JwtProvider'],
    ['`jwks: { uri }`', 'envoy/features/jwt/jwks.ts', 'RemoteJwks'],
    ['`jwks: { inline }`', 'envoy/features/jwt/jwks.ts', 'LocalJwks'],
  ];
  return tables
    .map(([title, file, name]) => {
      const rows = members(file, name).map(
        (member) => `| \`${member.name}\` | ${member.meaning} | ${member.default} |`,
      );
      return [`#### ${title}`, '', '| option | meaning | default |', '| --- | --- | --- |', ...rows].join('\n');
    })
    .join('\n\n');
}

function ofRoutes(): string {
  const names = Object.entries<Feature>(features).flatMap(([name, { route }]) => (route ? [`\`${name}\``] : []));
  return new Intl.ListFormat('en-GB').format(names);
}

/** The interfaces that a feature's file exports, each with what it is the table of: `@option`, or the feature itself. */
function featureTables(): [string, string, string][] {
  return Object.keys(features).flatMap((feature) => {
    const path = `envoy/features/${feature.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const file = existsSync(resolve(ROOT, `${path}.ts`)) ? `${path}.ts` : `${path}/index.ts`;
    return read(file)
      .statements.filter(ts.isInterfaceDeclaration)
      .filter((node) => node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))
      .filter((node) => node.members.some(ts.isPropertySignature))
      .map((node): [string, string, string] => {
        const tag = ts.getJSDocTags(node).find((one) => one.tagName.text === 'option');
        return [ts.getTextOfJSDocComment(tag?.comment) ?? `\`${feature}\``, file, node.name.text];
      });
  });
}

function read(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(resolve(ROOT, file), 'utf8'), ts.ScriptTarget.ES2022, true);
}

interface Member {
  readonly name: string;
  readonly meaning: string;
  readonly default: string;
}

function members(file: string, name: string): Member[] {
  const source = read(file);
  const found = source.statements.find(
    (node): node is ts.InterfaceDeclaration => ts.isInterfaceDeclaration(node) && node.name.text === name,
  );
  if (!found) {
    throw new Error(`${file} declares no interface ${name}`);
  }
  return found.members.filter(ts.isPropertySignature).map((member) => {
    const docs = ts.getJSDocCommentsAndTags(member).filter(ts.isJSDoc);
    const text = docs.map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? '').join(' ');
    const tag = ts.getJSDocTags(member).find((one) => one.tagName.text === 'default');
    const key = member.name.getText(source);
    const byDefault = tag ? (ts.getTextOfJSDocComment(tag.comment) ?? '') : undefined;
    if (byDefault === undefined && member.questionToken) {
      throw new Error(`${file}: ${name}.${key} has no @default`);
    }
    return {
      name: key,
      meaning: cell(text),
      default: byDefault === undefined ? 'required' : cell(byDefault.replace(/^- /, '')),
    };
  });
}

function cell(text: string): string {
  return text.replace(/\s+/g, ' ').trim().replace(/\|/g, '\\|');
}
