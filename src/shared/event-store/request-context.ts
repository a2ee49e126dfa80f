import { AsyncLocalStorage } from 'node:async_hooks';
import type { Position } from './event-store.js';

/** What everything done on behalf of one request, or one reaction, shares. */
export interface RequestContext {
  /** Goes into every event as correlation id, into every log line and every problem document. */
  correlationId: string;
  causationId: string;
  commandId: string;
  /** Of the last event this request stored: the answer's `Event-Position`. */
  position?: Position;
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
