import { check } from '../../envoy/check/check';
import { type EnvoyVersion, isKnown } from '../../envoy/messages/schema/envoy-minors';
import { loadModel } from '../../envoy/messages/schema/load';
import { binaries } from '../live/binaries';
import { type ExtensionCase, extensionCases, extensionConfiguration } from './cases';
import { classify } from './compare';
import { Judge } from './envoy';
import { PLACES } from './extension-places';
import { isObject, type Json, type JsonObject } from './tree';

// Every extension of every category, with nothing in it and with what its schema requires. A new Envoy brings new ones.

jest.setTimeout(600_000);

const { extensions, versions } = loadModel();

test('every category with an extension has a place for it', () => {
  const categories = Object.keys(extensions).filter(
    (name) => !name.includes(',') && Object.keys(extensions[name] ?? {}).length > 0,
  );
  expect(categories.filter((name) => !Object.hasOwn(PLACES, name))).toEqual([]);
});

describe.each([...binaries()])('Envoy %s', (minor, envoy) => {
  const version = minor as EnvoyVersion;
  const judge = new Judge(envoy);
  afterAll(() => judge.close());

  const known = extensionCases.filter(({ category, type }) =>
    isKnown(extensions[category]?.[type] ?? {}, versions.indexOf(minor)),
  );
  const judged = known.map((given) => {
    const config = extensionConfiguration(given);
    const errors = check(config, { version }).filter(({ severity }) => severity === 'error');
    return { given, config, rules: errors.map(({ rule }) => rule) };
  });
  type Judged = (typeof judged)[number];

  const verdictOn = async ({ given, config, rules }: Judged) => {
    const errors = rules.map((rule) => ({ rule, path: '', message: '' }));
    const { fault, theirs } = classify({ errors }, await judge.ask(config));
    return fault === undefined ? [] : [`${named(given)}: ${fault} ${theirs}`];
  };

  /** The faults of many, asked together as long as Envoy takes them together. */
  const faultsOf = async (all: readonly Judged[]): Promise<readonly string[]> => {
    const [first] = all;
    if (first === undefined) {
      return [];
    }
    if (all.length === 1) {
      return verdictOn(first);
    }
    if ((await judge.ask(together(all.map(({ config }) => config)))).is === 'accepted') {
      return [];
    }
    const half = all.length >> 1;
    return [...(await faultsOf(all.slice(0, half))), ...(await faultsOf(all.slice(half)))];
  };

  test('accepts each extension that we accept', async () => {
    const accepted = judged.filter(({ rules }) => rules.length === 0);
    const apart = accepted.filter(({ config }) => !isPlain(config));
    const faults = [...(await faultsOf(accepted.filter(({ config }) => isPlain(config))))];
    for (const each of apart) {
      faults.push(...(await verdictOn(each)));
    }
    expect(faults).toEqual([]);
    expect(accepted.length).toBeGreaterThan(300);
  });

  test('refuses each extension that a rule of ours refuses, and not its schema', async () => {
    const byRule = judged.filter(
      ({ rules }) => rules.length > 0 && !rules.some((rule) => rule.includes('.') || rule === 'required'),
    );
    const one = new Map(byRule.map((each) => [`${each.given.type} ${each.rules.join()}`, each]));
    const faults: string[] = [];
    for (const each of one.values()) {
      faults.push(...(await verdictOn(each)));
    }
    expect(faults).toEqual([]);
    expect(one.size).toBeGreaterThan(50);
  });
});

const named = ({ category, type, content, place }: ExtensionCase) => `${content} ${type} as ${category} (${place})`;

/** Whether nothing but a listener and clusters are in it. */
function isPlain(config: Json): boolean {
  return isObject(config) && Object.keys(config).every((key) => key === 'node' || key === 'static_resources');
}

/** One configuration with the listeners and the clusters of many. All have the cluster `c`. */
function together(configs: readonly Json[]): Json {
  const resources = configs.map((config) => (config as JsonObject).static_resources as Record<string, JsonObject[]>);
  return {
    node: { id: 'n', cluster: 'n' },
    static_resources: {
      listeners: resources.flatMap(({ listeners = [] }, index) =>
        listeners.map((listener) => ({ ...listener, name: `l${index}`, address: atPort(listener.address, index + 1) })),
      ),
      clusters: [
        ...(resources[0]?.clusters?.slice(0, 1) ?? []),
        ...resources.flatMap(({ clusters = [] }, index) =>
          clusters.slice(1).map((cluster) => ({ ...cluster, name: `d${index}` })),
        ),
      ],
    },
  };
}

function atPort(address: Json | undefined, port: number): Json {
  const { socket_address } = address as { readonly socket_address: JsonObject };
  return { socket_address: { ...socket_address, port_value: port } };
}
