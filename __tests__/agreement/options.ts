import fc from 'fast-check';
import { assemble, type EnvoyOptions } from '../../envoy';
import { examples } from '../examples';

function toArbitrary(options: object): fc.Arbitrary<unknown> {
  return options instanceof fc.Arbitrary
    ? options
    : fc.record(options as Record<string, fc.Arbitrary<unknown>>, { requiredKeys: [] });
}

/** Returns the message with which `assemble` rejects the options, if it does. */
function rejection(given: EnvoyOptions): string | undefined {
  try {
    assemble(given);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const PLAIN_UPSTREAM = { host: '10.0.0.5', port: 80 };

/**
 * Removes the first option that the error of `assemble` names, until it accepts the rest. To draw again instead takes seven
 * times as long, and what is accepted then has few options.
 */
export function repair(given: EnvoyOptions): EnvoyOptions {
  const message = rejection(given);
  if (message === undefined) {
    return given;
  }
  const [name] = (message.match(/\w+/g) ?? []).filter((word) => Object.hasOwn(given, word));
  if (name === undefined || (name === 'upstream' && given.upstream === PLAIN_UPSTREAM)) {
    return { upstream: PLAIN_UPSTREAM };
  }
  const { [name as keyof EnvoyOptions]: _, ...rest } = given;
  return repair({ upstream: PLAIN_UPSTREAM, ...rest });
}

/** What finds out who a client is, and what has to know it. */
const FINDING = ['apiKeys', 'basicAuth', 'jwt'];
const ASKING = ['authorization', 'identityRateLimit', 'globalRateLimit'];
const finding = Object.fromEntries(
  examples.flatMap(([name, { every, together = every }]) => (FINDING.includes(name) ? [[name, together]] : [])),
);

/** What makes no sense by itself is left out one by one, or hardly any of them would be left together. */
const alone = (name: string) => (options: unknown) =>
  rejection({
    upstream: { host: 'api', port: 80 },
    ...(ASKING.includes(name) && finding),
    [name]: options,
  } as EnvoyOptions) === undefined;

const proxy = fc.record(
  Object.fromEntries(
    examples.map(([name, { drawn: options }]) => [
      name,
      fc.oneof(
        { weight: 4, arbitrary: toArbitrary(options).filter(alone(name)) },
        { weight: 1, arbitrary: fc.constant(false) },
      ),
    ]),
  ),
  { requiredKeys: [] },
);

const upstream = fc.record({
  host: fc.constantFrom('api', 'api.example.test', '10.0.0.5', '::1', 'A_b-c.9'),
  port: fc.integer({ min: 1, max: 65_535 }),
});

const several = fc.uniqueArray(fc.oneof(upstream, fc.record({ service: upstream, fallback: fc.boolean() })), {
  minLength: 1,
  maxLength: 4,
  selector: (one) => JSON.stringify('service' in one ? one.service : one),
});
const upstreams = fc.oneof({ weight: 3, arbitrary: upstream }, { weight: 1, arbitrary: several });

const texts = fc.constantFrom('/a', '/a/b', "/it's~(odd)!", '/%7Euser');
const match = fc.record(
  {
    path: fc.oneof(
      texts,
      texts.map((exact) => ({ exact })),
      fc.constantFrom('/{x}', '/users/{id}/**', '/*/a').map((template) => ({ template })),
      fc.constantFrom('/v[0-9]+', '/(a|b)/.*').map((regex) => ({ regex })),
    ),
    hosts: fc.uniqueArray(fc.constantFrom('a.example', 'b_1', '*.a-b.example', '*.example'), { minLength: 1 }),
    methods: fc.uniqueArray(fc.constantFrom('GET', 'POST', 'PUT', 'PATCH'), { minLength: 1 }),
    headers: fc.constantFrom({ 'x-a': 'b' }, { 'x-a': true, 'x-b': { regex: 'c|d' } }),
  },
  { requiredKeys: ['path'] },
);
const action = fc.constantFrom(
  {},
  { upstream: 'other' },
  { redirect: { path: '/new' } },
  { redirect: { scheme: 'https', host: 'b.example', port: 8443, status: 302 } },
  { directResponse: { status: 403, body: 'no' } },
);
const routes = fc.uniqueArray(
  fc.tuple(match, action).map(([one, other]) => ({ ...one, ...other })),
  { maxLength: 4, selector: ({ path }) => JSON.stringify(path) },
);
const routeOrder = fc.constantFrom('mostSpecificFirst', 'asWritten');
const other = { host: '10.0.0.9', port: 9090 };

const access = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.record(
      {
        publicPaths: fc.constantFrom(['/open'], [{ exact: '/' }, { template: '/{x}/open' }, { regex: '/o.*' }]),
        anyOf: fc.constantFrom(['jwt', 'apiKeys'], ['basicAuth', 'apiKeys', 'jwt'], ['tls', 'jwt']),
      },
      { requiredKeys: [] },
    ),
  },
);

/** Any options at all that the types allow. Some of them `assemble` refuses, as it should. */
export const options: fc.Arbitrary<EnvoyOptions> = fc
  .record({ upstream: upstreams, port: fc.integer({ min: 1, max: 20_000 }), proxy, routes, routeOrder, access })
  .map(({ proxy, routes, access, ...rest }) => {
    const further = routes.some((rule) => 'upstream' in rule) && { upstreams: { other } };
    const needed = ASKING.some((name) => proxy[name]) && finding;
    return {
      ...rest,
      ...proxy,
      ...needed,
      ...(Object.keys(access).length > 0 && { authentication: access }),
      ...further,
      ...(routes.length > 0 && { routes }),
    } as EnvoyOptions;
  });
