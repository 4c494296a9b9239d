import { type TerraformStack, TerraformVariable } from 'cdktf';
import type { JwtOptions } from '../../envoy';
import { ApiService, DockerNetwork } from '../../lib';

/** What the snippets of README and docs use without declaring it. */
export function snippetContext(stack: TerraformStack) {
  const network = new DockerNetwork(stack, 'network', { internal: true });
  const service = (id: string) =>
    new ApiService(stack, id, { image: `${id}:1`, port: 8080, healthPath: '/health', network });
  const jwks = { uri: 'https://id.example.com/.well-known/jwks.json' };
  const jwt: JwtOptions = {
    providers: { main: { issuer: 'https://id.example.com/', audiences: ['calculator'], jwks } },
  };
  return {
    stack,
    network,
    api: service('api'),
    anotherApi: service('another-api'),
    spare: service('spare'),
    database: { hostname: 'db.example.com' },
    partnerKey: new TerraformVariable(stack, 'partner_key', { sensitive: true }),
    jwt,
  };
}

/** For the type check alone. */
export declare const context: ReturnType<typeof snippetContext>;
