import { MISTAKES } from '../fixtures/mistakes';
import { binaries } from '../live/binaries';
import { valid } from './cases';
import { Judge } from './envoy';

jest.setTimeout(60_000);

describe.each([...binaries()])('Envoy %s refuses, as we do,', (_, envoy) => {
  const judge = new Judge(envoy);
  afterAll(() => judge.close());

  test.each(Object.entries(MISTAKES))('%s', async (_, { base, edit }) => {
    const config = structuredClone(valid[base] ?? null);
    edit(config);
    expect(await judge.ask(config)).toMatchObject({ is: 'refused' });
  });
});
