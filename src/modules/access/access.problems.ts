import type { Problems } from '../../shared/problems/problem-codes.js';

export const ACCESS_PROBLEMS = {
  'role-not-for-scope': [400, 'This role cannot be given in this scope'],
  'role-not-grantable': [403, 'You may not give or take this role'],
  offboarded: [403, 'You are no longer enrolled here'],
  'own-role': [403, 'Nobody changes their own role'],
  'last-owner': [409, 'The last one with this role cannot lose it'],
  'name-taken': [409, 'Another one here has this name'],
  'scope-archived': [409, 'This is archived: nothing but restoring it is possible'],
} as const satisfies Problems;
