/** What other modules may use of accounts. */
export { type AccountAttempt, Accounts } from './accounts.js';
export { SignInDto } from './authentication.controller.js';
export { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from './authentication.js';
export { faultOf, NewPassword, passwordError, type PasswordFault } from './new-password.js';
export type { SessionHeaders } from './session-lookup.js';
export { type OpenedSession, Sessions } from './sessions.js';
export { Actor, MaybeActor } from './sign-in.guard.js';
