// Two back ends that are near get everything as long as one of them is well; then one that is far away.
// https://www.envoyproxy.io/docs/envoy/latest/start/sandboxes/locality_load_balancing
import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { App, TerraformOutput, TerraformStack } from 'cdktf';
import { ApiService, DockerNetwork, EnvoySidecar } from '../../lib';

const app = new App();
const stack = new TerraformStack(app, 'locality-load-balancing');
new DockerProvider(stack, 'docker');
const settings = { image: 'nginx:1.29', port: 80, healthPath: '/', network: new DockerNetwork(stack, 'network') };
const backend = (id: string) => new ApiService(stack, id, settings);
const envoy = new EnvoySidecar(stack, 'client-envoy', {
  upstream: [backend('local-1'), backend('local-2'), { service: backend('remote'), fallback: true }],
});
new TerraformOutput(stack, 'url', { value: envoy.url });
app.synth();
