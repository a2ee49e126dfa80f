import type { Command } from '@nestjs/cqrs';
import type { JsonObject, StoredEvent } from '../../shared/event-sourcing/event-store.js';
import { requireText } from '../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../shared/event-sourcing/stream-id.js';
import { ArchiveDeployment, EditDeployment, RestoreDeployment } from '../deployments/deployments.contract.js';
import { ChangeGroup, ChangePermissions, PERMISSION_SETS } from '../groups/groups.contract.js';
import { kindOf } from '../history/history.contract.js';
import { RevokeInvitation } from '../invitations/invitations.contract.js';
import { ArchiveOrganisation, EditOrganisation, RestoreOrganisation } from '../organisations/organisations.contract.js';
import { OffboardPatient, ReactivatePatient } from '../patients/patients.contract.js';
import { EditRole } from '../roles/roles.contract.js';
import { ChangeRole } from '../staff/staff.contract.js';

/** Who takes back, and how. */
export interface Taking {
  actor: string;
  /** Turns a stored id into the one that the actor may know. */
  seeId: (storedId: string) => string;
  reason: string | undefined;
}

/** The ordinary command that undoes what an event did. */
export interface Opposite {
  /** The type of the event that the command stores. */
  by: string;
  /** Whether that event keeps a reason. */
  keepsReason: boolean;
  /** Whether a later event of the stream changed the same field of the same thing. */
  isTouchedBy(later: StoredEvent): boolean;
  command(taking: Taking): Command<unknown>;
}

type Find = (event: StoredEvent, before: readonly StoredEvent[]) => Opposite | null;

/**
 * The opposite of what an event did; null: it has none.
 * @param before the events that stand before it in its stream
 */
export function oppositeOf(event: StoredEvent, before: readonly StoredEvent[]): Opposite | null {
  return OPPOSITES.get(event.type)?.(event, before) ?? null;
}

/** A change of a membership or an invitation, which any later event of its stream is about too. */
function ofMember(by: string, command: (id: string, taking: Taking, data: JsonObject) => Command<unknown>): Find {
  return ({ stream, data }) => ({
    by,
    keepsReason: true,
    isTouchedBy: () => true,
    command: (taking) => command(taking.seeId(StreamId.parse(stream).uuid), taking, data),
  });
}

/** A change of whether a place is open. */
function ofState(by: string, types: readonly string[], command: (actor: string, id: string) => Command<unknown>): Find {
  return ({ stream }) => ({
    by,
    keepsReason: false,
    isTouchedBy: ({ type }) => types.includes(type),
    command: ({ actor }) => command(actor, StreamId.parse(stream).uuid),
  });
}

/** An edit, whose opposite gives each field the value that it had. A field that earlier versions lacked is empty. */
function ofFields(edited: string, command: (actor: string, id: string, fields: JsonObject) => Command<unknown>): Find {
  return ({ stream, data }, before) => {
    const fields = Object.keys(data);
    const values = Object.assign({}, ...before.map((event) => event.data)) as JsonObject;
    return {
      by: edited,
      keepsReason: false,
      isTouchedBy: ({ type, data: later }) => type === edited && fields.some((field) => Object.hasOwn(later, field)),
      command: ({ actor }) =>
        command(
          actor,
          StreamId.parse(stream).uuid,
          Object.fromEntries(fields.map((field) => [field, values[field] ?? null])),
        ),
    };
  };
}

/** All custom roles of an organisation share a stream. */
const ofRole: Find = ({ data }, before) => {
  const roleId = requireText(data, 'roleId');
  const isOfRole = (event: StoredEvent): boolean => event.data['roleId'] === roleId;
  const values = Object.assign({}, ...before.filter(isOfRole).map((event) => event.data)) as JsonObject;
  const fields = ['name', 'permissions'].filter((field) => data[field] !== undefined);
  return {
    by: 'RoleEdited',
    keepsReason: false,
    isTouchedBy: (later) =>
      isOfRole(later) && (later.type === 'RoleDeleted' || fields.some((field) => later.data[field] !== undefined)),
    command: ({ actor }) =>
      new EditRole(actor, roleId, Object.fromEntries(fields.map((field) => [field, values[field]]))),
  };
};

