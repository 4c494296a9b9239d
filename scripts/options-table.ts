import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import ts from 'typescript';

const ROOT = resolve(__dirname, '..');

/** The options tables of the README, made of the docstrings: interface by interface, option by option. */
export function optionsTable(): string {
  const tables: [string, string, string][] = [
    ['DockerNetwork', 'lib/docker-network.ts', 'DockerNetworkProps'],
    ['ApiService', 'lib/api-service.ts', 'ApiServiceProps'],
    ['EnvoySidecar', 'lib/envoy-sidecar.ts', 'EnvoySidecarProps'],
    ['EnvoySidecar: the listener and the last word', 'envoy/assemble.ts', 'EnvoyOptions'],
    ['`routes: [{ … }]`: which requests', 'envoy/route-match.ts', 'RouteMatchOptions'],
    [
      '`routes: [{ … }]`: what becomes of them, beside `cors`, `rateLimit`, `jwt`, `timeouts`, `retries` and `loadBalancing` of their own',
      'envoy/route-action.ts',
      'RouteActionOptions',
    ],
    ['`redirect`', 'envoy/route-action.ts', 'RedirectOptions'],
    ['`respond`', 'envoy/route-action.ts', 'RespondOptions'],
    ['`custom: [{ … }]`', 'envoy/custom.ts', 'CustomFragment'],
    ['EnvoySidecar: how Envoy is run', 'envoy/proxy-spec.ts', 'RunOptions'],
    ['`publish: { http, admin }`', 'lib/publish.ts', 'PublishOptions'],
    ['`accessLog`', 'envoy/features/access-log.ts', 'AccessLogOptions'],
    ['`adminView`', 'envoy/features/admin-view.ts', 'AdminViewOptions'],
    ['`limits`', 'envoy/features/limits.ts', 'LimitOptions'],
    ['`pathNormalization`', 'envoy/features/path-normalization.ts', 'PathNormalizationOptions'],
    ["`clientIp: { … }`, instead of `'direct'` and `'proxyProtocol'`", 'envoy/features/client-ip.ts', 'BehindProxies'],
    ['`headers`', 'envoy/features/headers.ts', 'HeaderOptions'],
    ['`cors`', 'envoy/features/cors.ts', 'CorsOptions'],
    ['`rateLimit`, or the rate for all alone', 'envoy/features/rate-limit.ts', 'RateLimitOptions'],
    ['`jwt`', 'envoy/features/jwt.ts', 'JwtOptions'],
    ['`jwt`, for all and on a route', 'envoy/features/jwt.ts', 'JwtRequirement'],
    ['`jwt: { providers: { main: { … } } }`', 'envoy/features/jwt.ts', 'JwtProvider'],
    ['`jwks: { uri }`', 'envoy/jwks.ts', 'RemoteJwks'],
    ['`jwks: { inline }`', 'envoy/jwks.ts', 'LocalJwks'],
    ['`timeouts`', 'envoy/features/timeouts.ts', 'TimeoutOptions'],
    ['`retries`', 'envoy/features/retries.ts', 'RetryOptions'],
    ['`discovery`', 'envoy/features/discovery.ts', 'DiscoveryOptions'],
    ['`healthCheck`', 'envoy/features/health-check.ts', 'HealthCheckOptions'],
    ['`circuitBreaker`', 'envoy/features/circuit-breaker.ts', 'CircuitBreakerOptions'],
    ['`outlierDetection`', 'envoy/features/outlier-detection.ts', 'OutlierDetectionOptions'],
    ['`loadBalancing`', 'envoy/features/load-balancing.ts', 'LoadBalancingOptions'],
    ['`upstreamTls`', 'envoy/features/upstream-tls.ts', 'UpstreamTlsOptions'],
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

interface Member {
  readonly name: string;
  readonly meaning: string;
  readonly default: string;
}

function members(file: string, name: string): Member[] {
  const source = ts.createSourceFile(file, readFileSync(resolve(ROOT, file), 'utf8'), ts.ScriptTarget.ES2022, true);
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
