/** Who acts where nobody is signed in: the first super-admin's invitation, the schedules, a patient link. In the place of a personId. */
export const SYSTEM = 'system';
