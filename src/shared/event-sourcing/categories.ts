/** Every category of stream the product writes: what subscriptions follow and what "head" means. */
export const CATEGORIES = [
  'organisation',
  'deployment',
  'staff',
  'ownership',
  'role',
  'patient',
  'patientLink',
  'group',
  'groupMember',
  'groupFile',
  'person',
] as const;
