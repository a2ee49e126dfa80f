import { AsyncLocalStorage } from 'node:async_hooks';

/** What everything done on behalf of one request, or one reaction, shares. */
export interface RequestContext {
  /** Goes into every event as correlation id, into every log line and every problem document. */
  correlationId: string;
  causationId: string;
  commandId: string;
  /** The personId of who is signed in, for the log. */
  actor?: string;
  /** Of the last event this request stored: the answer's `Event-Position`. */
  position?: string;
  /** Of the last event of what this request would have changed, where nothing differed: its `Event-Position` when it stored nothing. */
  unchangedAt?: string;
  /** Nothing is to be done: whether it would be allowed is asked, up to where it would begin. */
  rehearsal?: true;
  /** The answer tells things of others that only who may identify them is told. */
  identifies?: true;
  /** Of a request that may be repeated: does its work, or answers as when it was done. */
  once?: (work: () => Promise<unknown>) => Promise<unknown>;
}

const storage = new AsyncLocalStorage<RequestContext>();

export function runInContext<Result>(context: RequestContext, work: () => Result): Result {
  return storage.run(context, work);
}

export function currentContext(): RequestContext | undefined {
  return storage.getStore();
}

/** @throws TypeError outside a request or reaction: nothing is stored without knowing because of what */
export function requireContext(): RequestContext {
  const context = storage.getStore();
  if (!context) throw new TypeError('no request context');
  return context;
}

/** A rehearsed request was allowed so far, and would now begin. */
export class Rehearsed extends Error {
  override readonly name = 'Rehearsed';

  /** @param identifies whether it would be told who the people are */
  constructor(readonly identifies: boolean) {
    super();
  }
}

/** Where everything is authorised and the work begins: what counts, records or stores comes after it. @param identifies whether the caller may identify whom it is about @throws Rehearsed in a rehearsal */
export function beginWork(identifies = false): void {
  if (storage.getStore()?.rehearsal) throw new Rehearsed(identifies);
}

/** As the request would be answered now, without its being done. @returns whether it got to its work, and may identify people there @throws whatever refuses it */
export async function rehearse(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await runInContext({ ...requireContext(), rehearsal: true }, work);
    return false;
  } catch (error) {
    if (error instanceof Rehearsed) return error.identifies;
    throw error;
  }
}

/** What is answered names others to a caller because they may identify them. */
export function noteIdentifying(): void {
  const context = storage.getStore();
  if (context) context.identifies = true;
}
