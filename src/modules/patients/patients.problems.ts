import type { Problems } from '../../shared/problems/problem-codes.js';

export const PATIENTS_PROBLEMS = {
  'own-enrolment': [403, 'Nobody changes their own enrolment as staff'],
  'link-not-found': [404, 'There is no such link'],
  'link-expired': [410, 'This link has expired'],
  'link-revoked': [410, 'This link was withdrawn'],
  'link-stopped': [410, 'Whoever made this link may no longer invite here'],
  'link-used-up': [410, 'All places of this link are taken'],
} as const satisfies Problems;
