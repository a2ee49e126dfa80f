import type { Sealed } from '../../../shared/crypto/sealing.js';
import { type JsonObject, type RecordedEvent, requireText } from '../../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { subjectNamedBy } from './history-entry.js';
import { isMembership } from './kinds.js';
import type { Moment, Period, PeriodBook } from './period.js';

/** Where something held. */
interface Placed {
  organisation_id: string | null;
  scope_kind: string;
  scope_id: string;
}

/** A role, an enrolment, a permission set or an observer's place that a person held. `key` is the membership stream. */
export interface GrantPeriod extends Period, Placed {
  kind: string;
  person_id: string;
  /** A role's id, a permission set's key, `active` or `offboarded`, or `observer`. */
  role: string;
}

/** An invitation's terms. `key` is the membership stream. */
export interface OfferPeriod extends Period, Placed {
  kind: string;
  person_id: string;
  invitation_id: string;
  role: string;
  issue: number;
  /** ISO UTC, exclusive. */
  expires_at: string;
}

/** A member's exception for a file of a group. `key` is the file's id and the membership's. */
export interface ExceptionPeriod extends Period, Placed {
  file_id: string;
  member_id: string;
  content_creator: boolean;
}

/** The tables of a release that no single role holds. */
export interface ReleaseTables {
  release: string;
  implied: Record<string, string[]>;
  grants: Record<string, { roles: string[]; custom: boolean }>;
  sets: Record<string, { name: string; administrator: boolean; contentCreator: boolean }>;
}

/** The key of the period that holds the tables of a release. */
export const RELEASE = '*';

/** What a role meant. `key` is its id, or `RELEASE`. */
export interface RoleDefinitionPeriod extends Period {
  /** Null: built-in. */
  organisation_id: string | null;
  defined_at: string | null;
  name: string;
  permissions: string[];
  /** True from its deletion on. */
  deleted: boolean;
  /** The role that a deleted one means. */
  moved_to: string | null;
  tables: ReleaseTables | null;
}

/** The state and the name of a scope. `key` is its id. */
export interface ScopePeriod extends Period {
  kind: string;
  organisation_id: string | null;
  name: string;
  state: 'active' | 'archived' | 'deleted';
}

/** What a person was called. `key` is the person's id. The name stays sealed as in the event of this stream. */
export interface NamePeriod extends Period {
  stream: string;
  sealed: string;
}

export interface Books {
  grants: PeriodBook<GrantPeriod>;
  offers: PeriodBook<OfferPeriod>;
  exceptions: PeriodBook<ExceptionPeriod>;
  definitions: PeriodBook<RoleDefinitionPeriod>;
  scopes: PeriodBook<ScopePeriod>;
  names: PeriodBook<NamePeriod>;
}

/** Writes what an event opened and closed into the books. Unknown types open and close nothing. */
export function foldEvent(event: RecordedEvent, moment: Moment, books: Books): void {
  const { category, uuid } = StreamId.parse(event.stream);
  if (isMembership(category)) {
    foldOffer(event, moment, books.offers, category);
    foldGrant(event, moment, books, category, uuid);
  } else if (category === 'role') foldDefinition(event, moment, books.definitions, uuid);
  else if (category === 'groupFile') foldException(event, moment, books.exceptions, uuid);
  else if (Object.hasOwn(SCOPE_STATES, event.type)) foldScope(event, moment, books.scopes, category, uuid);
  foldName(event, moment, books.names);
}

function foldOffer(event: RecordedEvent, moment: Moment, offers: PeriodBook<OfferPeriod>, category: string): void {
  const { type, data, stream: key } = event;
  switch (type) {
    case 'InvitationIssued':
      offers.begin(
        {
          key,
          ...placeOf(event),
          kind: category,
          person_id: requireText(data, 'personId'),
          invitation_id: requireText(data, 'invitationId'),
          role: offered(category, data),
          issue: Number(data['issue']),
          expires_at: requireText(data, 'expiresAt'),
        },
        moment,
      );
      break;
    case 'InvitationReissued':
      offers.change(key, { issue: Number(data['issue']), expires_at: requireText(data, 'expiresAt') }, moment);
      break;
    case 'InvitationChanged':
      offers.change(key, { role: offered(category, data), expires_at: requireText(data, 'expiresAt') }, moment);
      break;
    case 'InvitationAccepted':
    case 'InvitationDeclined':
    case 'InvitationRevoked':
      offers.end(key, moment);
      break;
    // An expired invitation ended at its time, whenever that is recorded.
    default:
  }
}

function foldGrant(event: RecordedEvent, moment: Moment, books: Books, category: string, membershipId: string): void {
  const { type, data, stream: key } = event;
  const grants = books.grants;
  switch (type) {
    case 'InvitationAccepted':
    case 'GroupFounderJoined': {
      const role = type === 'InvitationAccepted' ? offered(category, data) : requireText(data, 'permissionSet');
      grants.begin({ key, ...placeOf(event), kind: category, person_id: requireText(data, 'personId'), role }, moment);
      break;
    }
    case 'StaffRoleChanged':
    case 'GroupPermissionsChanged':
      grants.change(key, { role: requireText(data, 'to') }, moment);
      break;
    case 'PatientOffboarded':
      grants.change(key, { role: 'offboarded' }, moment);
      break;
    case 'PatientReactivated':
      grants.change(key, { role: 'active' }, moment);
      break;
    case 'StaffMemberRemoved':
    case 'StaffMemberLeft':
    case 'PatientRemoved':
    case 'PatientLeft':
    case 'ObserverRemoved':
    case 'ObserverLeft':
      grants.end(key, moment);
      break;
    case 'GroupMemberRemoved':
    case 'GroupMemberLeft':
      grants.end(key, moment);
      for (const exception of books.exceptions.where(({ member_id: member }) => member === membershipId))
        books.exceptions.end(exception.key, moment);
      break;
    default:
  }
}

