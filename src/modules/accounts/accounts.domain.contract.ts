/** What other modules may use of accounts in their own decisions: plain TypeScript. */
export { passwordFrom, requestReset } from './password/password.js';
