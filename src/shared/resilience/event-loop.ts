import { setImmediate } from 'node:timers/promises';

/** How long other requests may wait for a long piece of work. */
const TURN_MS = 10;

/** Cuts long work into turns: call it often; it lets others through when this turn has lasted long enough. */
export function yieldToEventLoop(): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < TURN_MS) return undefined;
    return setImmediate().then(() => {
      since = performance.now();
    });
  };
}
