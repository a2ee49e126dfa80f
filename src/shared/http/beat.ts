/** Milliseconds until the next beat after something began: answers that leave on a beat don't tell what the work before them was. */
export function untilBeat(elapsedMs: number, beatMs: number): number {
  return Math.max(1, Math.ceil(elapsedMs / beatMs)) * beatMs - elapsedMs;
}
