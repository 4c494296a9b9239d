import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Feature } from '../../envoy/features/feature';
import { features } from '../../envoy/features/registry';
import { kebabCase } from '../kebab-case';
import { blocks, linkTo } from './markdown';
import { type Declaration, OptionTypes, ROOT } from './option-types';
import { Renderer } from './renderer';

/** The pages of one type each: the page, its title, and the type. */
const PAGES = [
  ['docker-network', 'DockerNetwork', 'DockerNetworkProps'],
  ['api-service', 'ApiService', 'ApiServiceProps'],
  ['envoy-sidecar', 'EnvoySidecar', 'EnvoySidecarProps'],
  ['global-rate-limit', 'GlobalRateLimit', 'GlobalRateLimitProps'],
  ['routes', 'Routes', 'RouteRule'],
  ['upstreams', 'Upstreams', 'IUpstream'],
  ['envoy-options', 'The configuration alone', 'EnvoyOptions'],
  ['custom-fragments', 'Custom fragments', 'CustomFragment'],
] as const;

/** The page of the types that several pages use. */
const SHARED = 'types';

export const HEAD =
  '<!-- Written by scripts/options-reference from the docstrings: UPDATE_DOCS=1 npm run test:unit -->';

const FEATURES = Object.entries<Feature>(features);

const featurePage = (name: string) => `features/${kebabCase(name)}`;

/** The pages of docs/reference by their paths there, written from the docstrings of the options. */
export function optionsReference(): Readonly<Record<string, string>> {
  const types = new OptionTypes();
  const roots = PAGES.map(([page, title, name]) => ({ page, title, node: types.exported(name) }));
  const places = assignPages(types, [
    ...roots.map(({ page, node }) => [page, [node]] as const),
    ...FEATURES.map(([name]) => [featurePage(name), types.ofFeature(name)] as const),
  ]);
  for (const { page, node } of roots) {
    places.set(node, page);
  }
  const renderer = new Renderer(types, places, new Set(roots.map(({ node }) => node)));
  const pages = [
    ['README', indexPage(types)],
    ...roots.map(({ page, title, node }) => [
      page,
      blocks(`# ${title}`, renderer.root(page, node), renderer.otherTypes(page)),
    ]),
    ...FEATURES.map(([name, feature]) => [
      featurePage(name),
      blocks(`# \`${name}\``, factsOf(types, name, feature), renderer.otherTypes(featurePage(name))),
    ]),
    [SHARED, blocks('# Types that several options use', renderer.otherTypes(SHARED))],
  ];
  return Object.fromEntries(pages.map(([page, text]) => [`${page}.md`, `${HEAD}\n\n${text}\n`]));
}

/** The page of each type: the only one that uses it, or the shared one. */
function assignPages(types: OptionTypes, roots: readonly (readonly [string, readonly Declaration[]])[]) {
  const places = new Map<Declaration, string>();
  for (const [page, nodes] of roots) {
    for (const node of types.reachableFrom(nodes)) {
      places.set(node, places.has(node) ? SHARED : page);
    }
  }
  return places;
}

function factsOf(types: OptionTypes, name: string, feature: Feature): string {
  const scopes = [
    'all requests',
    ...(feature.route ? ['a [route](../routes.md)'] : []),
    ...(feature.upstream ? ['an [upstream](../upstreams.md)'] : []),
  ];
  const sources = types.ofFeature(name).map((node) => node.getSourceFile().text);
  const envoysPage = sources.flatMap((text) => /@see (https:\/\/www\.envoyproxy\.io\S+)/.exec(text)?.[1] ?? [])[0];
  const tests = testsOf(name).map((file) => `[${file}](../../../__tests__/${file})`);
  return blocks(
    types.registryComment(name),
    [
      `- Default: ${feature.onByDefault ? 'on' : feature.onWithFallback ? 'off; on for an upstream with a fallback' : 'off'}`,
      `- Set it for: ${new Intl.ListFormat('en-GB').format(scopes)}`,
      ...(envoysPage === undefined ? [] : [`- Envoy's page: ${linkTo(envoysPage)}`]),
      `- Tests: ${tests.join(', ')}`,
    ].join('\n'),
  );
}

/** The tests in the real Envoy that are named after a feature, and that of its fragment. */
export function testsOf(name: string): string[] {
  const filesIn = (folder: string) =>
    readdirSync(resolve(ROOT, '__tests__', folder), { recursive: true, encoding: 'utf8' }).sort();
  const live = new RegExp(`^${kebabCase(name)}(-.*)?\\.test\\.ts$`);
  const unit = new RegExp(`^${kebabCase(name)}(/index)?\\.test\\.ts$`);
  return [
    ...filesIn('live').flatMap((file) => (live.test(file) ? [`live/${file}`] : [])),
    ...filesIn('envoy/features').flatMap((file) => (unit.test(file) ? [`envoy/features/${file}`] : [])),
  ];
}

function indexPage(types: OptionTypes): string {
  const rows = FEATURES.map(
    ([name]) => `| [\`${name}\`](${featurePage(name)}.md) | ${types.registryComment(name).split(/(?<=\.) /)[0]} |`,
  );
  return blocks(
    '# Reference',
    'Each option has its type, its default, and the reason for the default.',
    '## Constructs, routes and upstreams',
    [
      ...PAGES.map(([page, title]) => `- [${title}](${page}.md)`),
      `- [Types that several options use](${SHARED}.md)`,
    ].join('\n'),
    '## Features',
    'The features come in the order in which a request passes their filters.',
    ['| option | what it does |', '| --- | --- |', ...rows].join('\n'),
  );
}
