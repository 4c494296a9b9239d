// Two names with a certificate and a service each, on one port.
// https://www.envoyproxy.io/docs/envoy/latest/start/sandboxes/tls-sni
// Left out of the sandbox: a third name whose TLS is handed on unread, as in tls, and a second Envoy that asks the first for each
// name. A sidecar asks one service by one name (`upstreamTls.serverName`).
import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { App, TerraformStack } from 'cdktf';
import { ApiService, DockerNetwork, EnvoySidecar } from '../../lib';

const app = new App();
const stack = new TerraformStack(app, 'tls-sni');
new DockerProvider(stack, 'docker');
const settings = { image: 'nginx:1.29', port: 80, healthPath: '/', network: new DockerNetwork(stack, 'network') };
const files = (name: string) => ({ certificateChainFile: `/tls/${name}.pem`, privateKeyFile: `/tls/${name}.key` });
new EnvoySidecar(stack, 'envoy', {
  upstream: new ApiService(stack, 'domain1', settings),
  upstreams: { domain2: new ApiService(stack, 'domain2', settings) },
  routes: [{ path: '/', hosts: ['domain2.example.com'], upstream: 'domain2' }],
  volumes: [{ hostPath: '/srv/tls', containerPath: '/tls' }],
  tls: { certificates: [files('domain1.example.com'), files('domain2.example.com')] },
});
app.synth();
