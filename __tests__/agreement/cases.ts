import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'yaml';
import { assemble, type EnvoyOptions, type ProxyFile } from '../../envoy';
import { shapesOf } from '../../envoy/messages/schema/descriptors';
import { ENVOY_VERSIONS } from '../../envoy/messages/schema/envoy-minors';
import { loadModel } from '../../envoy/messages/schema/load';
import { goldenFiles } from '../files';
import { goldenNames, goldenYaml } from '../golden-configs';
import { withDuplicateKey } from './duplicate-keys';
import { PLACES, typed } from './extension-places';
import { minimal } from './minimal';
import { type ChosenMutation, MUTATIONS, mutate } from './mutations';
import { options, repair } from './options';
import { toCamelCase } from './to-camel-case';
import { isObject, type Json, places } from './tree';

const FIXTURES = join(__dirname, '../fixtures');
const fixtureNames = readdirSync(FIXTURES).flatMap((name) =>
  name.endsWith('.yaml') ? [name.replace('.yaml', '')] : [],
);

/** The valid configurations from which damaged ones are made, by name. */
export const valid: Readonly<Record<string, Json>> = Object.fromEntries([
  ...goldenNames.map((name) => [name, parse(goldenYaml(name)) as Json] as const),
  ...fixtureNames
    .sort()
    .map((name) => [name, parse(readFileSync(join(FIXTURES, `${name}.yaml`), 'utf8')) as Json] as const),
]);

const parts = Object.values(valid).flatMap((config) =>
  places(config)
    .map(({ value }) => value)
    .filter(isObject),
);

/** One configuration to be judged, as fast-check makes and shrinks it. */
export interface Case {
  /** The name of a valid configuration, options for one, or an extension that says little of itself. */
  readonly base: string | EnvoyOptions | ExtensionCase;
  readonly mutations: readonly ChosenMutation[];
  /** How the configuration is written down, where not as JSON with the names of the .proto files. */
  readonly spelling?: 'in camelCase' | 'with a key twice';
}

/** An extension by itself, in one of its places. */
export interface ExtensionCase {
  readonly category: string;
  readonly type: string;
  /** With nothing in it, or with what its schema requires. */
  readonly content: 'empty' | 'minimal';
  readonly place: number;
}

const model = loadModel();
const newest = shapesOf(model, ENVOY_VERSIONS.at(-1) ?? '');

/** Every extension of every category in each of its places. */
export const extensionCases: readonly ExtensionCase[] = Object.entries(PLACES).flatMap(([category, placesOf]) =>
  Object.keys(model.extensions[category] ?? {}).flatMap((type) =>
    (['empty', 'minimal'] as const).flatMap((content) =>
      placesOf({ name: type, typed_config: typed(type) }).map((_, place) => ({ category, type, content, place })),
    ),
  ),
);

/** The configuration with this extension, with its own name or none that Envoy knows. */
export function extensionConfiguration({ category, type, content, place }: ExtensionCase, name = 'x'): Json {
  const fields = content === 'empty' || type.startsWith('google.protobuf.') ? {} : minimal(newest, type);
  return (PLACES[category]?.({ name, typed_config: typed(type, fields) })[place] ?? null) as Json;
}

const chosenMutation: fc.Arbitrary<ChosenMutation> = fc.record({
  kind: fc.constantFrom(...Object.keys(MUTATIONS)),
  at: fc.nat(1e6),
  choice: fc.nat(1e6),
});

const ownOptions = options.map(repair);
const name = fc.constantFrom(...Object.keys(valid));

const oneMutation = fc.array(chosenMutation, { minLength: 1, maxLength: 1 });
const spelling = fc.constantFrom('in camelCase' as const, 'with a key twice' as const);

/** A quarter are options, as they are; most others have one thing wrong, some more. */
export const cases: fc.Arbitrary<Case> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      base: fc.constantFrom(...extensionCases),
      mutations: fc.array(chosenMutation, { maxLength: 1 }),
    }),
  },
  { weight: 10, arbitrary: fc.record({ base: name, mutations: fc.array(chosenMutation, { maxLength: 1 }), spelling }) },
  { weight: 20, arbitrary: fc.record({ base: ownOptions, mutations: fc.constant([]) }) },
  { weight: 15, arbitrary: fc.record({ base: ownOptions, mutations: oneMutation }) },
  { weight: 35, arbitrary: fc.record({ base: name, mutations: oneMutation }) },
  {
    weight: 10,
    arbitrary: fc.record({ base: name, mutations: fc.array(chosenMutation, { minLength: 2, maxLength: 3 }) }),
  },
);

export const isExtension = (base: Case['base']): base is ExtensionCase =>
  typeof base === 'object' && 'category' in base;

/** The valid configuration of a case. */
export function baseConfiguration({ base }: Case): Json {
  if (isExtension(base)) {
    return extensionConfiguration(base);
  }
  return typeof base === 'string'
    ? (valid[base] as Json)
    : (JSON.parse(JSON.stringify(assemble(base).bootstrap)) as Json);
}

/** What the configuration of a case reads beside itself. */
export function filesOf({ base }: Case): readonly ProxyFile[] {
  return typeof base === 'string' || isExtension(base) ? goldenFiles : assemble(base).files;
}

/** The configuration of a case. */
export function configuration(given: Case): Json {
  const config = mutate(baseConfiguration(given), given.mutations, parts);
  return given.spelling === 'in camelCase' ? toCamelCase(newest, config) : config;
}

/** What Envoy reads: the text of a YAML file, or a configuration for a JSON file. */
export function toEnvoyInput(given: Case): Json {
  const config = configuration(given);
  const [{ at, choice } = { at: 0, choice: 0 }] = given.mutations;
  return given.spelling === 'with a key twice' ? withDuplicateKey(config, at, choice) : config;
}
