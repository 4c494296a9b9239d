import { TerraformStack, Testing } from 'cdktf';
import { proxySpec } from '../../envoy';
import { isKind, type Option } from '../../envoy/options/option-shape';
import { ENVOY_OPTIONS } from '../../envoy/options/option-shapes';
import { ApiService, DockerNetwork, EnvoySidecar, GlobalRateLimit } from '../../lib';
import { LIB_OPTIONS } from '../../lib/option-shapes';
import { type OptionPath, optionPaths } from '../option-values';

/** A value, the kinds of options that may have one like it, and how messages show it, also where it may be a secret. */
interface Case {
  readonly value: unknown;
  readonly legal: readonly string[];
  readonly shown: readonly string[];
}

const LATER = '(known only to Terraform when it applies)';
const CASES: readonly Case[] = [
  { value: 7, legal: ['number'], shown: ['7'] },
  { value: 'wrong', legal: ['string', 'text'], shown: ['"wrong"', '"string"'] },
  { value: true, legal: ['boolean', 'true'], shown: ['true'] },
  { value: null, legal: [], shown: ['null'] },
  { value: ['wrong'], legal: ['list'], shown: ['["wrong"]', '["string"]'] },
  { value: { wrong: 7 }, legal: ['object', 'record'], shown: ['7', '{"wrong":7}', '["wrong"]'] },
  { value: new Map(), legal: [], shown: ['{}', '[]'] },
  { value: function wrong() {}, legal: ['function'], shown: ['the function wrong', '"function"'] },
  { value: '${TfToken[TOKEN.7]}', legal: ['string'], shown: [`"\${TfToken[TOKEN.7]}" ${LATER}`] },
  { value: ['#{TfToken[TOKEN.7]}'], legal: ['listOfReferences'], shown: [`["#{TfToken[TOKEN.7]}"] ${LATER}`] },
  { value: -1.5e289, legal: [], shown: [`-1.5e+289 ${LATER}`] },
  { value: { resolve: () => 1, a: 1 }, legal: ['object'], shown: [`{"a":1} ${LATER}`] },
];

function kindsOf({ types, references }: Option): string[] {
  const kinds = types.map((type) =>
    typeof type === 'string' ? type : isKind('literal', type) ? String(type.literal) : (Object.keys(type)[0] ?? ''),
  );
  return references ? [...kinds, 'listOfReferences'] : kinds;
}

let ids = 0;
const stack = new TerraformStack(Testing.app(), 'calc');
const made = (Kind: new (scope: TerraformStack, id: string, props: never) => unknown) => (options: object) => {
  ids += 1;
  return new Kind(stack, `it-${ids}`, options as never);
};

const RUN = { ...ENVOY_OPTIONS, Run: { ...ENVOY_OPTIONS.EnvoyOptions, ...ENVOY_OPTIONS.RunOptions } };

describe.each([
  { name: 'proxySpec', make: proxySpec as (options: never) => unknown, all: optionPaths('Run', RUN) },
  { name: 'EnvoySidecar', make: made(EnvoySidecar), all: optionPaths('EnvoySidecarProps', LIB_OPTIONS) },
  { name: 'ApiService', make: made(ApiService), all: optionPaths('ApiServiceProps', LIB_OPTIONS) },
  { name: 'DockerNetwork', make: made(DockerNetwork), all: optionPaths('DockerNetworkProps', LIB_OPTIONS) },
  { name: 'GlobalRateLimit', make: made(GlobalRateLimit), all: optionPaths('GlobalRateLimitProps', LIB_OPTIONS) },
])('$name', ({ make, all }) => {
  const refusal = (options: object) => {
    try {
      make(options as never);
    } catch (error) {
      return error;
    }
    return 'nothing';
  };

  test('refuses a value of a wrong type at every option, with its path, the value and what to write instead', () => {
    const faults = all.flatMap(({ path, option, hold }: OptionPath) =>
      CASES.filter(({ legal }) => !kindsOf(option).some((kind) => legal.includes(kind))).flatMap(({ value, shown }) => {
        const error = refusal(hold(value));
        const { message } =
          error instanceof Error && error.constructor !== TypeError ? error : { message: String(error) };
        const [before = '', after = ''] = message.split(', got ');
        const names = before.includes(path);
        return names && shown.some((text) => after.startsWith(`${text}; `)) ? [] : [`${path}: ${message}`];
      }),
    );
    expect(faults).toEqual([]);
  });

  test('refuses to go without a required option', () => {
    const faults = all
      .filter(({ option }) => option.required)
      .map(({ path, hold }) => [path, String(refusal(hold(undefined)))] as const)
      .filter(
        ([path, message]) =>
          !message.includes(`${path} is required, got undefined; `) && !message.includes(`must have either`),
      );
    expect(faults).toEqual([]);
  });
});
