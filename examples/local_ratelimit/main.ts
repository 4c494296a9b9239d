// Ten requests at once and then one each six seconds; others get 429. The health check of whoever asks is not counted.
// https://www.envoyproxy.io/docs/envoy/latest/start/sandboxes/local_ratelimit
import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { App, TerraformOutput, TerraformStack } from 'cdktf';
import { ApiService, DockerNetwork, EnvoySidecar } from '../../lib';

const app = new App();
const stack = new TerraformStack(app, 'local_ratelimit');
new DockerProvider(stack, 'docker');
const network = new DockerNetwork(stack, 'network', { internal: true });
const envoy = new EnvoySidecar(stack, 'envoy', {
  upstream: new ApiService(stack, 'service', { image: 'nginx:1.29', port: 80, healthPath: '/', network }),
  rateLimit: '10/min',
  routes: [{ path: '/health', rateLimit: false, pathRewrite: '/' }],
});
new TerraformOutput(stack, 'url', { value: envoy.url });
app.synth();
