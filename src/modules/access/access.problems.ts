import type { Problems } from '../../shared/problems/problem-codes.js';

export const ACCESS_PROBLEMS = {
  'role-not-for-scope': [400, 'This role cannot be given in this scope: choose another one'],
  'role-not-grantable': [403, 'You may not give or take away this role'],
  offboarded: [403, 'You are no longer enrolled here'],
  'own-role': [403, 'You may not change your own role'],
  'last-owner': [409, 'The last person with this role cannot lose it: give it to somebody else first'],
  'name-taken': [409, 'This name is already taken: choose another one'],
  'scope-archived': [409, 'This is archived: it cannot change until it is restored'],
  'scope-changed': [409, 'This was changed after you read it: read it again, then decide'],
} as const satisfies Problems;
