import type { Problems } from '../../shared/problems/problem-codes.js';

export const REVERTS_PROBLEMS = {
  'not-revertible': [409, 'This has no opposite, or something later changed the same'],
} as const satisfies Problems;
