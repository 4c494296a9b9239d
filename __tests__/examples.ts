import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type fc from 'fast-check';
import type { EnvoyOptions, ProxyOptions } from '../envoy';
import { features } from '../envoy/features/registry';

type Name = keyof typeof features;
type OptionsOf<Of extends Name> = Exclude<ProxyOptions[Of], false | undefined>;

/** The short forms of a feature's options are drawn with the others. */
type Drawn<Of> = [Of] extends [object] ? DrawnEach<Of> : fc.Arbitrary<Of>;
type DrawnEach<Of> = { readonly [Key in keyof Of]-?: fc.Arbitrary<Exclude<Of[Key], undefined>> };

/** What the tests of all features together need of one. Its types ask for every option, so that a new one can't be missed. */
export interface Example<Of extends Name> {
  /** Each option once; those of `clientIp` exclude each other. */
  readonly every: Of extends 'clientIp' ? OptionsOf<Of> : Required<Extract<OptionsOf<Of>, object>>;
  /** What of that goes together, and needs no file that isn't there; all of it, if it doesn't say. */
  readonly together?: OptionsOf<Of>;
  /** What each option may be, for random configurations. Some of them `assemble` refuses, as it should. */
  readonly drawn: Drawn<OptionsOf<Of>>;
  /** Configurations of its own that are read as files, by their names. */
  readonly goldens?: Readonly<Record<string, EnvoyOptions>>;
}

/** The example of one feature, in `__tests__/features`, in a file named after it. */
export function example<Of extends Name>(_name: Of, of: Example<Of>): Example<Of> {
  return of;
}

export const upstream = { host: 'api', port: 8080 };

export const kebabCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const FOLDER = join(__dirname, 'features');

/** All of them, in the order of the registry. A feature without one fails, and so does one without a feature. */
export const examples: readonly (readonly [Name, Example<Name>])[] = (Object.keys(features) as Name[]).map((name) => [
  name,
  require(join(FOLDER, kebabCase(name))).default,
]);

const unclaimed = readdirSync(FOLDER).filter((file) => !examples.some(([name]) => file === `${kebabCase(name)}.ts`));
if (unclaimed.length > 0) {
  throw new Error(`no feature for ${unclaimed.join(', ')}`);
}
