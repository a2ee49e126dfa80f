import type { BuiltInRoles } from '../../../src/modules/history/release/release.events.js';
import { BUILT_IN_ROLES } from '../../../src/modules/access/roles/built-in-roles.js';
import { CLINICAL_PERMISSIONS, withPatientsView } from '../../../src/modules/access/permissions.js';
import { GRANTING } from '../../../src/modules/access/effective-permissions.js';
import { PLATFORM } from '../../../src/modules/access/scope-ref.js';
import { registerOwner } from '../../../src/modules/access/owner-guard/ownership.js';
import { ownershipFrom } from '../../../src/modules/access/owner-guard/owner-guard.js';
import {
  archiveScope,
  createScope,
  editScope,
  restoreScope,
  scopeFrom,
} from '../../../src/modules/access/scopes/scope-decider.js';
import { defineRole, deleteRole, editRole } from '../../../src/modules/access/custom-roles/role-catalogue.js';
import { roleCatalogueFrom } from '../../../src/modules/access/roles/roles.js';
import { DEPLOYMENT } from '../../../src/modules/deployments/deployment.js';
import {
  addGroupFile,
  clearFileException,
  editGroupFile,
  evolveGroupFile,
  NO_GROUP_FILE,
  removeGroupFile,
  storeFileContent,
  uploadGroupFile,
  setFileException,
  type GroupFile,
} from '../../../src/modules/groups/files/group-file.js';
import type { GroupFileEvent } from '../../../src/modules/groups/files/group-file.events.js';
import {
  createGroup,
  deleteGroup,
  editGroup,
  evolveGroup,
  restoreGroup,
  UNKNOWN_GROUP,
  type Group,
} from '../../../src/modules/groups/group/group.js';
import type { GroupEvent } from '../../../src/modules/groups/group/group.events.js';
import {
  changePermissions,
  endGroupMembership,
  groupMemberFrom,
  joinAsFounder,
} from '../../../src/modules/groups/members/group-member.js';
import { PERMISSION_SETS, setOf } from '../../../src/modules/groups/members/permission-set.js';
import {
  acceptInvitation,
  changeInvitation,
  declineInvitation,
  expireInvitation,
  issueInvitation,
  resendInvitation,
  revokeInvitation,
} from '../../../src/modules/invitations/domain/invitation.js';
import { invitationOf, membershipStream } from '../../../src/modules/invitations/domain/membership-stream.js';
import { endObserving, observerFrom } from '../../../src/modules/observers/observer.js';
import { ORGANISATION } from '../../../src/modules/organisations/organisation.js';
import { endEnrolment, offboard, patientFrom, reactivate } from '../../../src/modules/patients/enrolment/patient.js';
import { changeRole, endMembership, staffMemberFrom } from '../../../src/modules/staff/members/staff-member.js';
import type { DomainEvent } from '../../../src/shared/event-sourcing/command-handling.js';
import type { StoredEvent } from '../../../src/shared/event-sourcing/event-store.js';
import type { Random } from '../../shared/event-sourcing/event-store-support.js';
import { type Home, ON_PLATFORM, WrittenLog } from './written-log.js';

export interface Deployment {
  id: string;
  home: Home;
}
export interface WorkingGroup {
  id: string;
  home: Home;
  members: string[];
  files: string[];
}
export interface Organisation {
  id: string;
  home: Home;
  deployments: Deployment[];
  groups: WorkingGroup[];
  roles: string[];
}
/** A membership stream that was written. */
interface Membership {
  stream: string;
  home: Home;
  organisation: Organisation;
}

export interface HistorySize {
  events: number;
  organisations: number;
  people: number;
  start: string;
  meanStepMs: number;
}

const SEALED = { personId: '11111111-0000-4000-8000-000000000001', sealed: 'c2VhbGVk' };
const SETS = Object.keys(PERMISSION_SETS);

/** Writes a random history. The product's own deciders decide, so that no event in it is impossible. */
export class RandomHistory {
  readonly log: WrittenLog;
  readonly organisations: Organisation[] = [];
  protected readonly people: string[];
  protected readonly memberships: Membership[] = [];
  private release = 0;

  private othersStored = 0;

  constructor(
    protected readonly random: Random,
    protected readonly size: HistorySize,
    /** Events of other types, one of which is stored from time to time. */
    private readonly others: readonly StoredEvent[],
    /** The history goes on until each of these types is in it. */
    private readonly types: readonly string[],
    log?: WrittenLog,
  ) {
    this.log = log ?? new WrittenLog(random, size.start, size.meanStepMs);
    this.people = Array.from({ length: size.people }, () => random.uuid());
  }

  write(): WrittenLog {
    this.changeRelease();
    while (this.organisations.length < this.size.organisations) this.createOrganisation();
    for (const other of this.others) this.storeOther(other, this.pick(this.organisations), this.pick(this.people));
    while (this.log.events.length < this.size.events || this.lacksType()) this.act(this.pick(this.organisations));
    return this.log;
  }

