import { ACCOUNT_LINK_SEGMENTS } from '../modules/accounts/link-segments.js';
import { INVITATION_LINK_SEGMENTS } from '../modules/invitations/links/link-segments.js';
import { PATIENT_LINK_SEGMENTS } from '../modules/patients/invite-links/link-segments.js';

/** The first segments of the paths of all links that people may paste. */
export const LINK_SEGMENTS: readonly string[] = [
  ...INVITATION_LINK_SEGMENTS,
  ...PATIENT_LINK_SEGMENTS,
  ...ACCOUNT_LINK_SEGMENTS,
];
