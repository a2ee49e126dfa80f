import { DEPLOYMENT_SHAPES } from '../modules/deployments/deployment.events.js';
import { GROUP_FILE_SHAPES } from '../modules/groups/files/group-file.events.js';
import { GROUP_MEMBER_GRANT, GROUP_MEMBER_SHAPES } from '../modules/groups/members/group-member.events.js';
import { GROUP_NOTICES_SHAPES } from '../modules/groups/notices/group-notices.events.js';
import { GROUP_SHAPES } from '../modules/groups/group/group.events.js';
import { ORGANISATION_SHAPES } from '../modules/organisations/organisation.events.js';
import { PATIENT_LINK_SHAPES } from '../modules/patients/invite-links/patient-link.events.js';
import { PATIENT_SHAPES } from '../modules/patients/enrolment/patient.events.js';
import { GRANT_NOTICES_SHAPES } from '../modules/staff/grant-notices/grant-notices.events.js';
import { STAFF_GRANT, STAFF_SHAPES } from '../modules/staff/members/staff-member.events.js';
import { CUSTOM_ROLE_SHAPES } from '../modules/access/custom-roles/custom-role.events.js';
import { OWNERSHIP_SHAPES } from '../modules/access/owner-guard/ownership.events.js';
import type { EventShapes } from '../shared/event-sourcing/event-shapes.js';
import { INVITATION_SHAPES } from '../modules/invitations/domain/invitation.events.js';
import { LOG_IDENTITY_SHAPES } from './log-identity/log-identity.events.js';
import { SUBSCRIPTION_SHAPES } from '../modules/invitations/subscriptions/subscription.events.js';

/** Describes the fields of every event. A test compares this with the event types that the product stores. */
export const EVENT_SHAPES: EventShapes = {
  types: {
    ...ORGANISATION_SHAPES,
    ...DEPLOYMENT_SHAPES,
    ...STAFF_SHAPES,
    ...PATIENT_SHAPES,
    ...PATIENT_LINK_SHAPES,
    ...GROUP_SHAPES,
    ...GROUP_MEMBER_SHAPES,
    ...GROUP_FILE_SHAPES,
    ...GROUP_NOTICES_SHAPES,
    ...GRANT_NOTICES_SHAPES,
    ...INVITATION_SHAPES,
    ...CUSTOM_ROLE_SHAPES,
    ...OWNERSHIP_SHAPES,
    ...SUBSCRIPTION_SHAPES,
    ...LOG_IDENTITY_SHAPES,
  },
  grants: { staff: STAFF_GRANT, groupMember: GROUP_MEMBER_GRANT },
};