const ofInvitation: Find = ({ stream, data }) => ({
  by: 'InvitationRevoked',
  keepsReason: true,
  isTouchedBy: () => true,
  command: ({ actor, seeId, reason }) =>
    new RevokeInvitation(actor, StreamId.parse(stream).category, seeId(requireText(data, 'invitationId')), reason),
});

/** The categories of streams with invitations. */
const INVITING = ['staff', 'patient', 'observer', 'groupMember'];
const ORGANISATION_STATES = ['OrganisationArchived', 'OrganisationRestored'];
const DEPLOYMENT_STATES = ['DeploymentArchived', 'DeploymentRestored'];
const GROUP_STATES = ['GroupDeleted', 'GroupRestored'];

const OPPOSITES: ReadonlyMap<string, Find> = new Map<string, Find>([
  ['InvitationIssued', ofInvitation],
  [
    'StaffRoleChanged',
    ofMember(
      'StaffRoleChanged',
      (id, { actor, reason }, data) => new ChangeRole(actor, id, { role: requireText(data, 'from'), ...given(reason) }),
    ),
  ],
  [
    'GroupPermissionsChanged',
    ofMember('GroupPermissionsChanged', (id, { actor, reason }, { from }) => {
      const { administrator, contentCreator } = PERMISSION_SETS[from as keyof typeof PERMISSION_SETS];
      return new ChangePermissions(actor, id, { administrator, contentCreator, ...given(reason) });
    }),
  ],
  [
    'PatientOffboarded',
    ofMember('PatientReactivated', (id, { actor, reason }) => new ReactivatePatient(actor, id, reason)),
  ],
  [
    'PatientReactivated',
    ofMember('PatientOffboarded', (id, { actor, reason }) => new OffboardPatient(actor, id, reason ?? '')),
  ],
  [
    'OrganisationEdited',
    ofFields('OrganisationEdited', (actor, id, fields) => new EditOrganisation(actor, id, fields)),
  ],
  ['DeploymentEdited', ofFields('DeploymentEdited', (actor, id, fields) => new EditDeployment(actor, id, fields))],
  [
    'GroupEdited',
    ofFields('GroupEdited', (actor, id, fields) => new ChangeGroup(actor, id, { kind: 'edit', dto: fields })),
  ],
  [
    'OrganisationArchived',
    ofState('OrganisationRestored', ORGANISATION_STATES, (actor, id) => new RestoreOrganisation(actor, id)),
  ],
  [
    'OrganisationRestored',
    ofState('OrganisationArchived', ORGANISATION_STATES, (actor, id) => new ArchiveOrganisation(actor, id)),
  ],
  [
    'DeploymentArchived',
    ofState('DeploymentRestored', DEPLOYMENT_STATES, (actor, id) => new RestoreDeployment(actor, id)),
  ],
  [
    'DeploymentRestored',
    ofState('DeploymentArchived', DEPLOYMENT_STATES, (actor, id) => new ArchiveDeployment(actor, id)),
  ],
  [
    'GroupDeleted',
    ofState('GroupRestored', GROUP_STATES, (actor, id) => new ChangeGroup(actor, id, { kind: 'restore' })),
  ],
  [
    'GroupRestored',
    ofState('GroupDeleted', GROUP_STATES, (actor, id) => new ChangeGroup(actor, id, { kind: 'delete' })),
  ],
  ['RoleEdited', ofRole],
]);

/** The kinds of entries that may have an opposite. */
export const REVERTIBLE_KINDS: ReadonlySet<string> = new Set(
  [...OPPOSITES.keys()].flatMap((type) => INVITING.map((category) => kindOf(type, category))),
);

function given(reason: string | undefined): { reason?: string } {
  return reason === undefined ? {} : { reason };
}
