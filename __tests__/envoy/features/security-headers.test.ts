import { proxySpec } from '../../../envoy';
import { type SecurityHeadersOptions, securityHeaders } from '../../../envoy/features/security-headers';
import { PRESET } from '../../security-headers-preset';

const TYPE = 'type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation';

const REMOVED = ['x-powered-by', 'x-aspnet-version', 'x-aspnetmvc-version'];

/** Those of the preset that are undefined here are left out. */
function mutations(changes: { readonly [Name in keyof typeof PRESET]?: string | undefined } = {}, removed = REMOVED) {
  const headers = Object.entries({ ...PRESET, ...changes }).filter(([, value]) => value !== undefined);
  return {
    response_mutations: [
      ...removed.map((remove) => ({ remove })),
      ...headers.map(([key, value]) => ({ append: { header: { key, value }, append_action: 'ADD_IF_ABSENT' } })),
    ],
  };
}

const filter = (...of: Parameters<typeof mutations>) => ({
  name: 'security_headers',
  typed_config: { '@type': TYPE, mutations: mutations(...of) },
});

test('is not on by default: an API may serve pages', () => {
  expect(securityHeaders).not.toHaveProperty('onByDefault');
});

const csp = 'content-security-policy';
test.each<[SecurityHeadersOptions, Parameters<typeof mutations>]>([
  [{}, []],
  [{ contentTypeOptions: false }, [{ 'x-content-type-options': undefined }]],
  [{ frameOptions: false }, [{ 'x-frame-options': undefined }]],
  [{ contentSecurityPolicy: false }, [{ [csp]: undefined }]],
  [
    { contentSecurityPolicy: false, frameOptions: 'SAMEORIGIN' },
    [{ [csp]: undefined, 'x-frame-options': 'SAMEORIGIN' }],
  ],
  [{ contentSecurityPolicy: "script-src 'none.js'" }, [{ [csp]: "script-src 'none.js'" }]],
  [{ contentSecurityPolicy: 'img-src none.example' }, [{ [csp]: 'img-src none.example' }]],
  [{ contentSecurityPolicy: 'report-uri /a%20b%REQ(cookie)%' }, [{ [csp]: 'report-uri /a%%20b%%REQ(cookie)%%' }]],
  [{ referrerPolicy: false }, [{ 'referrer-policy': undefined }]],
  [{ referrerPolicy: 'strict-origin' }, [{ 'referrer-policy': 'strict-origin' }]],
  [{ crossOriginResourcePolicy: false }, [{ 'cross-origin-resource-policy': undefined }]],
  [{ crossOriginResourcePolicy: 'same-site' }, [{ 'cross-origin-resource-policy': 'same-site' }]],
  [{ cacheControl: false }, [{ 'cache-control': undefined }]],
  [{ cacheControl: 'private, max-age=60' }, [{ 'cache-control': 'private, max-age=60' }]],
  [{ remove: [] }, [{}, []]],
  [{ remove: ['X-Generator', 'x-frame-options'] }, [{}, ['x-generator', 'x-frame-options']]],
])('%j', (options, expected) => {
  expect(securityHeaders.proxy(options)).toEqual({ httpFilters: [filter(...expected)] });
});

test("a route's own options lie over those of the proxy, whose filter it passes by", () => {
  const whole = { referrerPolicy: 'origin', frameOptions: false, remove: [] } as const;
  const ofProxy = filter({ 'referrer-policy': 'origin', 'x-frame-options': undefined }, []);
  expect(securityHeaders.route({ frameOptions: 'DENY', cacheControl: false }, { inherited: whole })).toEqual({
    httpFilters: [ofProxy, { name: 'security_headers.routes', typed_config: { '@type': TYPE } }],
    route: {
      typed_per_filter_config: {
        security_headers: { '@type': 'type.googleapis.com/envoy.config.route.v3.FilterConfig', disabled: true },
        'security_headers.routes': {
          '@type': `${TYPE}PerRoute`,
          mutations: mutations({ 'referrer-policy': 'origin', 'cache-control': undefined }, []),
        },
      },
    },
  });
});

test.each<[string, object]>([
  ['on a route alone', { routes: [{ path: '/a', securityHeaders: {} }] }],
  ['off on a route', { securityHeaders: {}, routes: [{ path: '/a', securityHeaders: false }] }],
  ['on both', { securityHeaders: {}, routes: [{ path: '/a', securityHeaders: { frameOptions: false } }] }],
])('%s, it leaves nothing to warn of', (_, options) => {
  expect(proxySpec({ upstream: { host: 'api', port: 80 }, ...options }).warnings).toEqual([]);
});

