import { assemble, proxySpec } from '../../../envoy';
import { ApiService, type ApiServiceProps, EnvoySidecar } from '../../../lib';
import { synth } from '../../helpers';

// What must not compile: `tsc --noEmit` fails where a line below `@ts-expect-error` is no error any more. Callers
// without types are refused when it runs, which each test shows as well.

const upstream = { host: 'api', port: 8080 };
const provider = { providers: { main: { issuer: 'a', audiences: ['b'], jwks: { inline: '{}' } } } } as const;
const network = { networkId: 'net', internal: false };

test.each<[string, () => unknown, string]>([
  [
    'a misspelt feature',
    // @ts-expect-error
    () => assemble({ upstream, timeout: { request: '1s' } }),
    'timeout is not an option',
  ],
  [
    'a misspelt option of a feature',
    // @ts-expect-error
    () => assemble({ upstream, timeouts: { requests: '1s' } }),
    'timeouts.requests is not an option',
  ],
  [
    'a wrong word',
    // @ts-expect-error
    () => assemble({ upstream, discovery: { type: 'DNS' } }),
    'discovery.type must be one of',
  ],
  [
    'a duration without a unit',
    // @ts-expect-error
    () => assemble({ upstream, timeouts: { request: '15' } }),
    'timeouts.request must be a number with a unit',
  ],
  [
    'a duration that is a number',
    // @ts-expect-error
    () => assemble({ upstream, timeouts: { request: 15 } }),
    'timeouts.request must be a number with a unit',
  ],
  [
    'an amount of memory in powers of 1000',
    // @ts-expect-error
    () => assemble({ upstream, limits: { maxHeapSize: '200MB' } }),
    'limits.maxHeapSize must be a number above zero with a unit',
  ],
  [
    'a port that is a text',
    // @ts-expect-error
    () => assemble({ upstream: { host: 'api', port: '8080' } }),
    'upstream.port must be a number',
  ],
  [
    'tokens for nobody in particular',
    // @ts-expect-error
    () => assemble({ upstream, jwt: { providers: { main: { issuer: 'a', audiences: [], jwks: { inline: '{}' } } } } }),
    'jwt.providers.main.audiences must name an audience',
  ],
  [
    'a provider without audiences',
    // @ts-expect-error
    () => assemble({ upstream, jwt: { providers: { main: { issuer: 'a', jwks: { inline: '{}' } } } } }),
    'jwt.providers.main.audiences is required',
  ],
  [
    'a provider on a route',
    // @ts-expect-error
    () => assemble({ upstream, jwt: provider, routes: [{ path: '/a', jwt: provider }] }),
    'routes[0].jwt.providers is not an option',
  ],
  [
    'a misspelt option of the upstream',
    // @ts-expect-error
    () => assemble({ upstream: { ...upstream, healtCheck: { path: '/' } } }),
    'upstream.healtCheck is not an option',
  ],
  [
    'a feature of the whole proxy at the upstream',
    // @ts-expect-error
    () => assemble({ upstream: { ...upstream, timeouts: { request: '1s' } } }),
    'upstream.timeouts is not an option',
  ],
  [
    'an option of the routes at the upstream',
    // @ts-expect-error
    () => assemble({ upstream: { ...upstream, retries: { numRetries: 5 } } }),
    'upstream.retries.numRetries is not an option',
  ],
  [
    'a feature of the whole proxy at a route',
    // @ts-expect-error
    () => assemble({ upstream, routes: [{ path: '/x', limits: { maxConnections: 5 } }] }),
    'routes[0].limits is not an option',
  ],
  [
    'another short form',
    // @ts-expect-error
    () => assemble({ upstream, clientIp: 'remote' }),
    "clientIp must be 'direct', 'proxyProtocol', an object or false",
  ],
  [
    'a rate without its unit',
    // @ts-expect-error
    () => assemble({ upstream, rateLimit: '100' }),
    'rateLimit.total must be requests in a time',
  ],
  [
    'a feature of the upstream at a route',
    // @ts-expect-error
    () => assemble({ upstream, routes: [{ path: '/x', healthCheck: { path: '/' } }] }),
    'routes[0].healthCheck is not an option',
  ],
  [
    'an option of the whole proxy at a route',
    // @ts-expect-error
    () => assemble({ upstream, routes: [{ path: '/x', timeouts: { connect: '1s' } }] }),
    'routes[0].timeouts.connect is not an option',
  ],
  [
    'a route without a path',
    // @ts-expect-error
    () => assemble({ upstream, routes: [{ retries: false }] }),
    'routes[0].path is required',
  ],
  [
    'a custom fragment before something that is no feature',
    // @ts-expect-error
    () => assemble({ upstream, custom: [{ before: 'corse' }] }),
    "(did you mean 'cors'?)",
  ],
  [
    'true for a feature',
    // @ts-expect-error
    () => assemble({ upstream, healthCheck: true }),
    'healthCheck must be an object or false',
  ],
  [
    'a misspelt part among several services',
    // @ts-expect-error
    () => assemble({ upstream: [upstream, { service: { host: 'spare', port: 8080 }, falback: true }] }),
    'upstream[1].falback is not an option',
  ],
  [
    'several services as one of several',
    // @ts-expect-error
    () => assemble({ upstream: [upstream, { service: [upstream], fallback: true }] }),
    'upstream[1].service must be { host, port }',
  ],
  [
    'a health check of nothing',
    // @ts-expect-error
    () => assemble({ upstream, healthCheck: { tcp: false } }),
    'healthCheck.tcp must be true',
  ],
  [
    'a budget without a share',
    // @ts-expect-error
    () => assemble({ upstream, retries: { budget: { minRetryConcurrency: 3 } } }),
    'retries.budget.budgetPercent is required',
  ],
  [
    'a wrong log level',
    // @ts-expect-error
    () => proxySpec({ upstream, logLevel: 'warn' }),
    'logLevel must be one of',
  ],
  [
    'an API that publishes a port',
    // @ts-expect-error
    () => synth((stack) => new ApiService(stack, 'api', { image: 'api', port: 80, network, ports: [8080] })),
    'ports is not an option',
  ],
  [
    'an API without a port',
    // @ts-expect-error
    () => synth((stack) => new ApiService(stack, 'api', { image: 'api', network })),
    'port is required',
  ],
  [
    'a file with both a source and a content',
    // @ts-expect-error
    () => synth((stack) => new ApiService(stack, 'api', { ...api, files: { '/a': { source: 'a', content: 'a' } } })),
    'files["/a"] must have either source or content',
  ],
  [
    'a wrong way of rolling out',
    // @ts-expect-error
    () => synth((stack) => new ApiService(stack, 'api', { ...api, rollout: 'blue-green' })),
    'rollout must be one of',
  ],
  [
    'a misspelt option of the sidecar',
    // @ts-expect-error
    () => synth((stack) => new EnvoySidecar(stack, 'envoy', { upstream, memmory: '1GiB' })),
    'memmory is not an option',
  ],
])('%s does not compile, and is refused when it runs', (_, call, message) => {
  expect(call).toThrow(message);
});

const api: ApiServiceProps = { image: 'api', port: 80, network };
