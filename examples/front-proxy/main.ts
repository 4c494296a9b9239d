// Two services behind one Envoy, each at a path of its own.
// https://www.envoyproxy.io/docs/envoy/latest/start/sandboxes/front_proxy
import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { App, TerraformOutput, TerraformStack } from 'cdktf';
import { ApiService, DockerNetwork, EnvoySidecar } from '../../lib';

const app = new App();
const stack = new TerraformStack(app, 'front-proxy');
new DockerProvider(stack, 'docker');
const service = { image: 'nginx:1.29', port: 80, healthPath: '/', network: new DockerNetwork(stack, 'network') };
const page = (number: number) => ({ [`/usr/share/nginx/html/service/${number}`]: { content: `service ${number}\n` } });
const envoy = new EnvoySidecar(stack, 'front', {
  upstream: new ApiService(stack, 'service1', { ...service, files: page(1) }),
  upstreams: { service2: new ApiService(stack, 'service2', { ...service, files: page(2) }) },
  routes: [
    { path: '/service/1' },
    { path: '/service/2', upstream: 'service2' },
    { path: '/', directResponse: { status: 404 } },
  ],
});
new TerraformOutput(stack, 'url', { value: envoy.url });
app.synth();
