// The import rules of the folders: the only description of them. `npm run lint` holds them, type imports included.
// A rule reads: files of `from` must not import files of `to`.

/** The folders of envoy/ and of lib/, from the lowest to the highest: each may import those before it. */
const LAYERS = ['messages', 'options', 'fragments', 'features', 'assemble', 'spec'];

const LIB_LAYERS = ['terraform', 'docker', 'upstream', 'api|rate-limit|hosts'];

/** The rules of the layers of one folder. */
const layerRules = (root, layers) =>
  layers.slice(0, -1).map((layer, index) => ({
    name: `${root}-layer-${layer}`,
    severity: 'error',
    comment: `${root}/${layer} must not import the folders above it: ${layers.join(' < ')}`,
    from: { path: `^${root}/${layer}/` },
    to: { path: `^${root}/(${layers.slice(index + 1).join('|')})/` },
  }));

module.exports = {
  forbidden: [
    {
      name: 'no-circle',
      severity: 'error',
      comment: 'no circle of imports, type imports included',
      from: {},
      to: { circular: true },
    },
    ...layerRules('envoy', LAYERS),
    ...layerRules('lib', LIB_LAYERS),
    {
      name: 'envoy-knows-no-host',
      severity: 'error',
      comment: 'envoy/ is pure: it imports neither lib/ nor cli/',
      from: { path: '^envoy/' },
      to: { path: '^(lib|cli)/' },
    },
    {
      name: 'check-is-independent',
      severity: 'error',
      comment: 'the check knows a configuration alone: messages, yaml, and what it shares with the options',
      from: { path: '^envoy/check/' },
      to: {
        path: '^envoy/',
        pathNot: '^envoy/(check|messages|yaml)/|^envoy/options/(http-token|ip|suggest|terraform-tokens)\\.ts$',
      },
    },
    {
      name: 'who-may-check',
      severity: 'error',
      comment: 'only spec, host-api and index import the check',
      from: { path: '^envoy/', pathNot: '^envoy/(check|spec)/|^envoy/(index|host-api)\\.ts$' },
      to: { path: '^envoy/check/' },
    },
    {
      name: 'yaml-is-independent',
      severity: 'error',
      comment: 'yaml reads and writes text: it imports messages, and the tokens of the options',
      from: { path: '^envoy/yaml/' },
      to: { path: '^envoy/', pathNot: '^envoy/(yaml|messages)/|^envoy/options/terraform-tokens\\.ts$' },
    },
    {
      name: 'feature-alone',
      severity: 'error',
      comment: 'a feature imports no other feature',
      from: { path: '^envoy/features/(?!shared/|registry\\.ts|feature\\.ts)([^/]+?)(?:\\.ts$|/)' },
      to: { path: '^envoy/features/', pathNot: '^envoy/features/(shared/|feature\\.ts|$1(\\.ts$|/))' },
    },
    {
      name: 'shared-knows-no-feature',
      severity: 'error',
      comment: 'features/shared imports no feature',
      from: { path: '^envoy/features/shared/' },
      to: { path: '^envoy/features/', pathNot: '^envoy/features/shared/' },
    },
    {
      name: 'features-by-registry',
      severity: 'error',
      comment: 'only registry.ts and the two entries of envoy/ import features',
      from: { pathNot: '^envoy/features/|^envoy/(index|host-api)\\.ts$|^__tests__/|^scripts/' },
      to: { path: '^envoy/features/', pathNot: '^envoy/features/(registry\\.ts|feature\\.ts|shared/)' },
    },
    {
      name: 'envoy-by-its-entries',
      severity: 'error',
      comment: 'lib/ and cli/ import envoy/index.ts and envoy/host-api.ts alone',
      from: { path: '^(lib|cli)/' },
      to: { path: '^envoy/', pathNot: '^envoy/(index|host-api)\\.ts$' },
    },
    {
      name: 'toolkit-in-one-file',
      severity: 'error',
      comment:
        'the toolkit is imported in lib/cdk.ts alone: the entry for cdktn is a copy of lib with other names there',
      from: { path: '^(lib|envoy|cli)/', pathNot: '^lib/cdk\\.ts$' },
      to: { path: '(^|/)(cdktf|cdktn|constructs|@cdktf/[^/]+|@cdktn/[^/]+)(/|$)' },
    },
    {
      name: 'host-alone',
      severity: 'error',
      comment: 'one host platform imports no other',
      from: { path: '^lib/hosts/(?!entrypoint/)([^/]+)/' },
      to: { path: '^lib/hosts/', pathNot: '^lib/hosts/($1|entrypoint)/' },
    },
    {
      name: 'pure',
      severity: 'error',
      comment: 'envoy/ is pure: of Node.js it imports node:crypto alone, which computes',
      from: { path: '^envoy/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
