import { AsyncLocalStorage } from 'node:async_hooks';

/** The data of one request, or of one call of a process manager. */
export interface RequestContext {
  /** Stands in every event as correlation id, in every log line and in every problem document. */
  correlationId: string;
  causationId: string;
  commandId: string;
  /** The personId of the signed-in caller, for the log. */
  actor?: string;
  /** Position of the last event that this request stored; the response's `Event-Position`. */
  position?: string;
  /**
   * Position of the last event of the stream that this request found unchanged.
   * It is the `Event-Position` of a request that stored nothing.
   */
  unchangedAt?: string;
  /**
   * True: the request does nothing. It only finds out whether it would be authorised, and stops where its work would
   * begin.
   */
  rehearsal?: true;
  /** True: the response names people because the caller may identify them. */
  identifies?: true;
  /** Set where the request's work means one state of a stream: it appends to that stream at this revision alone. */
  onlyAt?: { stream: string; revision: number };
  /** Stands for a body that the handler read by itself: a digest, or any text that tells two bodies apart. */
  body?: string;
  /** Set for a request with an Idempotency-Key: does its work, or returns the kept response. */
  once?: (work: () => Promise<unknown>) => Promise<unknown>;
}

const storage = new AsyncLocalStorage<RequestContext>();

export function runInContext<Result>(context: RequestContext, work: () => Result): Result {
  return storage.run(context, work);
}

export function currentContext(): RequestContext | undefined {
  return storage.getStore();
}

/** @throws TypeError outside a request or process manager, because nothing may be stored without a known cause */
export function requireContext(): RequestContext {
  const context = storage.getStore();
  if (!context) throw new TypeError('no request context');
  return context;
}

/** A rehearsed request was authorised, and its work would begin now. */
export class Rehearsed extends Error {
  override readonly name = 'Rehearsed';

  /** @param identifies whether the caller may identify the people concerned */
  constructor(readonly identifies: boolean) {
    super();
  }
}

/**
 * Marks the end of authorisation. All code that counts, records or stores comes after it.
 * @param identifies whether the caller may identify the people concerned
 * @throws Rehearsed in a rehearsal
 */
export function beginWork(identifies = false): void {
  if (storage.getStore()?.rehearsal) throw new Rehearsed(identifies);
}

/**
 * Runs a request without doing its work.
 * @returns whether it reached its work and the caller may identify people there
 * @throws the error that refuses the request
 */
export async function rehearse(work: () => Promise<unknown>): Promise<boolean> {
  const context = requireContext();
  const rehearsed: RequestContext = { ...context, rehearsal: true };
  try {
    await runInContext(rehearsed, work);
    return false;
  } catch (error) {
    if (error instanceof Rehearsed) return error.identifies;
    throw error;
  } finally {
    if (rehearsed.body !== undefined) context.body = rehearsed.body;
  }
}

/** Notes that the response names people because the caller may identify them. */
export function noteIdentifying(): void {
  const context = storage.getStore();
  if (context) context.identifies = true;
}

/** Notes what tells the body that this request read apart from another body. */
export function noteBody(body: unknown): void {
  const context = storage.getStore();
  if (context) context.body = JSON.stringify(body);
}
