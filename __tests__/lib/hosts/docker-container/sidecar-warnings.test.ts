import { TerraformStack, Testing } from 'cdktf';
import {
  ApiService,
  type ApiServiceProps,
  DockerNetwork,
  EnvoySidecar,
  type EnvoySidecarProps,
  type IUpstream,
} from '../../../../lib';
import { warningsOf } from '../../../helpers';

const network = DockerNetwork.fromName('shared');
const upstream = { host: 'api', port: 8080, network };
const certificateChainFile = '/tls/chain.pem';
const privateKeyFile = '/tls/key.pem';
const tls = { certificates: [{ certificateChainFile, privateKeyFile }] } as const;

function warned(props: Partial<EnvoySidecarProps>): string[] {
  const stack = new TerraformStack(Testing.app(), 'calc');
  new EnvoySidecar(stack, 'envoy', { upstream, ...props });
  return warningsOf(stack);
}

const api = (host: string, more: Partial<IUpstream> = {}) => ({ host, port: 8080, network, ...more });
const ofFile = (option: string, file: string) => `calc/envoy: ${option} is '${file}', which is in none of the volumes`;

test.each<{ name: string; props: Partial<EnvoySidecarProps>; begin: string[] }>([
  {
    name: 'an upstream at localhost, where Envoy itself is',
    props: { upstream: api('localhost') },
    begin: ["calc/envoy: upstream.host is 'localhost', which inside the container is Envoy itself: clients get 503. "],
  },
  {
    name: 'one of several at a loopback address',
    props: { upstream: [upstream, { service: api('127.0.0.1'), fallback: true }] },
    begin: ["calc/envoy: upstream[1].service.host is '127.0.0.1', which inside"],
  },
  {
    name: 'a further upstream at ::1',
    props: { upstreams: { v2: api('::1') }, routes: [{ path: '/v2', upstream: 'v2' }] },
    begin: ["calc/envoy: upstreams.v2.host is '::1', which inside"],
  },
  {
    name: "a container's name, and no network",
    props: { upstream: { host: 'api', port: 8080 } },
    begin: ["calc/envoy: upstream.host is 'api', and the sidecar is on no network with it: clients get 503. "],
  },
  {
    name: 'admin pages for everybody',
    props: { adminView: {}, publish: { admin: { address: '0.0.0.0' } } },
    begin: ["calc/envoy: publish.admin.address is '0.0.0.0': "],
  },
  {
    name: 'files of a certificate that nothing mounts',
    props: { tls },
    begin: [
      ofFile('tls.certificates[0].certificateChainFile', certificateChainFile),
      ofFile('tls.certificates[0].privateKeyFile', privateKeyFile),
    ],
  },
  {
    name: 'files beside the folder that is mounted',
    props: { tls, volumes: [{ hostPath: '/srv/tls', containerPath: '/tl' }] },
    begin: [
      ofFile('tls.certificates[0].certificateChainFile', certificateChainFile),
      ofFile('tls.certificates[0].privateKeyFile', privateKeyFile),
    ],
  },
  {
    name: "the file of an upstream's authority",
    props: { upstream: api('api', { upstreamTls: { trustedCa: { file: '/tls/ca.pem' } } }) },
    begin: [ofFile('upstream.upstreamTls.trustedCa.file', '/tls/ca.pem')],
  },
])('warns of $name', ({ props, begin }) => {
  expect(warned(props)).toEqual(begin.map((text) => expect.stringContaining(text)));
});

test.each<{ name: string; props: Partial<EnvoySidecarProps> }>([
  { name: 'files in a mounted folder', props: { tls, volumes: [{ hostPath: '/srv/tls', containerPath: '/tls' }] } },
  { name: 'the authorities of the image', props: { upstreamTls: { trustedCa: { file: '/etc/ssl/certs/ca.pem' } } } },
  { name: 'a host elsewhere, without a network', props: { upstream: { host: 'api.example.com', port: 80 } } },
  { name: 'an address, without a network', props: { upstream: { host: '10.0.0.5', port: 80 } } },
  { name: 'the API for everybody', props: { publish: { http: { address: '0.0.0.0' } } } },
  {
    name: 'admin pages at another loopback address',
    props: { adminView: {}, publish: { admin: { address: '127.0.0.2' } } },
  },
])('does not warn of $name', ({ props }) => {
  expect(warned(props)).toEqual([]);
});

describe('an API', () => {
  const made = (props: Partial<ApiServiceProps>) => {
    const stack = new TerraformStack(Testing.app(), 'calc');
    new ApiService(stack, 'api', { image: 'api:1', port: 8080, network, ...props });
    return warningsOf(stack);
  };

  test('without a health path is a warning that says what it costs', () => {
    expect(made({})).toEqual([
      expect.stringMatching(/^calc\/api: healthPath is not set: .* a deploy may lose requests /),
    ]);
  });

  test.each<Partial<ApiServiceProps>>([{ healthPath: '/up' }, { healthPath: false }, { healthcheck: ['CMD', 'true'] }])(
    'is none with %j',
    (props) => {
      expect(made(props)).toEqual([]);
    },
  );
});

test.each(['envoyproxy/envoy:distroless-v1.39.6', 'envoyproxy/envoy-distroless:v1.39.6'])(
  'refuses the image %s, which has no bash',
  (image) => {
    expect(() => warned({ image })).toThrow(
      new RegExp(`^calc/envoy: image must have bash, .*, got "${image}"; choose 'envoyproxy/envoy:v1`),
    );
  },
);
