import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkSource } from '../../../envoy/check/check-source';

const FOLDER = join(__dirname, '../../fixtures/check');

/** What Envoy 1.39 refuses, by file: the line and the words of each of our errors. */
const CAUSES: Readonly<Record<string, readonly string[]>> = {
  'basic-auth-no-users': ['12 needs users'],
  'contrib-type': ['8 is a contrib extension, which is not in the default image'],
  'drain-aware-hcm-crash': ['6 needs hcm_config'],
  'duplicate-key': ['6 foo is not a field of Cluster', '8 the key "connect_timeout" is here a second time'],
  // Ours alone: Envoy takes it.
  'duplicate-key-accepted': ['7 the key "connect_timeout" is here a second time: Envoy takes this value'],
  'dynamic-module-network-last': ["6 'x' is the last filter and does not answer", '6 needs dynamic_module_config'],
  'dynamic-module-no-name': ['12 needs dynamic_module_config'],
  'empty-any': [],
  'empty-typed-config-twice': ["14 needs '@type'"],
  'ext-proc-no-service': ['12 needs one of grpc_service, http_service'],
  'gcp-audience-version': [],
  'header-validator': ['11 is not built into Envoy'],
  'ip-tagging-no-tags': ['12 needs one of ip_tags, ip_tags_datasource'],
  'jwks-uri-placeholder': ["17 Envoy does not replace the placeholder '${ID_HOST}'"],
  'jwks-uri-port': ["17 its port is '99999'"],
  'jwks-uri-space': ['17 it has a space'],
  'jwks-uri-underscore': ["17 its host is 'id_provider'"],
  'lambda-arn': ['16 must be a whole ARN, got "my-function"'],
  'metadata-not-validated': [],
  'missing-space-after-colon': ["4 no space behind the colon of 'name:api'; write 'name: api'"],
  'otel-access-log-no-service': ['11 needs one of grpc_service, http_service, common_config.grpc_service'],
  'proto-extraction-no-descriptor': ['12 needs data_source'],
  'protocol-options-struct': [],
  'redis-cluster-name': ["15 write 'envoy.clusters.redis'"],
  'redis-options-key': ["14 is under a key that Envoy does not know; call it 'envoy.filters.network.redis_proxy'"],
  'reverse-transcoder-no-descriptor': ['12 needs one of descriptor_path, descriptor_binary'],
  tab: ['5 a tab in the indentation'],
  // Which names of ciphers there are, BoringSSL knows.
  'tls13-cipher-names': [],
  // Ours alone: Envoy refuses it when it starts, and not with `--mode validate`.
  'transport-version-v2': ['7 must not be V2'],
  'unquoted-star': ["4 a '*' without quotes"],
  'v2-config-field': [
    '6 tls_context is a field of API v2, which Envoy does not read any more; write transport_socket',
    '9 config is a field of API v2, which Envoy does not read any more; write typed_config',
    '13 hosts is a field of API v2, which Envoy does not read any more; write load_assignment',
  ],
  'v2-type-cascade': ['9 is a type of API v2'],
  'wasm-no-code': ['12 needs config.vm_config.code'],
  'we-refuse-empty-http-health-checker': [],
  'we-refuse-upstream-dynamic-modules-empty': [],
  'wrong-suggestions': [
    '14 is a contrib extension',
    '16 is not a type of Envoy 1.39, got "example',
    "18 is not a type of Envoy 1.39 (did you mean 'envoy.extensions.filters.http.header_to_metadata.v3.Config'?)",
  ],
};

const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

test('every file has its causes', () => {
  expect(files.map((name) => name.replace('.yaml', '')).sort()).toEqual(Object.keys(CAUSES).sort());
});

test.each(Object.entries(CAUSES))('%s: tells each cause once, with its line', (name, causes) => {
  const { problems } = checkSource(readFileSync(join(FOLDER, `${name}.yaml`), 'utf8'), 'yaml', '1.39');
  const errors = problems
    .filter(({ severity }) => severity === 'error')
    .map(({ line, path, message }) => ({ line, text: `${path} ${message}` }));
  const matched = causes.map((cause) => {
    const [line, ...words] = cause.split(' ');
    return errors.find((error) => error.line === Number(line) && error.text.includes(words.join(' ')));
  });
  expect({ errors: errors.length, matched }).toEqual({
    errors: causes.length,
    matched: causes.map(() => expect.anything()),
  });
});
