import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { App, LocalBackend, TerraformOutput, TerraformStack } from 'cdktf';
import { ApiService, type ApiServiceProps, DockerNetwork, EnvoySidecar, type EnvoySidecarProps } from '../../lib';
import { withMissingFile } from '../missing-file';

/** The options of one deploy of a test. */
export interface DeployOptions {
  readonly name: string;
  /** The state file of Terraform. */
  readonly state: string;
  readonly api?: Partial<ApiServiceProps>;
  readonly envoy?: Partial<EnvoySidecarProps>;
  /** Adds a configuration that synthesis accepts and Envoy rejects. */
  readonly refused?: boolean;
  /** The TLS profile, only in the stack with TLS. */
  readonly profile?: 'modern';
}

const { name, state, api = {}, envoy = {}, refused = false } = JSON.parse(process.env.DEPLOYED ?? '') as DeployOptions;

const app = new App();
const stack = new TerraformStack(app, name);
new DockerProvider(stack, 'docker');
new LocalBackend(stack, { path: state });
const network = new DockerNetwork(stack, 'network', { internal: true });
const host = envoy.isolation === 'pod' ? '127.0.0.1' : '0.0.0.0';
const service = new ApiService(stack, 'api', {
  image: process.env.API_IMAGE ?? 'tiangolo/uvicorn-gunicorn-fastapi:python3.11',
  command: ['uvicorn', 'api:app', '--host', host, '--port', '8080'],
  files: { '/app/api.py': { source: '__tests__/deploy/api.py' } },
  port: 8080,
  healthPath: '/health',
  network,
  ...api,
});
const sidecar = new EnvoySidecar(stack, 'envoy', {
  upstream: service,
  adminView: {},
  ...(process.env.ENVOY_IMAGE !== undefined && { image: process.env.ENVOY_IMAGE }),
  ...(refused && { patch: withMissingFile }),
  ...envoy,
});
new TerraformOutput(stack, 'url', { value: sidecar.url });
new TerraformOutput(stack, 'adminUrl', { value: sidecar.adminUrl });
new TerraformOutput(stack, 'container', { value: sidecar.container.name });
app.synth();
