import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { App, LocalBackend, TerraformStack, TerraformVariable } from 'cdktf';
import { ApiService, DockerNetwork, EnvoySidecar } from '../../lib';
import type { DeployOptions } from './app';

const { name, state, envoy = {} } = JSON.parse(process.env.DEPLOYED ?? '') as DeployOptions;

const app = new App();
const stack = new TerraformStack(app, name);
new DockerProvider(stack, 'docker');
new LocalBackend(stack, { path: state });
/** Declares a secret that Terraform receives when it applies. */
const secret = (id: string) => new TerraformVariable(stack, id, { type: 'string', sensitive: true }).stringValue;
const api = new ApiService(stack, 'api', {
  image: process.env.API_IMAGE ?? 'tiangolo/uvicorn-gunicorn-fastapi:python3.11',
  command: ['uvicorn', 'api:app', '--host', '0.0.0.0', '--port', '8080'],
  files: { '/app/api.py': { source: '__tests__/deploy/api.py' }, '/app/password': { content: secret('password') } },
  port: 8080,
  healthPath: '/health',
  network: new DockerNetwork(stack, 'network', { internal: true }),
});
new EnvoySidecar(stack, 'envoy', {
  upstream: api,
  tls: {
    certificates: [
      { certificateChain: process.env.CHAIN ?? '', privateKey: secret('tlsKey') },
      { certificateChainFile: '/tls/chain.pem', privateKeyFile: '/tls/key.pem' },
    ],
  },
  volumes: [{ hostPath: process.env.TLS_FOLDER ?? '', containerPath: '/tls' }],
  adminView: {},
  apiKeys: { keys: { partner: secret('apiKey') } },
  basicAuth: { users: { anna: process.env.ANNAS_PASSWORD ?? '', otto: { hash: secret('ottosHash') } } },
  authentication: { anyOf: ['apiKeys', 'basicAuth'] },
  ...(process.env.ENVOY_IMAGE !== undefined && { image: process.env.ENVOY_IMAGE }),
  custom: [
    {
      route: {
        route: { request_headers_to_add: [{ header: { key: 'x-token', value: `Bearer ${secret('token')}` } }] },
      },
      files: [{ path: '/etc/envoy/client.key', content: secret('key'), sensitive: true }],
    },
  ],
  ...envoy,
});
app.synth();
