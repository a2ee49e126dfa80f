import { DEPLOYMENT_STREAMS } from '../modules/deployments/deployment.events.js';
import { GROUP_FILE_STREAMS } from '../modules/groups/files/group-file.events.js';
import { GROUP_NOTICES_STREAMS } from '../modules/groups/notices/group-notices.events.js';
import { GROUP_STREAMS } from '../modules/groups/group/group.events.js';
import { ORGANISATION_STREAMS } from '../modules/organisations/organisation.events.js';
import { PATIENT_LINK_STREAMS } from '../modules/patients/invite-links/patient-link.events.js';
import { GRANT_NOTICES_STREAMS } from '../modules/staff/grant-notices/grant-notices.events.js';
import { CUSTOM_ROLE_STREAMS } from '../modules/access/custom-roles/custom-role.events.js';
import { OWNERSHIP_STREAMS } from '../modules/access/owner-guard/ownership.events.js';
import { ADDRESS_STREAMS } from '../modules/accounts/address/address.events.js';
import { ACCOUNT_CLOSING_STREAMS } from '../modules/accounts/closing/account-closing.events.js';
import { NAME_STREAMS } from '../modules/accounts/name/name.events.js';
import { PASSWORD_STREAMS } from '../modules/accounts/password/password.events.js';
import { SESSION_STREAMS } from '../modules/accounts/sessions/session.events.js';
import { SIGN_IN_FAILURES_STREAMS } from '../modules/accounts/sign-in-failures/sign-in-failures.events.js';
import { RELEASE_STREAMS } from '../modules/history/release/release.events.js';
import { INSTALLATION_STREAMS } from '../modules/operations/acts/operator-act.events.js';
import { PERSON_STREAMS } from '../modules/people/person-stream.js';
import { NO_SHAPES, shapesOf, type DeclaredStreams, type EventShapes } from '../shared/event-sourcing/event-shapes.js';
import { INVITATION_BATCH_STREAMS } from '../modules/invitations/batches/invitation-batch.events.js';
import { INVITATION_STREAMS } from '../modules/invitations/domain/invitation.events.js';
import { INVITATION_TYPES } from './invitation-types.js';
import { LOG_IDENTITY_STREAMS } from './log-identity/log-identity.events.js';
import { SUBSCRIPTION_STREAMS } from '../modules/invitations/subscriptions/subscription.events.js';

/**
 * Each module registers here the streams that it declares beside its events. Types of invitation bring their own. A
 * test compares the event types with those that the product stores.
 */
const DECLARED = [
  ORGANISATION_STREAMS,
  DEPLOYMENT_STREAMS,
  OWNERSHIP_STREAMS,
  CUSTOM_ROLE_STREAMS,
  RELEASE_STREAMS,
  PATIENT_LINK_STREAMS,
  GROUP_STREAMS,
  GROUP_FILE_STREAMS,
  PERSON_STREAMS,
  SESSION_STREAMS,
  PASSWORD_STREAMS,
  ADDRESS_STREAMS,
  SIGN_IN_FAILURES_STREAMS,
  NAME_STREAMS,
  ACCOUNT_CLOSING_STREAMS,
  GROUP_NOTICES_STREAMS,
  GRANT_NOTICES_STREAMS,
  INVITATION_STREAMS,
  INVITATION_BATCH_STREAMS,
  SUBSCRIPTION_STREAMS,
  LOG_IDENTITY_STREAMS,
  INSTALLATION_STREAMS,
  ...INVITATION_TYPES.map(({ streams }) => streams),
] satisfies readonly DeclaredStreams[];

/**
 * The categories of streams that the product follows. They decide what subscriptions deliver and what `head` returns.
 */
export const CATEGORIES: readonly string[] = DECLARED.flatMap(({ category }) => category ?? []);

/** Shapes for tools that read events without checks. */
export const UNCHECKED: EventShapes = { ...NO_SHAPES, categories: CATEGORIES };

/**
 * Returns the shapes of all events of this product.
 * @throws RegistrationFailed for a category or a type that two modules declare
 */
export function eventShapes(): EventShapes {
  return shapesOf(DECLARED);
}
