import { TerraformOutput, type TerraformStack } from 'cdktf';
import { ApiService, DockerNetwork, EnvoySidecar } from '../lib';

/** One API behind its sidecar, as in main.ts; with ports of its own, as many of them are on one host. */
export function service(stack: TerraformStack, index: number): void {
  const api = new ApiService(stack, `api-${index}`, {
    image: 'tiangolo/uvicorn-gunicorn-fastapi:python3.11',
    command: ['uvicorn', 'api:app', '--host', '0.0.0.0', '--port', '8080'],
    files: { '/app/api.py': { source: 'api.py' } },
    port: 8080,
    healthPath: '/health',
    network: new DockerNetwork(stack, `network-${index}`, { internal: true }),
  });
  const envoy = new EnvoySidecar(stack, `envoy-${index}`, {
    upstream: api,
    adminView: {},
    publish: { http: { port: 10_000 + index }, admin: { port: 20_000 + index } },
  });
  new TerraformOutput(stack, `url-${index}`, { value: envoy.url });
  new TerraformOutput(stack, `admin-${index}`, { value: envoy.adminUrl });
}