  private lacksType(): boolean {
    const written = new Set(this.log.events.map(({ type }) => type));
    return this.types.some((type) => !written.has(type));
  }

  protected act(organisation: Organisation): void {
    const chance = this.random.int(1000);
    const actor = this.pick(this.people);
    if (chance < 260) this.invite(organisation, actor);
    else if (chance < 620) this.answer(actor);
    else if (chance < 800) this.change(actor);
    else if (chance < 830) this.defineRole(organisation, actor);
    else if (chance < 870) this.changeRoles(organisation, actor);
    else if (chance < 900) this.createDeployment(organisation, actor);
    else if (chance < 930) this.changeScope(organisation, actor);
    else if (chance < 945) this.createGroup(organisation, actor);
    else if (chance < 985) this.changeGroup(organisation, actor);
    else if (chance < 987) this.changeRelease();
    else {
      // In turns, so that no type is rare by chance.
      this.storeOther(this.others[this.othersStored++ % this.others.length]!, organisation, actor);
    }
  }

  private storeOther(other: StoredEvent, organisation: Organisation, actor: string): void {
    const stream = `${other.stream.slice(0, other.stream.indexOf('-'))}-${this.random.uuid()}`;
    this.log.append(stream, this.random.int(2) === 0 ? organisation.home : ON_PLATFORM, actor, [other]);
  }

  private createOrganisation(): void {
    const id = this.random.uuid();
    const home = { scope: { kind: 'organisation', id }, organisationId: id } as const;
    const profile = {
      name: `Organisation ${id}`,
      viewType: 'rpm',
      privacyPolicyUrl: null,
      termsUrl: null,
      targets: {},
    };
    this.log.decide(`organisation-${id}`, home, this.pick(this.people), (history) =>
      createScope(ORGANISATION, scopeFrom(ORGANISATION, history), profile as never),
    );
    const organisation = { id, home, deployments: [], groups: [], roles: [] };
    this.organisations.push(organisation);
    this.createDeployment(organisation, this.pick(this.people));
    this.createGroup(organisation, this.pick(this.people));
  }

  private createDeployment(organisation: Organisation, actor: string): void {
    if (organisation.deployments.length >= 6) return;
    const id = this.random.uuid();
    const home = { scope: { kind: 'deployment', id }, organisationId: organisation.id } as const;
    const profile = {
      organisationId: organisation.id,
      name: `Deployment ${id}`,
      privacyPolicyUrl: null,
      termsUrl: null,
      targets: {},
    };
    this.log.decide(`deployment-${id}`, home, actor, (history) =>
      createScope(DEPLOYMENT, scopeFrom(DEPLOYMENT, history), profile as never),
    );
    organisation.deployments.push({ id, home });
  }

  private changeScope(organisation: Organisation, actor: string): void {
    const of = this.random.int(3) === 0 ? ORGANISATION : DEPLOYMENT;
    const { id, home } = of === ORGANISATION ? organisation : this.pick(organisation.deployments);
    const choice = this.random.int(4);
    this.log.decide(`${of.kind}-${id}`, home, actor, (history) => {
      const state = scopeFrom<never>(of as never, history);
      if (choice === 0) return archiveScope(of, state);
      if (choice === 1)
        return editScope(of as never, state, { name: `Renamed ${String(this.random.int(1000))}` } as never);
      return restoreScope(of, state);
    });
  }

  private invite(organisation: Organisation, actor: string): void {
    const kind = this.pick(['staff', 'staff', 'staff', 'patient', 'patient', 'observer', 'groupMember']);
    const home = this.homeFor(kind, organisation);
    if (!home) return;
    const personId = this.pick(this.people);
    const stream = membershipStream(kind, home.scope, personId);
    const grant = this.grantFor(kind, organisation, home);
    const offer = { invitationId: this.random.uuid(), personId, grant, window: '24h', locale: 'en' } as const;
    const isIssued = this.log.decide(stream, home, actor, (history, now) =>
      this.isMember(kind, history) ? [] : issueInvitation(invitationOf(history), offer, now),
    );
    if (isIssued) this.memberships.push({ stream, home, organisation });
    if (isIssued && kind === 'groupMember') this.groupOf(organisation, home)?.members.push(stream);
  }

