import { setImmediate } from 'node:timers/promises';

/** Milliseconds that other requests may wait for long work. */
const TURN_MS = 10;

/** Splits long work: call the returned function often, and it lets other requests run when enough time has passed. */
export function yieldToEventLoop(): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < TURN_MS) return undefined;
    return setImmediate().then(() => {
      since = performance.now();
    });
  };
}
