import { GROUPS } from '../modules/groups/groups.invitation-type.js';
import type { InvitationType } from '../modules/invitations/invitations.contract.js';
import { OBSERVERS } from '../modules/observers/observers.invitation-type.js';
import { PATIENTS } from '../modules/patients/patients.invitation-type.js';
import { STAFF } from '../modules/staff/staff.invitation-type.js';

/** Every type of invitation. This list is the only place that registers one. */
export const INVITATION_TYPES: readonly InvitationType[] = [STAFF, PATIENTS, GROUPS, OBSERVERS];
