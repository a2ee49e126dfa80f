import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { scopeFrom } from '../../src/modules/access/scopes/scope-decider.js';
import { DEPLOYMENT } from '../../src/modules/deployments/deployment.js';
import { groupFileFrom } from '../../src/modules/groups/files/group-files.js';
import { groupMemberFrom } from '../../src/modules/groups/members/group-member.js';
import { noticesFrom } from '../../src/modules/groups/notices/group-notices.js';
import { groupFrom } from '../../src/modules/groups/group/group-scopes.js';
import { ORGANISATION } from '../../src/modules/organisations/organisation.js';
import { evolveObserver } from '../../src/modules/observers/observer.js';
import { isObserverEvent } from '../../src/modules/observers/observer.events.js';
import { patientLinkFrom } from '../../src/modules/patients/invite-links/patient-link-uses.js';
import { patientFrom } from '../../src/modules/patients/enrolment/patient.js';
import { grantNoticesFrom } from '../../src/modules/staff/grant-notices/grant-notices.js';
import { staffMemberFrom } from '../../src/modules/staff/members/staff-member.js';
import { addressFrom } from '../../src/modules/accounts/address/address.js';
import { closingsFrom } from '../../src/modules/accounts/closing/account-closing.js';
import { chosenNameFrom } from '../../src/modules/accounts/name/name.js';
import { passwordFrom } from '../../src/modules/accounts/password/password.js';
import { signInFailuresFrom } from '../../src/modules/accounts/sign-in-failures/sign-in-failures.js';
import { sessionFrom } from '../../src/modules/accounts/sessions/session.js';
import { ownershipFrom } from '../../src/modules/access/owner-guard/owner-guard.js';
import { roleCatalogueFrom } from '../../src/modules/access/roles/roles.js';
import { releaseFrom } from '../../src/modules/history/release/release-recorder.js';
import { CATEGORIES } from '../../src/bootstrap/event-shapes.js';
import type { StoredEvent } from '../../src/shared/event-sourcing/event-store.js';
import { StreamId } from '../../src/shared/event-sourcing/stream-id.js';
import { logIdFrom } from '../../src/bootstrap/log-identity/adopt-log.js';
import { invitationBatchFrom } from '../../src/modules/invitations/batches/invitation-batch.js';
import { invitationOf } from '../../src/modules/invitations/domain/membership-stream.js';
import { unsubscriptionsFrom } from '../../src/modules/invitations/subscriptions/subscriptions.js';
import { openField, type Sealed } from '../../src/shared/crypto/sealing.js';
import { STATES } from './states.js';

const SRC = join(import.meta.dirname, '../../src');

/** The state that a stream of each category gives. */
const FOLDS: Readonly<Record<string, (history: StoredEvent[]) => object>> = {
  organisation: (history) => scopeFrom(ORGANISATION, history),
  deployment: (history) => scopeFrom(DEPLOYMENT, history),
  ownership: ownershipFrom,
  role: (history) => releaseFrom(history) ?? roleCatalogueFrom(history),
  patient: patientFrom,
  observer: (history) =>
    history.filter(isObserverEvent).reduce<object>(evolveObserver as (state: object, event: StoredEvent) => object, {}),
  patientLink: patientLinkFrom,
  group: groupFrom,
  groupMember: groupMemberFrom,
  groupFile: groupFileFrom,
  person: (history) => ({
    ...noticesFrom(history),
    grants: grantNoticesFrom(history),
    unsubscribed: unsubscriptionsFrom(history),
    password: passwordFrom(history),
    address: addressFrom(history),
    name: chosenNameFrom(history),
    closings: closingsFrom(history),
  }),
  invitationBatch: (history) => ({ batch: invitationBatchFrom(history) }),
  // No decision is made on what operators did.
  installation: (history) => ({ acts: history.map(({ type, data }) => [type, data]) }),
  session: sessionFrom,
  signInFailures: signInFailuresFrom,
  logIdentity: (history) => ({ logId: logIdFrom(history) }),
  staff: (history) => ({ invitation: invitationOf(history), member: staffMemberFrom(history) }),
};

/** The members of every interface `…DomainEvents` in `*.events.ts`, which are the types that the product can store. */
function typesInCode(): string[] {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.events.ts'));
  return files.flatMap((file) =>
    domainEventsIn(ts.createSourceFile(file, readFileSync(join(SRC, file), 'utf8'), ts.ScriptTarget.Latest)),
  );
}

function domainEventsIn(source: ts.SourceFile): string[] {
  const maps = source.statements
    .filter(ts.isInterfaceDeclaration)
    .filter(({ name }) => name.text.endsWith('DomainEvents'));
  return maps.flatMap(({ members }) => members.map(({ name }) => name?.getText(source) ?? ''));
}

