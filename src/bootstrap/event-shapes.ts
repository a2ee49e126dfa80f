import { DEPLOYMENT_STREAMS } from '../modules/deployments/deployment.events.js';
import { GROUP_FILE_STREAMS } from '../modules/groups/files/group-file.events.js';
import { GROUP_MEMBER_STREAMS } from '../modules/groups/members/group-member.events.js';
import { GROUP_NOTICES_STREAMS } from '../modules/groups/notices/group-notices.events.js';
import { GROUP_STREAMS } from '../modules/groups/group/group.events.js';
import { ORGANISATION_STREAMS } from '../modules/organisations/organisation.events.js';
import { PATIENT_LINK_STREAMS } from '../modules/patients/invite-links/patient-link.events.js';
import { PATIENT_STREAMS } from '../modules/patients/enrolment/patient.events.js';
import { GRANT_NOTICES_STREAMS } from '../modules/staff/grant-notices/grant-notices.events.js';
import { STAFF_STREAMS } from '../modules/staff/members/staff-member.events.js';
import { CUSTOM_ROLE_STREAMS } from '../modules/access/custom-roles/custom-role.events.js';
import { OWNERSHIP_STREAMS } from '../modules/access/owner-guard/ownership.events.js';
import { PERSON_STREAMS } from '../modules/people/person-stream.js';
import { NO_SHAPES, shapesOf, type DeclaredStreams, type EventShapes } from '../shared/event-sourcing/event-shapes.js';
import { INVITATION_STREAMS } from '../modules/invitations/domain/invitation.events.js';
import { LOG_IDENTITY_STREAMS } from './log-identity/log-identity.events.js';
import { SUBSCRIPTION_STREAMS } from '../modules/invitations/subscriptions/subscription.events.js';

/** Where a module registers the streams that it declares beside its events. A test compares the types with those that the product stores. */
const DECLARED = [
  ORGANISATION_STREAMS,
  DEPLOYMENT_STREAMS,
  STAFF_STREAMS,
  OWNERSHIP_STREAMS,
  CUSTOM_ROLE_STREAMS,
  PATIENT_STREAMS,
  PATIENT_LINK_STREAMS,
  GROUP_STREAMS,
  GROUP_MEMBER_STREAMS,
  GROUP_FILE_STREAMS,
  PERSON_STREAMS,
  GROUP_NOTICES_STREAMS,
  GRANT_NOTICES_STREAMS,
  INVITATION_STREAMS,
  SUBSCRIPTION_STREAMS,
  LOG_IDENTITY_STREAMS,
] as const satisfies readonly DeclaredStreams[];

export type Category = NonNullable<(typeof DECLARED)[number]['category']>;

/** Every category of stream that the product follows: what subscriptions hand out and what "head" means. */
export const CATEGORIES: readonly Category[] = DECLARED.flatMap(({ category }) => category ?? []);

/** For tools that take the events of the log as they are. */
export const UNCHECKED: EventShapes = { ...NO_SHAPES, categories: CATEGORIES };

/** What every event of this product says. @throws RegistrationFailed for what two modules declare */
export function eventShapes(): EventShapes {
  return shapesOf(DECLARED);
}
