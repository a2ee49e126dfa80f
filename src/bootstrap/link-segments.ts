import { INVITATION_LINK_SEGMENTS } from '../modules/invitations/links/link-segments.js';
import { PATIENT_LINK_SEGMENTS } from '../modules/patients/invite-links/link-segments.js';

/** What the path of every link begins with that people may paste. */
export const LINK_SEGMENTS: readonly string[] = [...INVITATION_LINK_SEGMENTS, ...PATIENT_LINK_SEGMENTS];
