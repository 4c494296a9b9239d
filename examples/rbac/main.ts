// Only requests from a page of Envoy's documentation; others get 403. Anybody can claim that, so it guards no secret.
// https://www.envoyproxy.io/docs/envoy/latest/start/sandboxes/rbac
import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { App, TerraformOutput, TerraformStack } from 'cdktf';
import { ApiService, DockerNetwork, EnvoySidecar } from '../../lib';

const app = new App();
const stack = new TerraformStack(app, 'rbac');
new DockerProvider(stack, 'docker');
const network = new DockerNetwork(stack, 'network', { internal: true });
const envoy = new EnvoySidecar(stack, 'envoy', {
  upstream: new ApiService(stack, 'service', { image: 'nginx:1.29', port: 80, healthPath: '/', network }),
  authorization: { allow: [{ headers: { referer: { regex: 'https?://(www\\.)?envoyproxy\\.io/docs/envoy.*' } } }] },
});
new TerraformOutput(stack, 'url', { value: envoy.url });
app.synth();
