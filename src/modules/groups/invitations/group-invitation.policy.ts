import { Injectable } from '@nestjs/common';
import { OwnerGuard, type Scope, showsOwner } from '../../access/access.contract.js';
import {
  type GrantDescription,
  type InvitationPolicy,
  type InvitationRow,
  membershipStream,
  type PlacedGrant,
  type SeenPlace,
} from '../../invitations/invitations.contract.js';
import type { Grant } from '../../invitations/invitations.domain.contract.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { ReadSet, StreamSource } from '../../../shared/event-sourcing/append-condition.js';
import { GroupAccess, mustGive } from '../group-access.js';
import { groupInvitationMail, groupReminderMail } from './group-invitation.mail.js';
import { GROUP_MEMBERS } from '../members/group-member.js';
import { GroupPeople } from '../members/group-people.js';
import { keyOf, permissionSetOf } from '../members/permission-set.js';

/** Source: docs/domain.md §6.2 */
export const GROUP_WINDOWS = ['24h', '72h', '7d', '30d'] as const;

/** The policy of invitations to a group: callers, windows, grants. All types of invitation share the lifecycle. */
@Injectable()
export class GroupInvitationPolicy implements InvitationPolicy {
  readonly kind = 'groupMember';
  readonly windows = GROUP_WINDOWS;
  readonly defaultWindow = '30d';
  readonly mailTemplate = groupInvitationMail;
  readonly reminderTemplate = groupReminderMail;

  constructor(
    private readonly access: GroupAccess,
    private readonly people: GroupPeople,
    private readonly ownerGuard: OwnerGuard,
  ) {}

  /** Groups give a permission set where others give a role. */
  async describe(grants: readonly PlacedGrant[]): Promise<GrantDescription[]> {
    return Promise.resolve(
      grants.map(({ grant }) => {
        const { name, administrator, contentCreator } = permissionSetOf(grant);
        return { role: keyOf({ administrator, contentCreator }), roleName: name, administrator, contentCreator };
      }),
    );
  }

  isMember(history: readonly StoredEvent[]): boolean {
    return GROUP_MEMBERS.activeFrom(history) !== undefined;
  }

  /** Callers who see a group's invitations see who is invited. */
  async seeing(
    personId: string,
    _row: InvitationRow,
    { id }: ScopeRef,
    reads: StreamSource,
  ): Promise<SeenPlace | null> {
    const authorization = await this.access.invitationsSeen(personId, id, reads);
    return authorization && this.people.invitationsSeenBy(authorization);
  }

  /** Callers who may remove members may revoke an invitation. To resend one, they must be allowed to give its set. */
  async assertMayInvite(
    personId: string,
    grant: Grant,
    { id }: ScopeRef,
    to: 'resend' | 'revoke',
    reads: ReadSet,
  ): Promise<Scope> {
    const authorization = await this.access.requireOpenAppointer(personId, id, reads);
    if (to === 'resend') mustGive(authorization, permissionSetOf(grant));
    return authorization.scope;
  }

  /** Members gain no power over other people's roles, so the inviter isn't checked again. Source: docs/domain.md §4 */
  async assertInviterStillAuthorised(): Promise<void> {
    return Promise.resolve();
  }

  async mailData(_scope: Scope, _url: string, grant: Grant): Promise<Record<string, boolean>> {
    const { administrator, contentCreator } = permissionSetOf(grant);
    return Promise.resolve({ administrator, contentCreator });
  }

  async afterAccepted(personId: string, scope: ScopeRef, organisationId: string | null): Promise<void> {
    const owner = { personId, stream: membershipStream('groupMember', scope, personId), scope, organisationId };
    await this.ownerGuard.register(owner, personId, (history) => showsOwner(GROUP_MEMBERS, history, scope));
  }
}
