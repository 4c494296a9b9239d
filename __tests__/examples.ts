import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type fc from 'fast-check';
import type { EnvoyOptions, ProxyOptions } from '../envoy';
import { features } from '../envoy/features/registry';
import { kebabCase } from '../scripts/kebab-case';

type Name = keyof typeof features;
type OptionsOf<Of extends Name> = Exclude<ProxyOptions[Of], false | undefined>;

/** The arbitraries of a feature's options, including their short forms. */
type Drawn<Of> = [Of] extends [object] ? DrawnEach<Of> : fc.Arbitrary<Of>;
type DrawnEach<Of> = { readonly [Key in keyof Of]-?: fc.Arbitrary<Exclude<Of[Key], undefined>> };

/** The sample of one feature for tests of all features. Its type requires every option, so that no new one is missed. */
export interface Example<Of extends Name> {
  /** Every option once. The options of `clientIp` exclude each other. */
  readonly every: Of extends 'clientIp' ? OptionsOf<Of> : Required<Extract<OptionsOf<Of>, object>>;
  /** The options that are valid together and need no missing file. @default `every` */
  readonly together?: OptionsOf<Of>;
  /** The arbitrary of each option, for random configurations. `assemble` rejects some of them correctly. */
  readonly drawn: Drawn<OptionsOf<Of>>;
  /** More golden configurations, by file name. */
  readonly goldens?: Readonly<Record<string, EnvoyOptions>>;
}

/** Defines the example of one feature, in the file of `__tests__/features` with its name. */
export function example<Of extends Name>(_name: Of, of: Example<Of>): Example<Of> {
  return of;
}

export const upstream = { host: 'api', port: 8080 };

const FOLDER = join(__dirname, 'features');

/** The examples of all features, in the order of the registry. A missing or an additional example throws. */
export const examples: readonly (readonly [Name, Example<Name>])[] = (Object.keys(features) as Name[]).map((name) => [
  name,
  require(join(FOLDER, kebabCase(name))).default,
]);

const unclaimed = readdirSync(FOLDER).filter((file) => !examples.some(([name]) => file === `${kebabCase(name)}.ts`));
if (unclaimed.length > 0) {
  throw new Error(`examples without a feature: ${unclaimed.join(', ')}`);
}
