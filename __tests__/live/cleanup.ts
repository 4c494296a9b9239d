const cleanups: (() => unknown)[] = [];

/** Registers a cleanup for the end of the test file. Cleanups run in reverse order, also after a failed test. */
export function atEnd(end: () => unknown): void {
  cleanups.push(end);
}

afterAll(async () => {
  for (const end of cleanups.reverse()) {
    await end();
  }
});

export const sleep = (milliseconds: number) => new Promise<void>((done) => setTimeout(done, milliseconds));

/** Waits until the probe returns a truthy value. Throws with the description after the timeout. */
export async function until<T>(what: string, probe: () => T | Promise<T>, seconds = 15): Promise<NonNullable<T>> {
  const end = Date.now() + seconds * 1_000;
  for (;;) {
    const found = await probe();
    if (found) {
      return found;
    }
    if (Date.now() > end) {
      throw new Error(`not true after ${seconds} s: ${what}`);
    }
    await sleep(25);
  }
}
