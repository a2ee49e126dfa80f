import { randomBytes, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { deploymentListProjection } from '../../../src/modules/deployments/deployment-list.projection.js';
import { groupFileListProjection } from '../../../src/modules/groups/files/group-file-list.projection.js';
import { groupListProjection } from '../../../src/modules/groups/group/group-list.projection.js';
import { groupMemberListProjection } from '../../../src/modules/groups/members/group-member-list.projection.js';
import { organisationListProjection } from '../../../src/modules/organisations/organisation-list.projection.js';
import { staffListProjection } from '../../../src/modules/staff/members/staff-list.projection.js';
import type { ScopeRef } from '../../../src/modules/access/scope-ref.js';
import type { DomainEvent } from '../../../src/shared/event-sourcing/command-handling.js';
import type { JsonObject, StoredEvent } from '../../../src/shared/event-sourcing/event-store.js';
import { invitationListProjection } from '../../../src/modules/invitations/manage/invitation-list.projection.js';
import {
  INVITATION_MAIL,
  invitationMailProjection,
} from '../../../src/modules/invitations/mails/invitation-mail.projection.js';
import type { EmailAddress } from '../../../src/shared/mail/email-address.js';
import { People, type KnownPerson } from '../../../src/modules/people/people.js';
import { personDirectoryProjection } from '../../../src/modules/people/person-directory.js';
import { sealField } from '../../../src/shared/crypto/sealing.js';
import { isHandled, type Projection, type Transaction } from '../../../src/shared/projections/projection.js';
import { describeOnEveryEngine, type TestDatabase } from '../../support/engines.js';

const RIVERSIDE: ScopeRef = { kind: 'organisation', id: '44444444-0000-4000-8000-000000000001' };
const COHORT: ScopeRef = { kind: 'deployment', id: '44444444-0000-4000-8000-000000000002' };
const BOARD: ScopeRef = { kind: 'group', id: '44444444-0000-4000-8000-000000000003' };
const BOB = '22222222-0000-4000-8000-000000000002';
const TARGETS = { patients: 20, staff: null };

/** A history of all that can happen, on a few streams, in the order of the log. */
function historyOf(ann: KnownPerson): StoredEvent[] {
  const events: StoredEvent[] = [];
  const on = (stream: string, scope: ScopeRef, ...domainEvents: ((eventId: string) => DomainEvent)[]): void => {
    domainEvents.forEach((domainEvent, revision) => {
      const id = randomUUID();
      const { type, data } = domainEvent(id);
      const metadata = {
        actor: BOB,
        organisationId: RIVERSIDE.id,
        scope,
        schemaVersion: 1,
        $correlationId: id,
        $causationId: id,
        commandId: id,
      };
      const recordedAt = new Date(Date.parse('2026-01-05T12:00:00.000Z') + events.length * 1000).toISOString();
      events.push({
        id,
        type,
        stream,
        revision,
        position: String(events.length + 1),
        recordedAt,
        data: data as JsonObject,
        metadata,
      });
    });
  };
  const domainEvent =
    (type: string, data: object = {}) =>
    (): DomainEvent => ({ type, data });
  on(
    `organisation-${RIVERSIDE.id}`,
    RIVERSIDE,
    domainEvent('OrganisationCreated', {
      name: 'Riverside',
      viewType: 'rpm',
      privacyPolicyUrl: null,
      termsUrl: null,
      targets: TARGETS,
    }),
    domainEvent('OrganisationEdited', { name: 'Lakeside' }),
    domainEvent('OrganisationArchived'),
    domainEvent('OrganisationRestored'),
  );
  on(
    `deployment-${COHORT.id}`,
    COHORT,
    domainEvent('DeploymentCreated', {
      organisationId: RIVERSIDE.id,
      name: 'Cohort A',
      privacyPolicyUrl: null,
      termsUrl: null,
      targets: TARGETS,
    }),
    domainEvent('DeploymentEdited', { name: 'Cohort B', targets: { patients: null, staff: 3 } }),
    domainEvent('DeploymentArchived'),
  );
  const [first, second] = [randomUUID(), randomUUID()];
  const member = `staff-${randomUUID()}`;
  const grant = { role: 'admin' };
  const issued = (invitationId: string, issue: number) =>
    domainEvent('InvitationIssued', {
      invitationId,
      personId: ann.personId,
      grant,
      window: '7d',
      locale: 'en',
      issue,
      expiresAt: '2026-01-12T12:00:00.000Z',
    });
  on(
    member,
    RIVERSIDE,
    issued(first, 1),
    domainEvent('InvitationReissued', {
      invitationId: first,
      issue: 2,
      window: '24h',
      expiresAt: '2026-01-06T12:00:00.000Z',
    }),
    domainEvent('InvitationExpired', { invitationId: first }),
    issued(second, 3),
    (eventId) => ({
      type: 'InvitationAccepted',
      data: {
        invitationId: second,
        personId: ann.personId,
        grant,
        name: sealField(ann, { stream: member, eventId, field: 'name' }, 'Ann Smith'),
      },
    }),
    domainEvent('StaffRoleChanged', { from: 'admin', to: 'contributor' }),
    domainEvent('StaffMemberLeft', { role: 'contributor' }),
  );
  const third = randomUUID();
  on(`staff-${randomUUID()}`, COHORT, issued(third, 1), domainEvent('InvitationRevoked', { invitationId: third }));
  on(
    `group-${BOARD.id}`,
    BOARD,
    domainEvent('GroupCreated', { organisationId: RIVERSIDE.id, name: 'Tumour board', description: null }),
    domainEvent('GroupEdited', { description: 'Mondays' }),
    domainEvent('GroupDeleted'),
    domainEvent('GroupRestored'),
    domainEvent('GroupDeleted'),
  );
  const fourth = randomUUID();
  on(
    `groupMember-${randomUUID()}`,
    BOARD,
    domainEvent('GroupFounderJoined', { personId: ann.personId, permissionSet: 'administrator-content-creator' }),
    domainEvent('GroupPermissionsChanged', { from: 'administrator-content-creator', to: 'viewer' }),
    domainEvent('GroupMemberLeft', { permissionSet: 'viewer' }),
    domainEvent('InvitationIssued', {
      invitationId: fourth,
      personId: ann.personId,
      grant: { role: 'administrator' },
      window: '30d',
      locale: 'en',
      issue: 1,
      expiresAt: '2026-02-04T12:00:00.000Z',
    }),
    domainEvent('InvitationAccepted', {
      invitationId: fourth,
      personId: ann.personId,
      grant: { role: 'administrator' },
    }),
  );
  const added = { groupId: BOARD.id, size: null, type: null, url: 'https://files.example.org/7f3a' };
  const exception = { memberId: randomUUID(), memberSince: '2026-01-05T12:00:00.000Z', contentCreator: true };
  on(
    `groupFile-${randomUUID()}`,
    BOARD,
    domainEvent('GroupFileAdded', { ...added, name: 'Minutes.pdf' }),
    domainEvent('GroupFileEdited', { size: 5_000_000_000, name: 'Minutes of March.pdf' }),
    domainEvent('GroupFileExceptionSet', exception),
    domainEvent('GroupFileExceptionCleared', { memberId: exception.memberId }),
    domainEvent('GroupFileExceptionSet', { ...exception, contentCreator: false }),
  );
  on(
    `groupFile-${randomUUID()}`,
    BOARD,
    domainEvent('GroupFileAdded', { ...added, name: 'Draft.pdf' }),
    domainEvent('GroupFileRemoved'),
  );
  const content = { size: 5_000_000_000, type: 'application/pdf', sha256: 'e3b0c442' };
  on(
    `groupFile-${randomUUID()}`,
    BOARD,
    domainEvent('GroupFileUploaded', { groupId: BOARD.id, name: 'Plan.pdf', contentId: randomUUID(), ...content }),
    domainEvent('GroupFileContentStored', { version: 2, contentId: randomUUID(), ...content }),
    domainEvent('GroupFileEdited', { name: 'Plan of March.pdf' }),
  );
  return events;
}

describeOnEveryEngine('a read model', (engine) => {
  let place: TestDatabase;
  let people: People;
  let history: StoredEvent[];
  beforeAll(async () => {
    place = await engine.openDatabase();
    people = new People(place.database, { masterKey: randomBytes(32), personSecret: randomBytes(32) });
    const email = 'ann@example.test' as EmailAddress;
    history = historyOf((await people.getOrCreate([email])).get(email)!);
  });
  afterAll(async () => {
    await place.close();
  });

  async function apply(projection: Projection, events: readonly StoredEvent[]): Promise<void> {
    const wanted = events.filter(({ type }) => isHandled(projection, type));
    if (wanted.length === 0) return;
    const prepared = await projection.prepare?.(wanted);
    await place.database.transaction(async (trx) => projection.apply(wanted, trx as unknown as Transaction, prepared));
  }

  async function rowsOf(table: string): Promise<object[]> {
    return (await sql<object>`select * from ${sql.table(table)} order by 1`.execute(place.database.kysely())).rows;
  }

  const projections = (): Projection[] => [
    organisationListProjection,
    deploymentListProjection,
    invitationListProjection,
    staffListProjection,
    personDirectoryProjection(people),
    groupListProjection,
    groupMemberListProjection,
    groupFileListProjection,
  ];

  it.each([0, 1, 2, 3, 4, 5, 6, 7])(
    'has the same rows from single events, one batch, a repeated batch and repeated events (%i)',
    async (n) => {
      const projection = projections()[n]!;
      const [table] = projection.tables;
      for (const event of history) await apply(projection, [event]);
      const oneByOne = await rowsOf(table!);
      expect(oneByOne.length).toBeGreaterThan(0);

      await sql`delete from ${sql.table(table!)}`.execute(place.database.kysely());
      await apply(projection, history);
      expect(await rowsOf(table!)).toEqual(oneByOne);
      await apply(projection, history);
      expect(await rowsOf(table!)).toEqual(oneByOne);

      await sql`delete from ${sql.table(table!)}`.execute(place.database.kysely());
      for (const event of history) {
        await apply(projection, [event]);
        await apply(projection, [event]);
      }
      expect(await rowsOf(table!)).toEqual(oneByOne);
    },
  );

  it('has the rows that follow from the history', async () => {
    for (const projection of projections()) await apply(projection, history);
    expect(await rowsOf('organisation')).toMatchObject([
      { id: RIVERSIDE.id, name: 'Lakeside', archived: false, profile: { viewType: 'rpm', targets: TARGETS } },
    ]);
    expect(await rowsOf('deployment')).toMatchObject([
      {
        id: COHORT.id,
        organisation_id: RIVERSIDE.id,
        name: 'Cohort B',
        archived: true,
        profile: { targets: { patients: null, staff: 3 } },
      },
    ]);
    const invitations = (await rowsOf('invitation')) as { state: string; issue: number; role: string }[];
    expect(invitations.map(({ state, issue, role }) => `${role} ${String(issue)} ${state}`).sort()).toEqual([
      'admin 1 revoked',
      'admin 2 expired',
      'admin 3 accepted',
      'administrator 1 accepted',
    ]);
    expect(await rowsOf('working_group')).toMatchObject([
      {
        id: BOARD.id,
        organisation_id: RIVERSIDE.id,
        name: 'Tumour board',
        description: 'Mondays',
        deleted_at: expect.anything(),
      },
    ]);
    expect(await rowsOf('group_member')).toMatchObject([
      { permission_set: 'administrator', active: true, group_id: BOARD.id, organisation_id: RIVERSIDE.id },
    ]);
    const files = (await rowsOf('group_file')) as {
      name: string;
      size: number | null;
      removed: boolean;
      exceptions: Record<string, { contentCreator: boolean }>;
    }[];
    expect(
      files
        .map(({ name, size, removed, exceptions }) =>
          [name, size, removed, ...Object.values(exceptions).map(({ contentCreator }) => contentCreator)].join(' '),
        )
        .sort(),
    ).toEqual(['Draft.pdf  true', 'Minutes of March.pdf 5000000000 false false', 'Plan of March.pdf 5000000000 false']);
    expect(await rowsOf('staff_member')).toMatchObject([
      { role: 'contributor', active: false, scope_id: RIVERSIDE.id },
    ]);
    expect(await rowsOf('person_directory')).toMatchObject([{ email: 'ann@example.test', name: 'Ann Smith' }]);
  });

  it('differs from the outbox, which gets each issue once, however often it is applied', async () => {
    await apply(invitationMailProjection, history);
    await apply(invitationMailProjection, history);
    const entries = (await rowsOf('outbox')) as { kind: string; issue: number; state: string }[];
    expect(entries.map(({ kind, issue, state }) => `${kind} ${String(issue)} ${state}`).sort()).toEqual(
      [1, 1, 1, 2, 3].map((issue) => `${INVITATION_MAIL} ${String(issue)} pending`),
    );
    expect(invitationMailProjection.tables).toEqual([]);
  });
});
