import { Session } from 'node:inspector/promises';
import { setFlagsFromString } from 'node:v8';
import { TUNING } from '../shared/batching/tuning.js';

/**
 * Makes V8 collect garbage before its heap is a few times larger than what it holds. V8 counts from its last full
 * collection, so one collection at the end of the start gives it the measure.
 */
export async function keepHeapSmall(): Promise<void> {
  setFlagsFromString(`--heap-growing-percent=${String(TUNING.heapGrowingPercent.value)}`);
  const session = new Session();
  session.connect();
  await session.post('HeapProfiler.collectGarbage');
  session.disconnect();
}
