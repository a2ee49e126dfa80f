import type { Problems } from '../../shared/problems/problem-codes.js';

export const GROUPS_PROBLEMS = {
  'not-restorable': [409, 'The group was deleted too long ago to be restored'],
} as const satisfies Problems;
