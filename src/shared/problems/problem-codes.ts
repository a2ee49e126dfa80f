/** The HTTP status and the title of each code. Codes are permanent, because integrators branch on them. */
export type Problems = Readonly<Record<string, readonly [status: number, title: string]>>;

/** The codes that shared code throws, or that every route may answer with. A module declares its own in `<module>.problems.ts`. */
export const SHARED_PROBLEMS = {
  'invalid-input': [400, 'Some fields are invalid'],
  unauthenticated: [401, 'Sign in first'],
  forbidden: [403, 'You do not have permission to do this'],
  'not-found': [404, 'This does not exist, or you may not see it'],
  'checkpoint-ahead': [
    409,
    'This read model is ahead of the event log: restore both from the same backup, or rebuild it',
  ],
  'log-differs': [
    409,
    'The event log has another event at the position of this read model: restore both from the same backup, or rebuild it',
  ],
  'idempotency-key-in-use': [409, 'A call with this Idempotency-Key is still running: try again'],
  'no-file-storage': [409, 'This installation stores no files: add a link instead'],
  'too-many-conflicts': [409, 'Others are changing the same thing: try again'],
  'payload-too-large': [413, 'The request is too large'],
  'unsupported-media-type': [415, 'Send JSON, or multipart/form-data where a file is expected'],
  'idempotency-key-reused': [422, 'This Idempotency-Key was sent with another body: use a new key'],
  'too-many-requests': [429, 'Too many requests: wait, then try again'],
  'too-many-attempts': [429, 'Too many failed attempts: wait, then try again'],
  'internal-error': [500, 'Something went wrong: if it happens again, report the request id'],
  'database-unavailable': [503, 'The database does not answer, or accepts no writes at the moment: try again'],
  'file-damaged': [503, 'The stored file is missing or damaged: only an operator can fix this'],
  'file-storage-unavailable': [503, 'The file storage does not answer, or is full: try again'],
  'event-store-unavailable': [503, 'The event store does not answer: try again'],
  'read-model-behind': [503, 'The answer is not up to date yet: try again'],
  'stream-incomplete': [503, 'The event log lacks events that this call needs: only an operator can fix this'],
  'stream-unreadable': [503, 'The event log has an event that cannot be read: only an operator can fix this'],
} as const satisfies Problems;

/** Modules add their codes by declaration merging. No other code compiles. */
export interface RegisteredCodes {
  shared: keyof typeof SHARED_PROBLEMS;
}
export type ProblemCode = RegisteredCodes[keyof RegisteredCodes];

/** One bad field of the input. */
export interface FieldError {
  /** Path of the field, as in `address.street`. */
  field: string;
  message: string;
  /** A stable code, where callers must tell several reasons for a refusal apart. */
  code?: string;
}

/** Further content of a problem document. It never holds an address, a secret or a link. */
export interface ProblemDetails {
  errors?: FieldError[];
  missingPermissions?: string[];
  /** Seconds; becomes the header Retry-After. */
  retryAfter?: number;
  results?: object[];
  summary?: object;
  /** Number of addresses that a quota still allows. */
  left?: number;
  /** The present state of what the caller read, which has changed since. */
  current?: object;
  /** The event that came since and stands in the way. */
  laterEvent?: object;
  /** Number of recipients that a call had not handled when it ended early. */
  notReached?: number;
}

/** A rule of the domain refuses. Deciders and handlers throw this error, and the caller gets a problem document. */
export class RuleBroken extends Error {
  override readonly name: string = 'RuleBroken';
  constructor(
    readonly code: ProblemCode,
    readonly details: ProblemDetails = {},
  ) {
    super(code);
  }
}
