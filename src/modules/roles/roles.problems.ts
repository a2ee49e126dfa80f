import type { Problems } from '../../shared/problems/problem-codes.js';

export const ROLES_PROBLEMS = {
  'role-in-use': [409, 'Somebody holds this role or is invited to it: name another role in moveTo'],
} as const satisfies Problems;
