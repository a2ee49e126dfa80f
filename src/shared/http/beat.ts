/**
 * Returns the milliseconds until the next beat. A response sent on a beat doesn't reveal how long the work before it
 * took.
 */
export function untilBeat(elapsedMs: number, beatMs: number): number {
  return Math.max(1, Math.ceil(elapsedMs / beatMs)) * beatMs - elapsedMs;
}
