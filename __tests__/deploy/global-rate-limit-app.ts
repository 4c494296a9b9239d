import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { App, LocalBackend, TerraformStack } from 'cdktf';
import { ApiService, DockerNetwork, EnvoySidecar, GlobalRateLimit } from '../../lib';

// One API behind two sidecars that share a limit. If the service is unavailable, one allows and the other denies all requests.
const { name, state } = JSON.parse(process.env.DEPLOYED ?? '') as { readonly name: string; readonly state: string };
const {
  API_IMAGE = 'tiangolo/uvicorn-gunicorn-fastapi:python3.11',
  ENVOY_IMAGE,
  RATELIMIT_IMAGE,
  REDIS_IMAGE,
  LIMIT = '10/day',
} = process.env;

const app = new App();
const stack = new TerraformStack(app, name);
new DockerProvider(stack, 'docker');
new LocalBackend(stack, { path: state });
const network = new DockerNetwork(stack, 'network', { internal: true });
const upstream = new ApiService(stack, 'api', {
  image: API_IMAGE,
  command: ['uvicorn', 'api:app', '--host', '0.0.0.0', '--port', '8080'],
  files: { '/app/api.py': { source: '__tests__/deploy/api.py' } },
  port: 8080,
  healthPath: '/health',
  network,
});
const limits = new GlobalRateLimit(stack, 'limits', {
  network,
  limits: { total: LIMIT as '10/day' },
  ...(RATELIMIT_IMAGE !== undefined && { image: RATELIMIT_IMAGE }),
  ...(REDIS_IMAGE !== undefined && { redisImage: REDIS_IMAGE }),
});
for (const [id, failureMode, port] of [
  ['strict', 'deny', 8850],
  ['lenient', 'allow', 8851],
] as const) {
  new EnvoySidecar(stack, id, {
    upstream,
    ...(ENVOY_IMAGE !== undefined && { image: ENVOY_IMAGE }),
    publish: { http: { port } },
    globalRateLimit: { ...limits.options, failureMode },
  });
}
app.synth();
