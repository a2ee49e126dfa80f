/** By code: the HTTP status that it comes with and its title. Codes are permanent: integrators branch on them. */
export type Problems = Readonly<Record<string, readonly [status: number, title: string]>>;

/** The codes that shared code throws, or that every route may answer with. A module declares its own in `<module>.problems.ts`. */
export const SHARED_PROBLEMS = {
  'invalid-input': [400, 'Some fields are not as they must be'],
  unauthenticated: [401, 'Sign in first'],
  forbidden: [403, 'Your role does not allow this'],
  'not-found': [404, 'There is nothing here that you can see'],
  'checkpoint-ahead': [
    409,
    'This read model is ahead of the event log: restore both from the same backup, or rebuild it',
  ],
  'log-differs': [
    409,
    'The event log has another event where this read model stands: restore both from the same backup, or rebuild it',
  ],
  'idempotency-key-in-use': [409, 'The same call is under way: try again'],
  'too-many-conflicts': [409, 'Others are changing the same thing: try again'],
  'payload-too-large': [413, 'The request is too large'],
  'unsupported-media-type': [415, 'Send JSON, or multipart/form-data where a file is asked for'],
  'idempotency-key-reused': [422, 'This Idempotency-Key was sent with another body'],
  'too-many-requests': [429, 'Too many requests: wait a while'],
  'too-many-attempts': [429, 'Too many failed attempts: wait a while'],
  'internal-error': [500, 'Something went wrong here'],
  'database-unavailable': [503, 'The database does not answer, or takes no writes at this moment: try again'],
  'event-store-unavailable': [503, 'The event store does not answer'],
  'read-model-behind': [503, 'The answer is not up to date yet: try again'],
  'stream-incomplete': [503, 'The event log lacks a part of what this depends on: only an operator can change that'],
  'stream-unreadable': [
    503,
    'The event log holds something here that cannot be read: only an operator can change that',
  ],
} as const satisfies Problems;

/** By declaration merging it has every code that is registered with the application. No other one compiles. */
export interface RegisteredCodes {
  shared: keyof typeof SHARED_PROBLEMS;
}
export type ProblemCode = RegisteredCodes[keyof RegisteredCodes];

/** One bad field of the input. */
export interface FieldError {
  /** Path of the field, as in `address.street`. */
  field: string;
  message: string;
  /** Stable, where a field may be refused for several reasons that callers tell apart. */
  code?: string;
}

/** More that a problem document may say beside its code. Never an address, a secret or a link. */
export interface ProblemDetails {
  errors?: FieldError[];
  missingPermissions?: string[];
  /** Seconds; becomes the header Retry-After. */
  retryAfter?: number;
  results?: object[];
  summary?: object;
  /** Of a quota: how many addresses. */
  left?: number;
  /** Of a call about many that ended before its end: of how many nothing became. */
  notReached?: number;
}

/** A rule of the domain says no. Thrown by deciders and handlers, answered as a problem document. */
export class RuleBroken extends Error {
  override readonly name: string = 'RuleBroken';
  constructor(
    readonly code: ProblemCode,
    readonly details: ProblemDetails = {},
  ) {
    super(code);
  }
}
