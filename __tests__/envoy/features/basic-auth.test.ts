import { assemble, type BasicAuthOptions, type BasicAuthRequirement, toYaml } from '../../../envoy';
import { basicAuth } from '../../../envoy/features/basic-auth';
import { toScheme } from '../../../envoy/features/shared/authorization-scheme';

const hash = '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=';
const users = { anna: 'not-a-real-password', berta: { hash } };
const credentialMatches = [
  { headers: [{ name: 'authorization', string_match: { prefix: 'Basic ', ignore_case: true } }] },
];
// printf not-a-real-password | openssl sha1 -binary | base64
const ANNA = 'anna:{SHA}oQuzRpAi/RR7QF57VSHLe8d6hsI=\n';
const BERTA = `berta:${hash}\n`;

test('every request needs a name with its password, whose hashes stand in a file of their own', () => {
  expect(basicAuth.proxy({ users })).toEqual({
    credentials: { headers: ['authorization'], params: [], cookies: [] },
    httpFilters: [
      ...toScheme('Basic'),
      {
        name: 'envoy.filters.http.basic_auth',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.filters.http.basic_auth.v3.BasicAuth',
          users: { filename: '/etc/envoy/basic-auth.htpasswd' },
          forward_username_header: 'x-user-name',
        },
      },
    ],
    identityHeaders: ['x-user-name'],
    files: [{ path: '/etc/envoy/basic-auth.htpasswd', content: ANNA + BERTA, sensitive: true }],
    route: { credentialMatches, route: { request_headers_to_remove: ['authorization'] } },
  });
});

test('the password goes on to the API only where it is said', () => {
  expect(basicAuth.proxy({ users, forward: true }).route).toEqual({ credentialMatches });
  expect(basicAuth.route({}, { inherited: { users, forward: true } })).toEqual({ credentialMatches, route: {} });
  expect(basicAuth.route({}, { inherited: { users } })).toEqual({
    credentialMatches,
    route: { request_headers_to_remove: ['authorization'] },
  });
});

test('neither passwords nor hashes are in the configuration that everybody may read', () => {
  const { bootstrap, files } = assemble({
    upstream: { host: 'api', port: 8080 },
    basicAuth: { users },
    routes: [{ path: '/admin', basicAuth: { allowedUsers: ['anna'] } }],
  });
  expect(toYaml(bootstrap)).not.toMatch(/not-a-real|\{SHA\}/);
  expect(toYaml(files)).not.toMatch(/not-a-real/);
  expect(toYaml(files)).toMatch(/\{SHA\}/);
});

test('a route for some users has a file of theirs, one for the same users', () => {
  const own: BasicAuthRequirement[] = [
    { allowedUsers: ['anna'] },
    { allowedUsers: ['berta', 'anna'] },
    { allowedUsers: ['anna'] },
    {},
  ];
  const { files } = basicAuth.proxy({ users }, { routeOptions: own });
  const ofAnna = '/etc/envoy/basic-auth-55579b557896d0ce.htpasswd';
  expect(files).toEqual([
    { path: '/etc/envoy/basic-auth.htpasswd', content: ANNA + BERTA, sensitive: true },
    { path: ofAnna, content: ANNA, sensitive: true },
  ]);
  const named = (filename: string) => ({
    'envoy.filters.http.basic_auth': {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.basic_auth.v3.BasicAuthPerRoute',
      users: { filename },
    },
  });
  expect(own.map((one) => basicAuth.route(one, { inherited: { users } }).route?.typed_per_filter_config)).toEqual([
    named(ofAnna),
    named('/etc/envoy/basic-auth.htpasswd'),
    named(ofAnna),
    undefined,
  ]);
});

test('a hash may be known to Terraform alone', () => {
  const [file] = basicAuth.proxy({ users: { anna: { hash: '${TfToken[1]}' } } }).files ?? [];
  expect(file?.content).toBe('anna:${TfToken[1]}\n');
});

test('a password is shown by its scheme', () => {
  expect(basicAuth.credentialMatches()).toEqual(credentialMatches);
});

const sha = `must be {SHA} and a SHA-1 in base64, got "string"; make it by htpasswd -s, Envoy knows no other`;
const least = 'must have at least 16 characters, as SHA-1 without salt is quick to try';
test.each<[object, string]>([
  [{}, "basicAuth.users must name a user, got []; write for example { anna: '...' }"],
  [{ users: {} }, "basicAuth.users must name a user, got []; write for example { anna: '...' }"],
  ...['a:b', '', 'ä', 'a\nb'].map((name): [object, string] => [
    { users: { [name]: 'not-a-real-password' } },
    `basicAuth.users.${name} must be a name of letters, digits, ., _, @ and -, got ${JSON.stringify(name)}; write for example 'anna'`,
  ]),
  [{ users: { anna: 'only-15-letters' } }, `basicAuth.users.anna ${least}, got 15; draw a longer one at random`],
  [{ users: { anna: 1 } }, `basicAuth.users.anna ${least}, got "number"; draw a longer one at random`],
  [
    { users: { anna: 'x${TfToken[1]}' } },
    `basicAuth.users.anna can't be hashed before Terraform knows it, got "a reference"; give its hash, { hash: '{SHA}...' }`,
  ],
  ...['$2y$05$abcdefghijklmnopqrstuv', '{SHA}short=', `${hash}\n`, 'W6ph5Mm5Pz8GgiULbPgzG37mj9g='].map(
    (bad): [object, string] => [{ users: { anna: { hash: bad } } }, `basicAuth.users.anna.hash ${sha}`],
  ),
  [
    { users: { anna: { hash, password: 'x' } } },
    'basicAuth.users.anna.password is not an option, got "string"; remove it',
  ],
  [{ users, password: 'x' }, 'basicAuth.password is not an option, got "string"; remove it'],
])('refuses %j', (options, message) => {
  expect(() => basicAuth.proxy(options as BasicAuthOptions)).toThrow(new Error(message));
});

test.each<[object, object, string]>([
  [
    { allowedUsers: ['a'] },
    {},
    'basicAuth needs the users of the whole proxy, got {"allowedUsers":["a"]}; give them in its basicAuth',
  ],
  [{ allowedUsers: [] }, { users }, 'basicAuth.allowedUsers must name a user, got []; leave it out for all users'],
  [
    { allowedUsers: ['anna', 'bert'] },
    { users },
    `basicAuth.allowedUsers[1] must be one of 'anna', 'berta', got "bert"; choose one of these`,
  ],
  [{ forward: true }, { users }, 'basicAuth.forward is not an option, got "boolean"; remove it'],
])('refuses %j on a route', (own, whole, message) => {
  expect(() => basicAuth.route(own as BasicAuthRequirement, { inherited: whole })).toThrow(new Error(message));
});
