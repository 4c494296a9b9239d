import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { App, LocalBackend, TerraformStack, TerraformVariable } from 'cdktf';
import { ApiService, DockerNetwork, EnvoySidecar } from '../../lib';
import type { DeployOptions } from './app';

/** A stack with authentication, TLS, a rate limit, replicas and a fallback. */
const { name, state, envoy = {}, profile } = JSON.parse(process.env.DEPLOYED ?? '') as DeployOptions;

const app = new App();
const stack = new TerraformStack(app, name);
new DockerProvider(stack, 'docker');
new LocalBackend(stack, { path: state });
const network = new DockerNetwork(stack, 'network', { internal: true });
const secret = (id: string) => new TerraformVariable(stack, id, { type: 'string', sensitive: true }).stringValue;
const text = (id: string) => new TerraformVariable(stack, id, { type: 'string' }).stringValue;

const issuer = `https://${name}-identity:8443/`;
const identity = new ApiService(stack, 'identity', {
  image: process.env.IDENTITY_IMAGE ?? '',
  port: 8443,
  network,
  env: { ISSUER: issuer },
  files: { '/tls/chain.pem': { content: text('identity_chain') }, '/tls/key.pem': { content: secret('identity_key') } },
});
const api = (id: string, replicas: number) =>
  new ApiService(stack, id, {
    image: process.env.API_IMAGE ?? 'tiangolo/uvicorn-gunicorn-fastapi:python3.11',
    command: ['uvicorn', 'api:app', '--host', '0.0.0.0', '--port', '8080'],
    files: { '/app/api.py': { source: '__tests__/deploy/api.py' } },
    env: { VERSION: id },
    port: 8080,
    healthPath: '/health',
    network,
    replicas,
  });
new EnvoySidecar(stack, 'envoy', {
  upstream: [api('api', 2), { service: api('spare', 1), fallback: true }],
  ...(process.env.ENVOY_IMAGE !== undefined && { image: process.env.ENVOY_IMAGE }),
  tls: { certificates: [{ certificateChain: text('chain'), privateKey: secret('key') }], ...(profile && { profile }) },
  jwt: {
    providers: {
      main: { issuer, audiences: ['sid1'], jwks: { uri: `https://${identity.host}:8443/keys`, trustedCa: text('ca') } },
    },
  },
  adminView: {},
  rateLimit: { perClient: '60/s' },
  ...envoy,
});
app.synth();
