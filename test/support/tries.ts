/** Looks for faults up to so many times; those of the last time, if there were some each time. */
export async function withinTries(tries: number, look: () => Promise<string[]>): Promise<string[]> {
  let faults: string[] = [];
  for (let left = tries; left > 0; left -= 1) {
    faults = await look();
    if (faults.length === 0) return faults;
  }
  return faults;
}
