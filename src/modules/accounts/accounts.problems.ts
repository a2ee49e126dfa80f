import type { Problems } from '../../shared/problems/problem-codes.js';

export const ACCOUNTS_PROBLEMS = {
  'sign-in-failed': [401, 'The address or the password is wrong'],
  'origin-not-allowed': [403, 'This came from another site'],
  'too-busy': [503, 'Too many passwords are being checked at this moment: try again'],
} as const satisfies Problems;
