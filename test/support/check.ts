import fc from 'fast-check';

/** Checks a property many times and prints the seed first; `TEST_SEED=…` repeats a run. */
export function check<Values extends unknown[]>(what: string, property: fc.IPropertyWithHooks<Values>, numRuns = 200): void {
  const seed = Number(process.env.TEST_SEED ?? Date.now() % 2 ** 31);
  process.stdout.write(`${what}: TEST_SEED=${String(seed)}\n`);
  fc.assert(property, { seed, numRuns });
}
