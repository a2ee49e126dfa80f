import fc from 'fast-check';

/** Checks a property `numRuns` times, and prints the seed first. `TEST_SEED=…` repeats a run. */
export function check<Values extends unknown[]>(
  what: string,
  property: fc.IPropertyWithHooks<Values>,
  numRuns = 200,
): void {
  fc.assert(property, { seed: seedOf(what), numRuns });
}

/** Checks an asynchronous property, one run after the other. The check and its shrinking end after `withinMs`. */
export async function checkAsync<Values extends unknown[]>(
  what: string,
  property: fc.IAsyncPropertyWithHooks<Values>,
  numRuns: number,
  withinMs: number,
): Promise<void> {
  await fc.assert(property, {
    seed: seedOf(what),
    numRuns,
    interruptAfterTimeLimit: withinMs,
    markInterruptAsFailure: true,
  });
}

function seedOf(what: string): number {
  const seed = Number(process.env.TEST_SEED ?? Date.now() % 2 ** 31);
  process.stdout.write(`${what}: TEST_SEED=${String(seed)}\n`);
  return seed;
}