const line = 'must be one line of ASCII without spaces around it';
const oneLine = 'write it in one line, or false to leave the header out';
const envoys = "is no header of the API's: Envoy writes its own behind all filters";
test.each<[SecurityHeadersOptions, string]>([
  [
    { contentSecurityPolicy: 'report-uri ${TfToken[TOKEN.1]}' },
    'securityHeaders.contentSecurityPolicy must be known when the stack is synthesized, got "report-uri ${TfToken[TOKEN.1]}" (known only to Terraform when it applies); write it out',
  ],
  [
    { contentTypeOptions: 'sniff' as never },
    `securityHeaders.contentTypeOptions must be one of 'nosniff', got "sniff"; choose one of these`,
  ],
  [
    { frameOptions: 'ALLOW-FROM https://example.com' as never },
    `securityHeaders.frameOptions must be one of 'DENY', 'SAMEORIGIN', got "ALLOW-FROM https://example.com"; choose one of these`,
  ],
  [
    { frameOptions: true as never },
    `securityHeaders.frameOptions must be one of 'DENY', 'SAMEORIGIN', got true; choose one of these`,
  ],
  [
    { frameOptions: 'SAMEORIGIN' },
    `securityHeaders.frameOptions has no effect with frame-ancestors 'none' in contentSecurityPolicy, got "SAMEORIGIN"; write frame-ancestors 'self' there, or 'DENY' here`,
  ],
  [
    { referrerPolicy: 'none' as never },
    `securityHeaders.referrerPolicy must be one of 'no-referrer', 'same-origin', 'strict-origin', 'strict-origin-when-cross-origin', 'origin', 'origin-when-cross-origin', 'no-referrer-when-downgrade', 'unsafe-url', got "none"; choose one of these`,
  ],
  [
    { crossOriginResourcePolicy: '*' as never },
    `securityHeaders.crossOriginResourcePolicy must be one of 'same-origin', 'same-site', 'cross-origin', got "*"; choose one of these`,
  ],
  [{ contentSecurityPolicy: '' }, `securityHeaders.contentSecurityPolicy ${line}, got ""; ${oneLine}`],
  [
    { contentSecurityPolicy: "default-src 'self';\n  img-src *" },
    `securityHeaders.contentSecurityPolicy ${line}, got "default-src 'self';\\n  img-src *"; ${oneLine}`,
  ],
  [
    { contentSecurityPolicy: 'img-src https://bücher.example' },
    `securityHeaders.contentSecurityPolicy ${line}, got "img-src https://bücher.example"; ${oneLine}`,
  ],
  [{ contentSecurityPolicy: true as never }, `securityHeaders.contentSecurityPolicy ${line}, got true; ${oneLine}`],
  [
    { contentSecurityPolicy: 'default-src none; img-src *' },
    `securityHeaders.contentSecurityPolicy has none without quotes, which is a host, got "default-src none; img-src *"; write 'none', quotes and all`,
  ],
  [
    { contentSecurityPolicy: "script-src 'self' unsafe-inline" },
    `securityHeaders.contentSecurityPolicy has unsafe-inline without quotes, which is a host, got "script-src 'self' unsafe-inline"; write 'unsafe-inline', quotes and all`,
  ],
  [{ cacheControl: ' no-store' }, `securityHeaders.cacheControl ${line}, got " no-store"; ${oneLine}`],
  [
    { cacheControl: 'no-store\r\nset-cookie: a=b' },
    `securityHeaders.cacheControl ${line}, got "no-store\\r\\nset-cookie: a=b"; ${oneLine}`,
  ],
  [
    { remove: ['x-a', 'x b'] },
    `securityHeaders.remove[1] must be the name of a header, got "x b"; write for example 'x-api-key'`,
  ],
  [{ remove: ['Server'] }, `securityHeaders.remove[0] ${envoys}, got "Server"; leave it out`],
  [{ remove: ['date'] }, `securityHeaders.remove[0] ${envoys}, got "date"; leave it out`],
  [{ hsts: {} } as never, 'securityHeaders.hsts is not an option, got {}; remove it'],
])('refuses %j', (options, message) => {
  expect(() => securityHeaders.proxy(options)).toThrow(new Error(message));
});
