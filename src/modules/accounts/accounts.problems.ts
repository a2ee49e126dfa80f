import type { Problems } from '../../shared/problems/problem-codes.js';

export const ACCOUNTS_PROBLEMS = {
  'sign-in-failed': [401, 'The address or the password is wrong'],
  'second-factor-needed': [401, 'The password is right, and a second factor is needed too'],
  'origin-not-allowed': [403, 'This call came from another site'],
  'too-busy': [503, 'Too many passwords are being checked at the moment: try again'],
  'wrong-password': [403, 'The current password is wrong'],
  'password-reset-not-found': [404, 'This link is unknown'],
  'password-reset-expired': [410, 'This link has expired: ask for a new one'],
  'password-reset-superseded': [410, 'A newer link was sent: use that one'],
  'password-reset-used': [410, 'The password was changed since this link was sent'],
  'address-taken': [409, 'This address belongs to another person'],
  'address-change-not-found': [404, 'This link is unknown'],
  'address-change-expired': [410, 'This link has expired: ask for the change again'],
  'address-change-superseded': [410, 'A newer link was sent: use that one'],
  'address-change-used': [410, 'The address or the password was changed since this link was sent'],
  'address-undo-not-found': [404, 'This link is unknown'],
  'address-undo-expired': [410, 'The change can no longer be undone'],
  'address-undo-used': [410, 'The change was undone already'],
} as const satisfies Problems;
