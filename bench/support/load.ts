import { inProcess } from './processes.js';

/** Invitations to new addresses, one per call. The same generator serves both sides. */
export interface LoadTask {
  url: string;
  path: string;
  token: string;
  /** What the body says besides the address. */
  body: Record<string, unknown>;
  /** Where the address goes: our calls take several. */
  addressIn: 'emails' | 'email';
  connections: number;
  /** Ends by the clock or by the number of calls. */
  seconds?: number;
  calls?: number;
}

export interface LoadResult {
  /** Answered with 2xx. */
  answered: number;
  refused: number;
  seconds: number;
  perSecond: number;
  p50: number;
  p99: number;
  /** Seconds of CPU that the generator took itself. */
  cpu: number;
}

/** @throws when a call was refused or not answered: a rate of failures is no rate */
export async function load(task: LoadTask): Promise<LoadResult> {
  const result = await inProcess<LoadResult>('load-process.js', task);
  if (result.refused > 0)
    throw new Error(
      `${String(result.refused)} of ${String(result.answered + result.refused)} calls to ${task.path} were refused`,
    );
  return result;
}
