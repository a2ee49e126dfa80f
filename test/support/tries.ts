/** Looks for faults until there are none, at most `tries` times. @returns the faults of the last look */
export async function withinTries(tries: number, look: () => Promise<string[]>): Promise<string[]> {
  let faults: string[] = [];
  for (let left = tries; left > 0; left -= 1) {
    faults = await look();
    if (faults.length === 0) return faults;
  }
  return faults;
}
