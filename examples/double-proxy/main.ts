// Two Envoys in a row, with TLS between them: each knows the other's certificate, and the second lets nobody else in.
// https://www.envoyproxy.io/docs/envoy/latest/start/sandboxes/double-proxy
// The sandbox has Postgres behind the two, over plain TCP; here it is an HTTP service.
import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { App, TerraformStack } from 'cdktf';
import { ApiService, DockerNetwork, EnvoySidecar } from '../../lib';

const stack = new TerraformStack(new App(), 'double-proxy');
new DockerProvider(stack, 'docker');
const network = new DockerNetwork(stack, 'network', { internal: true });
const certificate = { certificateChainFile: '/tls/own.pem', privateKeyFile: '/tls/own.key' };
const clientCertificates = { trustedCa: { file: '/tls/ca.pem' }, subjectAltNames: ['DNS:front.example.com'] } as const;
new EnvoySidecar(stack, 'front', {
  upstream: new EnvoySidecar(stack, 'back', {
    upstream: new ApiService(stack, 'service', { image: 'nginx:1.29', port: 80, healthPath: '/', network }),
    publish: { http: false },
    volumes: [{ hostPath: '/srv/tls/back', containerPath: '/tls' }],
    tls: { certificates: [certificate], clientCertificates },
  }),
  volumes: [{ hostPath: '/srv/tls/front', containerPath: '/tls' }],
  upstreamTls: { trustedCa: clientCertificates.trustedCa, certificate },
});
App.of(stack).synth();
