import type { Problems } from '../../shared/problems/problem-codes.js';

export const PATIENTS_PROBLEMS = {
  'own-enrolment': [403, 'You may not change your own enrolment as staff'],
  'link-not-found': [404, 'There is no such link'],
  'link-expired': [410, 'This link has expired: ask for a newer one'],
  'link-revoked': [410, 'This link was revoked: ask for another one'],
  'link-stopped': [410, 'The maker of this link may no longer invite here: ask for another one'],
  'link-used-up': [410, 'All places of this link are taken: ask for another one'],
} as const satisfies Problems;
