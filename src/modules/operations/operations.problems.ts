import type { Problems } from '../../shared/problems/problem-codes.js';

export const OPERATIONS_PROBLEMS = {
  'mail-not-retryable': [409, 'This mail did not fail, or cannot be sent'],
} as const satisfies Problems;
