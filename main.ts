import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { App, LocalBackend, TerraformOutput, TerraformStack } from 'cdktf';
import { ApiService, DockerNetwork, EnvoySidecar } from './lib';

const app = new App();
const stack = new TerraformStack(app, 'calculator');
new DockerProvider(stack, 'docker');
new LocalBackend(stack, { path: '../../../terraform.calculator.tfstate' });

const api = new ApiService(stack, 'api', {
  image: process.env.API_IMAGE ?? 'tiangolo/uvicorn-gunicorn-fastapi:python3.11',
  command: ['uvicorn', 'api:app', '--host', '0.0.0.0', '--port', '8080'],
  files: { '/app/api.py': { source: 'api.py' } },
  port: 8080,
  healthPath: '/health',
  network: new DockerNetwork(stack, 'network', { internal: true }),
});
const envoy = new EnvoySidecar(stack, 'envoy', {
  upstream: api,
  adminView: {},
  ...(process.env.ENVOY_IMAGE !== undefined && { image: process.env.ENVOY_IMAGE }),
});

new TerraformOutput(stack, 'url', { value: envoy.url });
new TerraformOutput(stack, 'admin', { value: envoy.adminUrl });
app.synth();
