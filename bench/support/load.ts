import { inProcess } from './processes.js';

/** The task of inviting new addresses, one per call. The same generator serves both sides. */
export interface LoadTask {
  url: string;
  path: string;
  token: string;
  /** The fields of the body besides the address. */
  body: Record<string, unknown>;
  /** The field of the address. Our calls take a list. */
  addressIn: 'emails' | 'email';
  connections: number;
  /** The task ends after `seconds`, or after `calls`. */
  seconds?: number;
  calls?: number;
}

export interface LoadResult {
  /** Number of calls with a 2xx response. */
  answered: number;
  refused: number;
  seconds: number;
  perSecond: number;
  p50: number;
  p99: number;
  /** Seconds of CPU that the generator took itself. */
  cpu: number;
}

/** @throws when a call was refused or got no response, because failures must not count as a rate */
export async function load(task: LoadTask): Promise<LoadResult> {
  const result = await inProcess<LoadResult>('load-process.js', task);
  if (result.refused > 0)
    throw new Error(
      `${String(result.refused)} of ${String(result.answered + result.refused)} calls to ${task.path} were refused`,
    );
  return result;
}
