import fc from 'fast-check';
import { binaries } from '../live/binaries';
import { type Case, cases, configuration, isExtension, valid } from './cases';
import { classify, compare } from './compare';
import { Judge } from './envoy';
import { MUTATIONS, mutate } from './mutations';
import { options } from './options';

jest.setTimeout(600_000);

/** The same cases each time; another seed, by AGREEMENT_SEED, finds others. */
const seed = Number(process.env.AGREEMENT_SEED ?? 1);
const RUNS = 300;

const envoys = [...binaries()];
const judges = new Map(envoys.map(([minor, envoy]) => [minor, new Judge(envoy)]));
const judgeOf = (minor: string) => judges.get(minor) as Judge;
afterAll(() => {
  for (const judge of judges.values()) {
    judge.close();
  }
});

describe.each(envoys.map(([minor], place) => [minor, place] as const))('Envoy %s', (minor, place) => {
  test.each(Object.keys(valid))('accepts %s, and so do we', async (base) => {
    const { outcome, ours, theirs } = await compare(judgeOf(minor), minor, { base, mutations: [] });
    expect({ outcome, ours, theirs }).toEqual({ outcome: 'both accept', ours: [], theirs: '' });
  });

  test('refuses nothing that we accept, and accepts nothing that we refuse for a reason we do not know', async () => {
    const agrees = async (given: Case) => {
      const { fault, ...rest } = await compare(judgeOf(minor), minor, given);
      if (fault !== undefined) {
        throw new Error(`${fault}: ${JSON.stringify(rest, null, 2)}`);
      }
    };
    await fc.assert(fc.asyncProperty(cases, agrees), { seed: seed + place, numRuns: RUNS / envoys.length });
  });
});

test.each(Object.keys(MUTATIONS))('the mutation "%s" changes a valid configuration', (kind) => {
  const changed = fc
    .sample(fc.record({ at: fc.nat(), choice: fc.nat() }), { seed: 1, numRuns: 20 })
    .filter((numbers) => {
      const before = { config: valid.everything ?? null, function: { arn: 'f' } };
      return (
        JSON.stringify(mutate(before, [{ kind, ...numbers }], [{ '@type': 'x', name: 'y' }])) !== JSON.stringify(before)
      );
    });
  expect(changed).not.toEqual([]);
});

test('the cases are damaged and undamaged, of options and of files', () => {
  const all = fc.sample(cases, { seed: 1, numRuns: 1_000 });
  const kinds = all.map(({ base, mutations, spelling = 'as JSON' }) => {
    const kind = isExtension(base) ? 'an extension' : typeof base === 'string' ? 'a file' : 'options';
    return `${kind}, ${mutations.length > 0 ? 'damaged' : 'whole'}, ${spelling}`;
  });
  expect([...new Set(kinds)].sort()).toEqual([
    'a file, damaged, as JSON',
    'a file, damaged, in camelCase',
    'a file, damaged, with a key twice',
    'a file, whole, in camelCase',
    'a file, whole, with a key twice',
    'an extension, damaged, as JSON',
    'an extension, whole, as JSON',
    'options, damaged, as JSON',
    'options, whole, as JSON',
  ]);
  expect(new Set(all.flatMap(({ mutations }) => mutations.map(({ kind }) => kind)))).toEqual(
    new Set(Object.keys(MUTATIONS)),
  );
});

test('every option is given, and every default is left', () => {
  const all = fc.sample(options, { seed: 1, numRuns: 200 });
  for (const name of ['accessLog', 'adminView', 'limits', 'timeouts', 'retries', 'discovery', 'healthCheck'] as const) {
    expect(all.some((one) => one[name] === undefined)).toBe(true);
    expect(all.some((one) => one[name] === false)).toBe(true);
    expect(all.some((one) => typeof one[name] === 'object')).toBe(true);
  }
});

test('a disagreement is told', () => {
  const error = { rule: 'nonsense', path: 'x', message: 'must be y' };
  const accepted = { is: 'accepted', output: '' } as const;
  const refused = { is: 'refused', output: "[critical] error initializing configuration 'x': bad\n" } as const;
  expect(classify({ errors: [] }, accepted)).toEqual({ outcome: 'both accept', rules: [], ours: [], theirs: '' });
  expect(classify({ errors: [error] }, refused)).toMatchObject({ outcome: 'both refuse', theirs: 'bad' });
  expect(classify({ errors: [] }, refused)).toMatchObject({
    outcome: 'only Envoy refuses',
    fault: 'Envoy refuses what we accept',
  });
  const lua = {
    is: 'refused',
    output: "error initializing configuration 'x': script load error: [string]:1\n",
  } as const;
  expect(classify({ errors: [] }, lua)).toMatchObject({ outcome: 'only Envoy can refuse' });
  expect(classify({ errors: [] }, lua)).not.toHaveProperty('fault');
  expect(classify({ errors: [error, error] }, accepted)).toMatchObject({
    outcome: 'only we refuse',
    rules: ['nonsense'],
    fault: 'Envoy accepts what we refuse, for no known reason: nonsense',
  });
  const known = { rule: 'regex', path: 'admin.allow_paths[0].safe_regex.regex', message: 'is none' };
  expect(classify({ errors: [known] }, accepted)).toEqual({
    outcome: 'only we refuse',
    rules: ['regex'],
    ours: ['admin.allow_paths[0].safe_regex.regex is none [regex]'],
    theirs: '',
  });
  expect(classify({ errors: [{ ...known, path: 'static_resources' }] }, accepted)).toHaveProperty('fault');
  expect(classify({ errors: [] }, { is: 'stuck', output: '' })).toMatchObject({
    fault: 'Envoy is stuck on what we accept',
  });
  expect(classify({ thrown: 'TypeError' }, refused)).toMatchObject({
    outcome: 'our check throws',
    fault: 'our check throws',
  });
});

test('the real Envoy accepts and refuses', async () => {
  const judge = judgeOf('1.39');
  const config = configuration({ base: 'minimal', mutations: [] });
  expect(await judge.ask(config)).toEqual({ is: 'accepted', output: '' });
  expect(await judge.ask({ nonsense: config })).toMatchObject({
    is: 'refused',
    output: expect.stringContaining('nonsense'),
  });
});