const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.json'));
const golden = new Map(
  files.map((file) => [
    file.replace('.json', ''),
    JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8')) as StoredEvent,
  ]),
);
const name = ({ type, metadata }: StoredEvent): string => `${type}.v${String(metadata.schemaVersion)}`;

/** The state after the event and those before it, with sets and maps as arrays. */
function decode(after: readonly string[], event: StoredEvent): unknown {
  const history = [...after.map((before) => golden.get(before)!), event];
  const fold = FOLDS[StreamId.parse(event.stream).category]!;
  return JSON.parse(
    JSON.stringify(fold(history), (_, value: unknown) =>
      value instanceof Set || value instanceof Map ? [...value] : value,
    ),
  );
}

describe('golden events', () => {
  it('exist for every type that the product stores', () => {
    const types = typesInCode();
    expect(types.length).toBeGreaterThanOrEqual(44);
    const without = types.filter((type) => ![...golden.values()].some((event) => event.type === type));
    expect(without).toEqual([]);
  });

  it('are of types that the product still knows', () => {
    const types = typesInCode();
    expect([...golden.values()].map(({ type }) => type).filter((type) => !types.includes(type))).toEqual([]);
  });

  it('are named after their type and version, and each has an expected state', () => {
    expect([...golden.values()].map(name)).toEqual([...golden.keys()]);
    expect(Object.keys(STATES).sort()).toEqual([...golden.keys()].sort());
  });

  it('have the whole envelope, in a category that subscriptions follow, except LogOpened', () => {
    const strings = expect.any(String);
    for (const event of golden.values()) {
      expect(event).toEqual({
        id: strings,
        type: strings,
        stream: strings,
        revision: expect.any(Number),
        position: strings,
        recordedAt: strings,
        data: expect.any(Object),
        metadata: {
          actor: strings,
          organisationId: event.metadata.scope.kind === 'platform' ? null : strings,
          scope: { kind: strings, id: strings },
          schemaVersion: expect.any(Number),
          $correlationId: strings,
          $causationId: strings,
          commandId: strings,
        },
      });
      expect(CATEGORIES.some((category) => category === StreamId.parse(event.stream).category)).toBe(
        event.type !== 'LogOpened',
      );
    }
  });

  it.each([...golden.keys()])('%s decodes to the same state as ever', (file) => {
    const { after = [], state } = STATES[file]!;
    expect(decode(after, golden.get(file)!)).toEqual(state);
  });

  it('hold sealed texts that still open', () => {
    const texts = [...golden.values()].flatMap((event) =>
      Object.entries(event.data).flatMap(([field, value]) => {
        const sealed = typeof value === 'object' && value !== null && 'sealed' in value ? (value as Sealed) : null;
        if (!sealed) return [];
        return [
          `${event.type}.${field}: ${openField({ personId: sealed.personId, key: Buffer.alloc(32, 7) }, { stream: event.stream, eventId: event.id, field }, sealed)}`,
        ];
      }),
    );
    expect(texts.sort()).toEqual([
      'AddressChangeRequested.address: ann.smith@new.example.org',
      'AddressChangeUndone.address: ann@example.org',
      'AddressChanged.from: ann@example.org',
      'AddressChanged.to: ann.smith@new.example.org',
      'GroupMemberLeft.reason: Moving away',
      'GroupMemberRemoved.reason: Left the hospital',
      'GroupPermissionsChanged.reason: Other work',
      'InvitationAccepted.name: Ann Smith',
      'InvitationIssued.message: Willkommen',
      'InvitationRevoked.reason: A mistake',
      'NameChanged.name: Bob Brown',
      'ObserverLeft.reason: Moving away',
      'ObserverRemoved.reason: Visit is over',
      'PatientLeft.reason: Moving away',
      'PatientOffboarded.reason: End of treatment',
      'PatientReactivated.reason: Relapse',
      'PatientRemoved.reason: Invited by mistake',
      'StaffMemberLeft.reason: Moving away',
      'StaffMemberRemoved.reason: Left the hospital',
      'StaffRoleChanged.reason: Other work',
    ]);
  });
});

it("the types of every module's domain events are found, and no other types", () => {
  const source = ts.createSourceFile(
    'x.events.ts',
    'export interface PatientDomainEvents { PatientEnrolled: { a: 1 }; PatientOffboarded: object }\ninterface Other { NotADomainEvent: 1 }',
    ts.ScriptTarget.Latest,
  );
  expect(domainEventsIn(source)).toEqual(['PatientEnrolled', 'PatientOffboarded']);
});