  /** Somebody answers, resends, changes, revokes or lets expire one of the recent invitations. */
  private answer(actor: string): void {
    const recent = this.memberships.slice(-60);
    const membership = recent[this.random.int(Math.max(1, recent.length))];
    if (!membership) return;
    const { stream, home, organisation } = membership;
    const choice = this.random.int(20);
    // Stored later than decided, as when a machine stalls: the acceptance may be recorded after its expiry.
    const isLate = choice < 2;
    this.log.decide(stream, home, actor, (history, now) => {
      const invitation = invitationOf(history);
      if (invitation.status === 'none') return [];
      const { invitationId, issue } = invitation;
      const kind = stream.slice(0, stream.indexOf('-'));
      if (choice < 12) {
        const accepted = acceptInvitation(invitation, issue, now);
        if (isLate) this.log.pass(30 * 3_600_000);
        return accepted;
      }
      if (choice === 12) return declineInvitation(invitation, issue, now);
      if (choice === 13) return revokeInvitation(invitation, invitationId);
      if (choice < 16) return resendInvitation(invitation, invitationId, this.pick(['24h', '72h']), now);
      if (choice < 18)
        return changeInvitation(invitation, invitationId, { grant: this.grantFor(kind, organisation, home) }, now);
      return expireInvitation(invitation, now);
    });
  }

  /** A member's grant changes or ends. */
  private change(actor: string): void {
    const membership = this.memberships[this.random.int(Math.max(1, this.memberships.length))];
    if (!membership) return;
    const { stream, home, organisation } = membership;
    const by = this.random.int(2) === 0 ? 'removed' : 'left';
    const ends = this.random.int(3) === 0;
    this.log.decide(stream, home, actor, (history): readonly DomainEvent[] => {
      switch (stream.slice(0, stream.indexOf('-'))) {
        case 'staff': {
          const member = staffMemberFrom(history);
          const role = this.grantFor('staff', organisation, home).role ?? '';
          return ends ? endMembership(member, by, false) : changeRole(member, role);
        }
        case 'patient': {
          const patient = patientFrom(history);
          if (ends) return endEnrolment(patient, by);
          return patient.status === 'offboarded' ? reactivate(patient) : offboard(patient, SEALED);
        }
        case 'observer':
          return observerFrom(history) && ends ? endObserving(by) : [];
        default: {
          const member = groupMemberFrom(history);
          if (member.status === 'none') return [];
          return ends ? endGroupMembership(member, by) : changePermissions(member, setOf(this.pick(SETS)));
        }
      }
    });
  }

  private defineRole(organisation: Organisation, actor: string): void {
    if (organisation.roles.length >= 12) return;
    const roleId = this.random.uuid();
    const home = this.random.int(2) === 0 ? organisation.home : this.pick(organisation.deployments).home;
    const role = { roleId, name: `Role ${roleId}`, permissions: this.permissions(), scope: home.scope };
    if (
      this.log.decide(`role-${organisation.id}`, home, actor, (history) => defineRole(roleCatalogueFrom(history), role))
    )
      organisation.roles.push(roleId);
  }

  private changeRoles(organisation: Organisation, actor: string): void {
    if (organisation.roles.length === 0) return;
    const [roleId, other] = [this.pick(organisation.roles), this.pick([...organisation.roles, 'contributor', 'admin'])];
    const choice = this.random.int(6);
    // Earlier versions stored deletions whose successors lead back to the same role.
    if (choice === 5) {
      const type = 'RoleDeleted';
      this.log.append(`role-${organisation.id}`, organisation.home, actor, [
        { type, data: { roleId, movedTo: other } },
      ]);
      return;
    }
    this.log.decide(`role-${organisation.id}`, organisation.home, actor, (history) => {
      const catalogue = roleCatalogueFrom(history);
      if (choice < 3)
        return editRole(catalogue, roleId, { permissions: this.permissions(), name: `Role ${this.random.uuid()}` });
      return deleteRole(catalogue, roleId, choice === 3 ? undefined : other);
    });
  }

  protected createGroup(organisation: Organisation, actor: string): void {
    if (organisation.groups.length >= 5) return;
    const id = this.random.uuid();
    const home = { scope: { kind: 'group', id }, organisationId: organisation.id } as const;
    const group: WorkingGroup = { id, home, members: [], files: [] };
    this.log.decide(`group-${id}`, home, actor, () =>
      createGroup(UNKNOWN_GROUP, organisation.id, { name: `Group ${id}`, description: null }),
    );
    const founding = membershipStream('groupMember', home.scope, actor);
    this.log.decide(founding, home, actor, (history) => joinAsFounder(groupMemberFrom(history), actor));
    group.members.push(founding);
    this.memberships.push({ stream: founding, home, organisation });
    organisation.groups.push(group);
  }

