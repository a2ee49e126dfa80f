import { NoAnswer } from '../../answer.js';
import { EventStoreAccessDenied } from '../access-denied.js';
import { AppendRefused, EventStoreUnavailable } from '../event-store.js';

/** The client's names for what repeating does not change. */
const LASTING = ['stream-deleted', 'invalid-argument', 'missing-required-metadata-property', 'unsupported'];
/** gRPC's codes on errors that come past the client's naming. */
const INVALID_ARGUMENT = 3;
const [PERMISSION_DENIED, UNAUTHENTICATED] = [7, 16];

interface Failure {
  /** Of the client's own errors. */
  type?: unknown;
  /** gRPC's status on the others. */
  code?: unknown;
}

/**
 * What an error of the client means: `AppendRefused`, `EventStoreAccessDenied`, a mistake in the code as it is, an error that names its kind alone, or, of
 * everything else, `EventStoreUnavailable`: whether an append is stored is unknown then. Messages are dropped: they name streams.
 */
export function meaningOf(error: unknown): Error {
  if (error instanceof EventStoreUnavailable || error instanceof AppendRefused || error instanceof LogTooOld || error instanceof LogEndsBefore) return error;
  if (error instanceof TypeError || error instanceof RangeError) return error;
  if (error instanceof NoAnswer) return new EventStoreUnavailable({ cause: error });
  const { type, code } = error as Failure;
  if (type === 'maximum-append-size-exceeded') return new AppendRefused('the event store takes no append as large as this one');
  if (type === 'access-denied' || code === PERMISSION_DENIED || code === UNAUTHENTICATED) return new EventStoreAccessDenied();
  const lasting = LASTING.find((name) => name === type) ?? (code === INVALID_ARGUMENT ? 'invalid-argument' : undefined);
  if (lasting) return new Error(`the event store failed with ${lasting}`);
  return new EventStoreUnavailable({ cause: new Error(typeof type === 'string' ? type : `gRPC status ${typeof code === 'number' ? String(code) : 'unknown'}`) });
}

/** Servers before 22.6 don't say where in the log an event of a stream is. */
export class LogTooOld extends Error {
  override readonly name = 'LogTooOld';
  constructor() {
    super('EventStoreDB must be of version 22.10 or newer');
  }
}

/** The log ends before the position a subscriber has come to: the server would say nothing until it got there, and skip what is new. */
export class LogEndsBefore extends Error {
  override readonly name = 'LogEndsBefore';
  constructor(after: string) {
    super(`the event log ends before ${after}: it was restored from an older backup than what follows it`);
  }
}
