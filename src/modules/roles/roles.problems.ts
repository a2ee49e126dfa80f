import type { Problems } from '../../shared/problems/problem-codes.js';

export const ROLES_PROBLEMS = {
  'role-in-use': [409, 'Somebody holds this role or is invited to it: name a role to move them to'],
} as const satisfies Problems;
