/**
 * Every code the product answers an error with: the HTTP status it comes with and its title. Codes are permanent:
 * integrators branch on them. A rule names its code here and nowhere else.
 */
export const PROBLEMS = {
  'invalid-input': [400, 'Some fields are not as they must be'],
  'role-not-for-scope': [400, 'This role cannot be given in this scope'],
  unauthenticated: [401, 'Sign in first'],
  'sign-in-failed': [401, 'The address or the password is wrong'],
  forbidden: [403, 'Your role does not allow this'],
  'role-not-grantable': [403, 'You may not give or take this role'],
  offboarded: [403, 'You are no longer enrolled here'],
  'own-role': [403, 'Nobody changes their own role'],
  'own-enrolment': [403, 'Nobody changes their own enrolment as staff'],
  'origin-not-allowed': [403, 'This came from another site'],
  'not-found': [404, 'There is nothing here that you can see'],
  'invitation-not-found': [404, 'There is no such invitation'],
  'link-not-found': [404, 'There is no such link'],
  'account-exists': [409, 'There is an account for this address: sign in to accept'],
  'checkpoint-ahead': [
    409,
    'This read model is ahead of the event log: restore both from the same backup, or rebuild it',
  ],
  'log-differs': [
    409,
    'The event log has another event where this read model stands: restore both from the same backup, or rebuild it',
  ],
  'idempotency-key-in-use': [409, 'The same call is under way: try again'],
  'inviter-lost-authority': [409, 'Whoever sent this invitation may no longer give this role'],
  'last-owner': [409, 'The last one with this role cannot lose it'],
  'name-taken': [409, 'Another one here has this name'],
  'not-revocable': [409, 'Only a pending or expired invitation can be revoked'],
  'not-restorable': [409, 'It was deleted too long ago to be restored'],
  'not-resendable': [409, 'Only a pending or expired invitation can be sent again'],
  'role-in-use': [409, 'Somebody holds this role or is invited to it: name a role to move them to'],
  'scope-archived': [409, 'This is archived: nothing but restoring it is possible'],
  'too-many-conflicts': [409, 'Others are changing the same thing: try again'],
  'use-the-link': [409, 'Open the link in the mail of this invitation first'],
  'wrong-account': [409, 'This invitation is for somebody else'],
  'invitation-expired': [410, 'This invitation has expired'],
  'invitation-superseded': [410, 'A newer link has been sent'],
  'invitation-revoked': [410, 'This invitation was withdrawn'],
  'invitation-declined': [410, 'This invitation was declined'],
  'invitation-accepted': [410, 'This invitation was accepted already'],
  'link-expired': [410, 'This link has expired'],
  'link-revoked': [410, 'This link was withdrawn'],
  'link-stopped': [410, 'Whoever made this link may no longer invite here'],
  'link-used-up': [410, 'All places of this link are taken'],
  'payload-too-large': [413, 'The request is too large'],
  'unsupported-media-type': [415, 'Send JSON, or multipart/form-data where a file is asked for'],
  'atomic-refused': [422, 'Nothing was sent: some addresses cannot be invited'],
  'idempotency-key-reused': [422, 'This Idempotency-Key was sent with another body'],
  'not-a-contact-file': [422, 'This is not a contact file: save it as CSV or text'],
  'too-many-recipients': [422, 'Too many addresses in one call'],
  'too-many-rows': [422, 'The contact file has too many rows or addresses: split it'],
  'quota-exceeded': [429, 'This is more than what is left for now: send less, or wait'],
  'too-many-requests': [429, 'Too many requests: wait a while'],
  'too-many-attempts': [429, 'Too many failed attempts: wait a while'],
  'internal-error': [500, 'Something went wrong here'],
  'too-busy': [503, 'Too many passwords are being checked at this moment: try again'],
  'database-unavailable': [503, 'The database does not answer, or takes no writes at this moment: try again'],
  'event-store-unavailable': [503, 'The event store does not answer'],
  'read-model-behind': [503, 'The answer is not up to date yet: try again'],
  'stream-incomplete': [503, 'The event log lacks a part of what this depends on: only an operator can change that'],
  'stream-unreadable': [
    503,
    'The event log holds something here that cannot be read: only an operator can change that',
  ],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One bad field of the input. */
export interface FieldError {
  /** Path of the field, as in `targets.patients`. */
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