/** The grant of an invitation, as a role's id or the like. */
function offered(category: string, data: JsonObject): string {
  if (category === 'patient') return 'active';
  if (category === 'observer') return 'observer';
  return requireText(data['grant'] as JsonObject, 'role');
}

function foldException(
  event: RecordedEvent,
  moment: Moment,
  exceptions: PeriodBook<ExceptionPeriod>,
  fileId: string,
): void {
  const { type, data } = event;
  const key = (): string => `${fileId}:${requireText(data, 'memberId')}`;
  if (type === 'GroupFileExceptionSet')
    exceptions.begin(
      {
        key: key(),
        ...placeOf(event),
        file_id: fileId,
        member_id: requireText(data, 'memberId'),
        content_creator: data['contentCreator'] === true,
      },
      moment,
    );
  else if (type === 'GroupFileExceptionCleared') exceptions.end(key(), moment);
  else if (type === 'GroupFileRemoved')
    for (const exception of exceptions.where(({ file_id: file }) => file === fileId))
      exceptions.end(exception.key, moment);
}

const CUSTOM_ROLE_TYPES: readonly string[] = ['RoleDefined', 'RoleEdited', 'RoleDeleted'];

function foldDefinition(
  event: RecordedEvent,
  moment: Moment,
  definitions: PeriodBook<RoleDefinitionPeriod>,
  organisationId: string,
): void {
  const { type, data } = event;
  if (type === 'BuiltInRolesChanged') {
    foldRelease(data, moment, definitions);
    return;
  }
  if (!CUSTOM_ROLE_TYPES.includes(type)) return;
  const key = requireText(data, 'roleId');
  if (type === 'RoleDefined')
    definitions.begin(
      {
        key,
        organisation_id: organisationId,
        defined_at: requireText(data['scope'] as JsonObject, 'id'),
        name: requireText(data, 'name'),
        permissions: data['permissions'] as string[],
        deleted: false,
        moved_to: null,
        tables: null,
      },
      moment,
    );
  else if (type === 'RoleEdited')
    definitions.change(
      key,
      {
        ...(data['name'] === undefined ? {} : { name: requireText(data, 'name') }),
        ...(data['permissions'] === undefined ? {} : { permissions: data['permissions'] as string[] }),
      },
      moment,
    );
  else if (type === 'RoleDeleted')
    definitions.change(key, { deleted: true, moved_to: (data['movedTo'] as string | undefined) ?? null }, moment);
}

function foldRelease(data: JsonObject, moment: Moment, definitions: PeriodBook<RoleDefinitionPeriod>): void {
  const { release, roles, implied, grants, sets } = data as unknown as ReleaseTables & {
    roles: { id: string; name: string; permissions: string[] }[];
  };
  // The first release that records them can't know what earlier ones meant, so they count from the log's beginning.
  const from = definitions.current(RELEASE) ? moment : { ...moment, number: 0 };
  const content = { organisation_id: null, defined_at: null, deleted: false, moved_to: null };
  definitions.begin(
    { ...content, key: RELEASE, name: release, permissions: [], tables: { release, implied, grants, sets } },
    from,
  );
  const gone = definitions.where(
    ({ key, organisation_id: organisation }) =>
      organisation === null && key !== RELEASE && roles.every(({ id }) => id !== key),
  );
  for (const { key } of gone) definitions.change(key, { deleted: true, permissions: [] }, moment);
  for (const { id: key, name, permissions } of roles) {
    const before = definitions.current(key);
    const isSame = before?.name === name && !before.deleted && before.permissions.join() === permissions.join();
    if (!isSame) definitions.begin({ ...content, key, name, permissions, tables: null }, from);
  }
}

const SCOPE_STATES: Readonly<Record<string, ScopePeriod['state'] | null>> = {
  OrganisationCreated: 'active',
  OrganisationEdited: null,
  OrganisationArchived: 'archived',
  OrganisationRestored: 'active',
  DeploymentCreated: 'active',
  DeploymentEdited: null,
  DeploymentArchived: 'archived',
  DeploymentRestored: 'active',
  GroupCreated: 'active',
  GroupEdited: null,
  GroupDeleted: 'deleted',
  GroupRestored: 'active',
};

function foldScope(
  { type, data }: RecordedEvent,
  moment: Moment,
  scopes: PeriodBook<ScopePeriod>,
  category: string,
  key: string,
): void {
  const state = SCOPE_STATES[type];
  const name = data['name'] as string | undefined;
  const organisation = category === 'organisation' ? key : (data['organisationId'] as string);
  if (type.endsWith('Created'))
    scopes.begin({ key, kind: category, organisation_id: organisation, name: name ?? '', state: 'active' }, moment);
  else if (state) scopes.change(key, { state }, moment);
  else if (name !== undefined && name !== scopes.current(key)?.name) scopes.change(key, { name }, moment);
}

/** The name that an event gives to a person. */
export function nameGivenBy({ type, data }: RecordedEvent): Sealed | undefined {
  return type === 'NameChanged' || type === 'InvitationAccepted' ? (data['name'] as Sealed | undefined) : undefined;
}

/** A name stays sealed, so that it goes with the person's key. */
function foldName(event: RecordedEvent, moment: Moment, names: PeriodBook<NamePeriod>): void {
  const name = nameGivenBy(event);
  const key = name ? subjectNamedBy(event) : null;
  if (name && key !== null) names.begin({ key, stream: event.stream, sealed: name.sealed }, moment);
}

function placeOf({ metadata: { organisationId, scope } }: RecordedEvent): Placed {
  return { organisation_id: organisationId, scope_kind: scope.kind, scope_id: scope.id };
}
