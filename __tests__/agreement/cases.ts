import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'yaml';
import { assemble, type EnvoyOptions, type ProxyFile } from '../../envoy';
import { goldenFiles } from '../files';
import { type Blow, DAMAGE, damaged } from './damage';
import { makesSense, options } from './options';
import { isObject, type Json, places } from './tree';

const FOLDERS = ['golden', 'fixtures'].map((name) => join(__dirname, '..', name));

/** The valid configurations from which damaged ones are made, by name. */
export const valid: Readonly<Record<string, Json>> = Object.fromEntries(
  FOLDERS.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.yaml'))
      .sort()
      .map((name) => [name.replace('.yaml', ''), parse(readFileSync(join(folder, name), 'utf8')) as Json]),
  ),
);

const parts = Object.values(valid).flatMap((config) =>
  places(config)
    .map(({ value }) => value)
    .filter(isObject),
);

/** One configuration to be judged, as fast-check makes and shrinks it. */
export interface Case {
  /** The name of a valid configuration, or options for one. */
  readonly base: string | EnvoyOptions;
  readonly blows: readonly Blow[];
}

const blow: fc.Arbitrary<Blow> = fc.record({
  kind: fc.constantFrom(...Object.keys(DAMAGE)),
  at: fc.nat(1e6),
  choice: fc.nat(1e6),
});

const ownOptions = options.filter(makesSense);
const name = fc.constantFrom(...Object.keys(valid));

/** A quarter are options, as they are; most others have one thing wrong, some more. */
export const cases: fc.Arbitrary<Case> = fc.oneof(
  { weight: 25, arbitrary: fc.record({ base: ownOptions, blows: fc.constant([]) }) },
  { weight: 15, arbitrary: fc.record({ base: ownOptions, blows: fc.array(blow, { minLength: 1, maxLength: 1 }) }) },
  { weight: 50, arbitrary: fc.record({ base: name, blows: fc.array(blow, { minLength: 1, maxLength: 1 }) }) },
  { weight: 10, arbitrary: fc.record({ base: name, blows: fc.array(blow, { minLength: 2, maxLength: 3 }) }) },
);

/** The valid configuration of a case. */
export function undamaged({ base }: Case): Json {
  return typeof base === 'string'
    ? (valid[base] as Json)
    : (JSON.parse(JSON.stringify(assemble(base).bootstrap)) as Json);
}

/** What the configuration of a case reads beside itself. */
export function filesOf({ base }: Case): readonly ProxyFile[] {
  return typeof base === 'string' ? goldenFiles : assemble(base).files;
}

/** The configuration of a case. */
export function configuration(given: Case): Json {
  return damaged(undamaged(given), given.blows, parts);
}
