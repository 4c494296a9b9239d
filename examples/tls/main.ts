// TLS ends at Envoy, with a certificate of the Docker host; a second port sends those to it who come in the plain.
// https://www.envoyproxy.io/docs/envoy/latest/start/sandboxes/tls
// Of the sandbox's four Envoys this is `https` to `http`, and the redirect is ours. TLS to the service as well is `upstreamTls`
// (double-proxy has it). Left out is the one that hands TLS on unread: no feature could see such a request, but `custom` has room for its listener.
import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { App, TerraformOutput, TerraformStack } from 'cdktf';
import { ApiService, DockerNetwork, EnvoySidecar } from '../../lib';

const app = new App();
const stack = new TerraformStack(app, 'tls');
new DockerProvider(stack, 'docker');
const network = new DockerNetwork(stack, 'network', { internal: true });
const envoy = new EnvoySidecar(stack, 'envoy', {
  upstream: new ApiService(stack, 'service', { image: 'nginx:1.29', port: 80, healthPath: '/', network }),
  volumes: [{ hostPath: '/srv/tls', containerPath: '/tls' }],
  tls: {
    certificates: [{ certificateChainFile: '/tls/example.com.pem', privateKeyFile: '/tls/example.com.key' }],
    httpsRedirect: {},
  },
});
new TerraformOutput(stack, 'url', { value: envoy.url });
app.synth();
