import { NoAnswer } from '../../resilience/timeouts.js';
import { StreamIncomplete } from '../broken-streams.js';
import { EventStoreRefuses } from '../event-store-refuses.js';
import { AppendRefused, EventStoreFailed, EventStoreUnavailable } from '../event-store.js';

/** The meaning of a failure: it ends by itself (`away`), an operator must end it, or the call itself is wrong. */
type Meaning = 'away' | 'access-denied' | 'unsupported' | 'wrong-call';

/** The gRPC statuses in the order of their codes, which begin at 1. */
export const STATUSES: readonly (readonly [name: string, meaning: Meaning])[] = [
  ['CANCELLED', 'away'],
  ['UNKNOWN', 'away'],
  ['INVALID_ARGUMENT', 'wrong-call'],
  ['DEADLINE_EXCEEDED', 'away'],
  ['NOT_FOUND', 'away'],
  ['ALREADY_EXISTS', 'wrong-call'],
  ['PERMISSION_DENIED', 'access-denied'],
  ['RESOURCE_EXHAUSTED', 'away'],
  ['FAILED_PRECONDITION', 'wrong-call'],
  ['ABORTED', 'away'],
  ['OUT_OF_RANGE', 'wrong-call'],
  ['UNIMPLEMENTED', 'unsupported'],
  ['INTERNAL', 'away'],
  ['UNAVAILABLE', 'away'],
  ['DATA_LOSS', 'away'],
  ['UNAUTHENTICATED', 'access-denied'],
];

/** Error types of the client that say more than gRPC's status. */
const NAMED: Readonly<Record<string, Meaning>> = {
  'access-denied': 'access-denied',
  unsupported: 'unsupported',
  'invalid-argument': 'wrong-call',
  'missing-required-metadata-property': 'wrong-call',
};

interface Failure {
  /** Set on the client's own errors. */
  type?: unknown;
  /** gRPC's status. The client's own errors have none when a response carried them. */
  code?: unknown;
}

/**
 * Translates an error of the client. A deleted stream is `StreamIncomplete`; a mistake in the code is
 * `EventStoreFailed`.
 * Everything else is `EventStoreUnavailable`, and the outcome of an append is then unknown.
 * Drops the messages, because they name streams.
 */
export function meaningOf(error: unknown): Error {
  if (error instanceof EventStoreUnavailable || error instanceof AppendRefused || error instanceof LogEndsBefore)
    return error;
  if (error instanceof TypeError || error instanceof RangeError) return error;
  if (error instanceof NoAnswer) return new EventStoreUnavailable({ cause: error });
  const { type, code } = error as Failure;
  if (type === 'maximum-append-size-exceeded')
    return new AppendRefused('the event store takes no append as large as this one');
  if (type === 'stream-deleted') return new StreamIncomplete();
  const named = typeof type === 'string' ? type : null;
  const [status, ofStatus] = (typeof code === 'number' ? STATUSES[code - 1] : undefined) ?? [
    'unknown',
    'away' as const,
  ];
  const failed = new EventStoreFailed(named ?? status);
  const meaning = (named === null ? undefined : NAMED[named]) ?? ofStatus;
  switch (meaning) {
    case 'away':
      return new EventStoreUnavailable({ cause: failed });
    case 'access-denied':
    case 'unsupported':
      return new EventStoreRefuses(meaning);
    case 'wrong-call':
      return failed;
  }
}

/** Servers before 22.6 don't report an event's position in the log when they read a stream. */
export class LogTooOld extends EventStoreRefuses {
  constructor() {
    super('unsupported');
  }
}

/**
 * The log ends before a subscriber's position. The server would send nothing until the log reached that position, and
 * would skip new events.
 */
export class LogEndsBefore extends Error {
  override readonly name = 'LogEndsBefore';
  constructor(after: string) {
    super(`the event log ends before ${after}: it was restored from an older backup than what follows it`);
  }
}
