import { printError } from './errors.js';
import type { Progress } from './transfer/transfer-files.js';

const EVERY_MS = 1000;

/** Reports progress once a second, and at the end. */
export function progress(what: string, total?: number): ReturnType<Progress> {
  const startedAt = performance.now();
  let printedAt = startedAt;
  return (done) => {
    const now = performance.now();
    if (now - printedAt < EVERY_MS && done !== total) return;
    printedAt = now;
    const perSecond = Math.round(done / Math.max(0.001, (now - startedAt) / 1000));
    printError(`${String(done)}${total === undefined ? '' : ` of ${String(total)}`} ${what}, ${String(perSecond)}/s`);
  };
}