  private changeGroup(organisation: Organisation, actor: string): void {
    const group = this.pick(organisation.groups);
    const { home } = group;
    const choice = this.random.int(10);
    if (choice < 4) {
      this.log.decide(`group-${group.id}`, home, actor, (history, now) => {
        const state = history.reduce<Group>(
          (before, event) => evolveGroup(before, event as unknown as GroupEvent),
          UNKNOWN_GROUP,
        );
        if (choice === 0) {
          const deleted = deleteGroup(state);
          const isRestored = deleted.length > 0 && this.random.int(3) === 0;
          return isRestored ? [...deleted, { type: 'GroupRestored', data: {} }] : deleted;
        }
        if (choice === 1) return editGroup(state, { name: `Renamed ${String(this.random.int(1000))}` });
        return restoreGroup(state, now);
      });
      return;
    }
    if (choice === 4 || group.files.length === 0) group.files.push(this.random.uuid());
    const fileId = this.pick(group.files);
    this.log.decide(`groupFile-${fileId}`, home, actor, (history) => {
      const file = history.reduce<GroupFile>(
        (before, event) => evolveGroupFile(before, event as unknown as GroupFileEvent),
        NO_GROUP_FILE,
      );
      const content = { contentId: this.random.uuid(), size: 1, type: 'text/plain', sha256: this.random.uuid() };
      if (file.status === 'none' && this.random.int(2) === 0) return uploadGroupFile(file, group.id, 'Plan', content);
      if (file.status === 'none')
        return addGroupFile(file, group.id, { name: 'Plan', size: null, type: null, url: 'store:1' });
      if (choice === 9) return removeGroupFile(file);
      if (choice === 8) return editGroupFile(file, { name: `Plan ${String(this.random.int(1000))}` });
      if (choice === 7 && file.versions.length > 0) return storeFileContent(file, content);
      const member = this.pick(group.members);
      const memberId = member.slice(member.indexOf('-') + 1);
      const known = groupMemberFrom(this.log.read(member));
      if (known.status === 'none') return [];
      const [excepted] = Object.keys(file.exceptions);
      if (choice >= 6 && excepted !== undefined) return clearFileException(file, excepted);
      const exception = { memberSince: known.since, contentCreator: this.random.int(2) === 0 };
      return setFileException(file, memberId, exception);
    });
  }

  /** A release changes a few permissions of built-in roles. */
  private changeRelease(): void {
    this.release += 1;
    const changed = BUILT_IN_ROLES.map(({ id, name, permissions }) => ({
      id,
      name,
      // Somebody must be left who may do everything.
      permissions:
        this.release === 1 || id === 'super-admin' ? permissions : permissions.filter(() => this.random.int(8) > 0),
    }));
    const data: BuiltInRoles = {
      release: `0.${String(this.release)}.0`,
      roles: changed,
      implied:
        this.random.int(3) === 0
          ? { 'patients.manage': ['patients.view'] }
          : { 'patients.manage': ['patients.view', 'patients.offboard'] },
      grants: GRANTING,
      sets: { ...PERMISSION_SETS, viewer: { ...PERMISSION_SETS.viewer, name: `Viewer ${String(this.random.int(2))}` } },
    };
    this.log.append(`role-${PLATFORM.id}`, ON_PLATFORM, 'system', [{ type: 'BuiltInRolesChanged', data }]);
    const owner = this.pick(this.people);
    this.log.decide(`ownership-${PLATFORM.id}`, ON_PLATFORM, 'system', (history) =>
      registerOwner(ownershipFrom(history), owner),
    );
  }

  protected homeFor(kind: string, organisation: Organisation): Home | undefined {
    if (kind === 'groupMember') return this.pick(organisation.groups).home;
    if (kind !== 'staff') return this.pick(organisation.deployments).home;
    const chance = this.random.int(10);
    if (chance === 0) return ON_PLATFORM;
    return chance < 5 ? organisation.home : this.pick(organisation.deployments).home;
  }

  private grantFor(kind: string, organisation: Organisation, home: Home): { role?: string } {
    if (kind === 'groupMember') return { role: this.pick(SETS) };
    if (kind !== 'staff') return {};
    const builtIn = BUILT_IN_ROLES.filter(({ scopes }) => scopes.some((one) => one === home.scope.kind)).map(
      ({ id }) => id,
    );
    return { role: this.pick(home.organisationId === null ? builtIn : [...builtIn, ...organisation.roles]) };
  }

  private groupOf(organisation: Organisation, home: Home): WorkingGroup | undefined {
    return organisation.groups.find(({ id }) => id === home.scope.id);
  }

  protected isMember(kind: string, history: readonly StoredEvent[]): boolean {
    if (kind === 'staff') return staffMemberFrom(history).status === 'active';
    if (kind === 'patient') return ['active', 'offboarded'].includes(patientFrom(history).status);
    return kind === 'observer' ? observerFrom(history) !== undefined : groupMemberFrom(history).status === 'active';
  }

  private permissions(): ReturnType<typeof withPatientsView> {
    return withPatientsView(CLINICAL_PERMISSIONS.filter(() => this.random.int(3) === 0));
  }

  protected pick<Item>(items: readonly Item[]): Item {
    return items[this.random.int(items.length)]!;
  }
}
