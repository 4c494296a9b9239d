import { type CsrfOptions, csrf } from '../../../envoy/features/csrf';

const filter = {
  name: 'envoy.filters.http.csrf',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.csrf.v3.CsrfPolicy',
    filter_enabled: { default_value: { numerator: 100, denominator: 'HUNDRED' } },
  },
};

const METHODS_FILTER = 'envoy.filters.http.rbac.csrf_methods';

const policy = (changes: object = {}) => ({
  httpFilters: [filter, expect.objectContaining({ name: METHODS_FILTER })],
  route: {
    typed_per_filter_config: {
      'envoy.filters.http.csrf': { ...filter.typed_config, ...changes },
      [METHODS_FILTER]: expect.anything(),
    },
  },
});

test('is not on by default: an API that browsers show nothing by themselves has no need of it', () => {
  expect(csrf).not.toHaveProperty('onByDefault');
});

test('without options, the API itself may call alone', () => {
  expect(csrf.route({})).toEqual(policy());
});

test.each([
  'app.example.com',
  'localhost:3000',
  'app.example.com.:8443',
  '10.0.0.5',
  '[::1]:8080',
  'xn--bcher-kva.example',
  '2c127fa4-62c7-7e4f-90e5-472b45eecfdc',
  '${TfToken[TOKEN.1]}:3000',
])('allows %s', (origin) => {
  expect(csrf.route({ additionalOrigins: [origin] })).toEqual(policy({ additional_origins: [{ exact: origin }] }));
});

test('in shadow mode it only counts', () => {
  expect(csrf.route({ shadow: true })).toEqual(
    policy({
      filter_enabled: { default_value: { numerator: 0, denominator: 'HUNDRED' } },
      shadow_enabled: { default_value: { numerator: 100, denominator: 'HUNDRED' } },
    }),
  );
});

test('in shadow mode it only counts other methods than those of forms', () => {
  const of = (options: CsrfOptions) => csrf.route(options).route?.typed_per_filter_config?.[METHODS_FILTER];
  expect(of({ shadow: true })).toHaveProperty('rbac.shadow_rules.action', 'DENY');
  expect(of({ shadow: true })).not.toHaveProperty('rbac.rules');
  expect(of({})).toHaveProperty('rbac.rules.action', 'DENY');
});

test("a route's own options lie over those of the proxy", () => {
  const whole = { additionalOrigins: ['a.example'], shadow: true };
  expect(csrf.route({ shadow: false }, { inherited: whole })).toEqual(
    policy({ additional_origins: [{ exact: 'a.example' }] }),
  );
  expect(csrf.route({ additionalOrigins: [] }, { inherited: { additionalOrigins: ['a.example'] } })).toEqual(policy());
});

test.each([
  ['a scheme', 'https://app.example.com'],
  ['a path', 'app.example.com/'],
  ['the port that browsers leave out', 'app.example.com:443'],
  ['the port that browsers leave out', 'app.example.com:80'],
  ['no port', 'app.example.com:99999'],
  ['no port', 'app.example.com:'],
  ['upper case', 'App.example.com'],
  ['what browsers encode', 'bücher.example'],
  ['an address in a long form', '[0:0::1]'],
  ['an address in a short form', '127.1'],
  ['a name', 'user@app.example.com'],
  ['what any page can be', 'null'],
  ['any host', '*'],
  ['any host below another', '*.example.com'],
  ['a host that Envoy does not read', 'my_app:3000'],
  ['two', 'a.example,b.example'],
  ['nothing', ''],
  ['no text', undefined as never],
])('refuses %s: %j', (_, origin) => {
  expect(() => csrf.route({ additionalOrigins: ['a.example', origin] })).toThrow(
    new Error(
      `csrf.additionalOrigins[1] must be a host as browsers write it, without a scheme, and without the port 80 or 443, got ${JSON.stringify(origin)}; write for example 'app.example.com' or 'app.example.com:8443'`,
    ),
  );
});

test.each<[CsrfOptions, string]>([
  [{ shadow: 'yes' as never }, 'csrf.shadow must be true or false, got "yes"; choose one of these'],
  [{ origins: ['a.example'] } as never, 'csrf.origins is not an option, got ["a.example"]; remove it'],
])('refuses %j', (options, message) => {
  expect(() => csrf.route(options)).toThrow(new Error(message));
});
