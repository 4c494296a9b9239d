const cleanups: (() => unknown)[] = [];

/** Ends what a test file started, the latest first, also when a test failed. */
export function atEnd(end: () => unknown): void {
  cleanups.push(end);
}

afterAll(async () => {
  for (const end of cleanups.reverse()) {
    await end();
  }
});

export const sleep = (milliseconds: number) => new Promise<void>((done) => setTimeout(done, milliseconds));

/** Waits until something is so, and says what never was. */
export async function until<T>(what: string, probe: () => T | Promise<T>, seconds = 15): Promise<NonNullable<T>> {
  const end = Date.now() + seconds * 1_000;
  for (;;) {
    const found = await probe();
    if (found) {
      return found;
    }
    if (Date.now() > end) {
      throw new Error(`after ${seconds} s still not so: ${what}`);
    }
    await sleep(25);
  }
}
