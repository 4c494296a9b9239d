import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { check } from '../../envoy/check/check';
import { pathText } from '../../envoy/messages/path';
import type { EnvoyVersion } from '../../envoy/messages/schema/envoy-minors';
import { readYaml } from '../../envoy/yaml/read/read-yaml';
import { binaries } from '../live/binaries';
import { Judge } from './envoy';

// Configurations of other projects: they come with the Go modules of scripts/setup/third-party-configs/go.mod.

jest.setTimeout(60_000);

function readConfigurations(): [string, string][] {
  const folders = process.env.THIRD_PARTY_CONFIGS;
  if (!folders) {
    throw new Error(
      "THIRD_PARTY_CONFIGS is not set: run 'npm test', or 'scripts/setup.sh test' and source its 'env.test'",
    );
  }
  return folders.split(':').flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.yaml'))
      .map((name): [string, string] => [
        `${relative(join(folder, '..'), folder)}/${name}`,
        readFileSync(join(folder, name), 'utf8'),
      ])
      .filter(([, text]) => /^(static|dynamic)_resources:/m.test(text)),
  );
}

const files = readConfigurations();

const errors = (text: string, version: EnvoyVersion): string[] => {
  const { value, problems } = readYaml(text);
  expect(problems).toEqual([]);
  return check(value, { version }).flatMap(({ severity, path, message }) =>
    severity === 'error' ? [`${pathText(path)} ${message}`] : [],
  );
};

/** What people get wrong in such files: what is replaced, by what, and what is said of it. */
const MISTAKES: Readonly<Record<string, readonly [RegExp, string, string]>> = {
  'a port out of range': [/port_value: \d+/, 'port_value: 99999', 'port_value must be 65535 at the most, got 99999'],
  'a port that is no number': [/port_value: \d+/, 'port_value: http', 'port_value must be a whole number, got "http"'],
  'a time-out without a unit': [
    /connect_timeout: 1s/,
    'connect_timeout: "1"',
    "connect_timeout must be seconds with an 's' behind",
  ],
  'a time-out in milliseconds': [
    /connect_timeout: 1s/,
    'connect_timeout: 1000ms',
    "connect_timeout must be seconds with an 's' behind",
  ],
  'a time-out of zero': [/connect_timeout: 1s/, 'connect_timeout: 0s', 'connect_timeout must be more than 0s'],
  'hosts, as in the second version of the API': [/load_assignment:/, 'hosts:', 'hosts is a field of API v2'],
  'a type of endpoint discovery with a dash': [/type: STRICT_DNS/, 'type: STRICT-DNS', "did you mean 'STRICT_DNS'"],
  'a misspelt balancing policy': [/ROUND_ROBIN/, 'ROUNDROBIN', "did you mean 'ROUND_ROBIN'"],
  'a misspelt field': [/endpoints:/, 'endpoint:', "did you mean 'endpoints'"],
  'an address without its kind': [/socket_address:/, 'socket:', 'socket is not a field of Address'],
  'a cluster that is not there': [/cluster: mock/, 'cluster: mok', "did you mean 'mock'"],
  'config, as in the second version of the API': [/typed_config:/, 'config:', 'config is a field of API v2'],
  'a type without its version': [
    /http_connection_manager\.v3\.HttpConnectionManager/,
    'http_connection_manager.HttpConnectionManager',
    'is not a type of Envoy',
  ],
  'the router left out': [
    /(?<=transport_api_version: V3\n) {18}- name: envoy\.filters\.http\.router\n.*\n.*Router"?\n/,
    '',
    'put envoy.filters.http.router behind it',
  ],
  // Of a control plane for clusters alone, `--mode validate` asks nothing; Envoy refuses that when it starts.
  'the second version of the API': [
    /((?:ads_config|rate_limit_service):\n(?: +.*\n)*? +transport_api_version: )V3/,
    '$1V2',
    'transport_api_version must not be V2',
  ],
  'a misspelt kind of control plane': [/api_type: GRPC/, 'api_type: GRCP', "did you mean 'GRPC'"],
};

const broken = Object.entries(MISTAKES).flatMap(([mistake, [from, to, says]]) =>
  files
    .filter(([, text]) => from.test(text))
    .map(([name, text]) => [mistake, name, text.replace(from, to), says] as const),
);

test('there are enough of them', () => {
  expect(files.length).toBeGreaterThanOrEqual(7);
  expect(new Set(broken.map(([mistake]) => mistake)).size).toBe(Object.keys(MISTAKES).length);
  expect(broken.length).toBeGreaterThanOrEqual(30);
});

describe.each([...binaries()])('Envoy %s', (minor, envoy) => {
  const version = minor as EnvoyVersion;
  const judge = new Judge(envoy);
  afterAll(() => judge.close());

  test.each(files)('accepts %s, as we do', async (_, text) => {
    expect(await judge.ask(readYaml(text).value)).toMatchObject({ is: 'accepted' });
    expect(errors(text, version)).toEqual([]);
  });

  test.each(broken)('refuses %s in %s, as we do and name it', async (_, __, text, says) => {
    expect(errors(text, version)).toContainEqual(expect.stringContaining(says));
    expect(await judge.ask(readYaml(text).value)).toMatchObject({ is: 'refused' });
  });
});
