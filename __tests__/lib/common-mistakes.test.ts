import { TerraformStack, Testing, Token } from 'cdktf';
import { ApiService, DockerNetwork, EnvoySidecar } from '../../lib';

const network = DockerNetwork.fromName('shared');
const upstream = { host: 'api', port: 8080, network };
const stack = () => new TerraformStack(Testing.app(), 'calc');
const api = (props: object) => () =>
  new ApiService(stack(), 'api', { image: 'api:1', port: 8080, network, ...props } as never);
const sidecar = (props: object) => () => new EnvoySidecar(stack(), 'envoy', { upstream, ...props } as never);

const provider = {
  issuer: 'https://id.example.com/',
  audiences: ['api'],
  jwks: { uri: 'https://id.example.com/jwks' },
};
const jwt = (more: object) => sidecar({ jwt: { providers: { main: { ...provider, ...more } } } });
const later = Token.asString({ resolve: () => 'later' });

/** What people write who know other tools, or have no types. */
test.each<{ name: string; made: () => unknown; message: string }>([
  {
    name: "Envoy's name for the prefix of a token",
    made: jwt({ fromHeaders: [{ name: 'authorization', prefix: 'Bearer ' }] }),
    message: `calc/envoy: jwt.providers.main.fromHeaders[0].prefix is not an option, got "Bearer "; remove it (did you mean 'valuePrefix'?)`,
  },
  {
    name: 'the headers of a token as a list of names',
    made: jwt({ fromHeaders: ['authorization'] }),
    message:
      'calc/envoy: jwt.providers.main.fromHeaders[0] must be { name }, got "authorization"; its options are name, valuePrefix',
  },
  {
    name: 'the authority of the keys as tls.clientCertificates has it',
    made: jwt({ jwks: { ...provider.jwks, trustedCa: { pem: '-----BEGIN' } } }),
    message: 'calc/envoy: jwt.providers.main.jwks.trustedCa must be a text, got {"pem":"-----BEGIN"}; write a text',
  },
  {
    name: 'a weight at one of several upstreams',
    made: sidecar({ upstream: [upstream, { ...upstream, host: 'other', weight: 3 }] }),
    message: 'calc/envoy: upstream[1].weight is not an option, got 3; remove it',
  },
  {
    name: 'an API without a network',
    made: api({ network: undefined }),
    message: "calc/api: network is required, got undefined; write for example DockerNetwork.fromName('my-network')",
  },
  {
    name: 'a network by its name',
    made: api({ network: 'mynet' }),
    message:
      'calc/api: network must be { networkId, internal }, got "mynet"; write for example DockerNetwork.fromName(\'my-network\')',
  },
  {
    name: "a network as Docker's resource has it",
    made: api({ network: { name: 'mynet' } }),
    message:
      'calc/api: network must be { networkId, internal }, got ["name"]; write for example DockerNetwork.fromName(\'my-network\')',
  },
  {
    name: 'a path as Envoy names it',
    made: sidecar({ routes: [{ path: { prefix: '/a' } }] }),
    message: 'calc/envoy: routes[0].path must be a text, { exact }, { template } or { regex }, got ["prefix"]; write ',
  },
  {
    name: 'a network by a number',
    made: () => DockerNetwork.fromName(55 as never),
    message: 'name must be 2 to 63 letters, digits, `_`, `.` or `-`, and begin with a letter or digit, got 55; ',
  },
  {
    name: 'a flag of a network as a text',
    made: () => DockerNetwork.fromName('shared', { internal: 'yes' } as never),
    message: 'internal must be true or false, got "yes"; write true or false',
  },
  {
    name: 'a sidecar in no stack',
    made: () => new EnvoySidecar(undefined as never, 'envoy', { upstream }),
    message: 'envoy: ',
  },
  {
    name: 'a sidecar without an upstream',
    made: sidecar({ upstream: undefined }),
    message: "calc/envoy: upstream is required, got undefined; write for example { host: 'api', port: 8080 }",
  },
  {
    name: 'a sidecar without options',
    made: () => new EnvoySidecar(stack(), 'envoy', undefined as never),
    message: 'calc/envoy: the options must be { upstream }, got undefined; write an object with upstream',
  },
  {
    name: 'a command as one text',
    made: api({ command: 'node server.js' }),
    message: `calc/api: command must be a list, got "node server.js"; write for example ['node', 'server.js']`,
  },
  {
    name: 'a number of proxies as clientIp',
    made: sidecar({ clientIp: 1 }),
    message: "calc/envoy: clientIp must be 'direct', 'proxyProtocol', an object or false, got 1; ",
  },
  {
    name: 'a number of retries',
    made: sidecar({ retries: 3 }),
    message: 'calc/envoy: retries must be an object or false, got 3; its options are ',
  },
  {
    name: 'a port that Terraform knows later',
    made: sidecar({ port: Token.asNumber(later) }),
    message: 'calc/envoy: port must be a number, got -',
  },
  {
    name: 'a duration that Terraform knows later',
    made: sidecar({ timeouts: { request: later } }),
    message: 'calc/envoy: timeouts.request must be a number with a unit (ms, s, m or h), got "${TfToken[',
  },
  {
    name: 'a rate that Terraform knows later',
    made: sidecar({ rateLimit: { total: later } }),
    message: 'calc/envoy: rateLimit.total must be requests in a time (s, min, hour or day), got "${TfToken[',
  },
  {
    name: 'a path that Terraform knows later',
    made: api({ healthPath: later }),
    message: "calc/api: healthPath must start with '/' and hold no space, no '#' and ASCII alone, got \"${TfToken[",
  },
])('refuses $name', ({ name, made, message }) => {
  expect(made).toThrow(message);
  if (name.endsWith('knows later')) {
    expect(made).toThrow(/ \(known only to Terraform when it applies\); write /);
  }
});
