import { Injectable } from '@nestjs/common';
import { sql, type RawBuilder } from 'kysely';
import type { LoadedMember, Scope } from '../../access/access.contract.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import {
  type AuthorisedInvitation,
  type GrantDescription,
  type HeldWithin,
  type InvitationCall,
  type InvitationChangeDto,
  InvitationPolicy,
  type InvitationRow,
  type Inviter,
  type ListedMembers,
  type MemberListCall,
  type MembershipEnd,
  type PlacedGrant,
  type SeenPlace,
} from '../../invitations/invitations.contract.js';
import type { Grant } from '../../invitations/invitations.domain.contract.js';
import { uuids } from '../../../shared/database/lists.js';
import type { ReadSet, StreamSource } from '../../../shared/event-sourcing/append-condition.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { administersAccount, GroupAccess, mustBeOpen, mustGive } from '../group-access.js';
import type { ActiveGroupMember } from '../members/group-member.js';
import type { GroupMemberRow } from '../members/group-member-list.projection.js';
import { GroupMemberViews } from '../members/group-member-views.js';
import { GroupPeople } from '../members/group-people.js';
import { keyOf, permissionSetOf } from '../members/permission-set.js';
import type { ChangedSetDto, InviteGroupMembersDto } from './group-invitation.dto.js';
import { GroupNetwork } from './group-network.js';

/**
 * The policy of group invitations. Permission sets decide, not roles. Callers who see an invitation may identify the
 * invitee.
 */
@Injectable()
export class GroupInvitationPolicy extends InvitationPolicy {
  constructor(
    private readonly access: GroupAccess,
    private readonly people: GroupPeople,
    private readonly network: GroupNetwork,
    private readonly views: GroupMemberViews,
  ) {
    super();
  }

  override picks({ personIds = [] }: InviteGroupMembersDto): InvitationCall['picks'] {
    const find = async ({ organisation }: Scope) =>
      organisation && personIds.length > 0 ? this.network.pick(personIds, organisation.id) : [];
    return { count: personIds.length, find };
  }

  override async authoriseInvite(
    actor: string,
    { id }: ScopeRef,
    dto: InviteGroupMembersDto,
    reads: ReadSet,
  ): Promise<AuthorisedInvitation> {
    const { emails = [], personIds = [] } = dto;
    const authorization = mustBeOpen(
      await (personIds.length > 0
        ? this.access.requirePicker(actor, id, reads)
        : this.access.requireAppointer(actor, id, reads)),
    );
    mustGive(authorization, dto);
    if (emails.length + personIds.length === 0)
      throw new RuleBroken('invalid-input', {
        errors: [{ field: 'emails', message: 'is required unless personIds names somebody' }],
      });
    return { scope: authorization.scope, grant: { role: keyOf(dto) }, identifies: true };
  }

  override async authorisePreview(actor: string, { id }: ScopeRef): Promise<Inviter> {
    return { actor, scope: (await this.access.requireOpenAppointer(actor, id)).scope, identifies: true };
  }

  override async authoriseList(actor: string, { id }: ScopeRef): Promise<SeenPlace> {
    return this.people.invitationsSeenBy(await this.access.requireAppointer(actor, id));
  }

  override async seeing(
    personId: string,
    _row: InvitationRow,
    { id }: ScopeRef,
    reads: StreamSource,
  ): Promise<SeenPlace | null> {
    const authorization = await this.access.invitationsSeen(personId, id, reads);
    return authorization && this.people.invitationsSeenBy(authorization);
  }

  override async seeingBatch(
    personId: string,
    _issuedBy: string,
    { id }: ScopeRef,
    reads: StreamSource,
  ): Promise<SeenPlace | null> {
    const authorization = await this.access.invitationsSeen(personId, id, reads);
    return authorization && this.people.invitationsSeenBy(authorization);
  }

  /** Those of every group for account administrators, those of the groups that they administer for others. */
  override async batchesSeen(
    personId: string,
    { organisationId, effectivePermissions }: HeldWithin,
  ): Promise<RawBuilder<boolean>> {
    if (administersAccount(effectivePermissions.roles)) return sql<boolean>`true`;
    const ids = await this.people.groupsOf(personId, organisationId);
    const seen = await Promise.all(ids.map(async (id) => this.access.seesInvitations(personId, id)));
    return sql<boolean>`scope_id = any(${uuids(ids.filter((_, n) => seen[n]))})`;
  }

  override async assertMayWithdraw(personId: string, { id }: ScopeRef, reads: ReadSet): Promise<unknown> {
    return this.access.requireOpenAppointer(personId, id, reads);
  }

  /**
   * Callers who may remove members may revoke an invitation. To resend it, they must also be allowed to give its set.
   */
  override async assertMayInvite(
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

  override async authoriseChange(
    personId: string,
    grant: Grant,
    { id }: ScopeRef,
    dto: InvitationChangeDto & ChangedSetDto,
    reads: ReadSet,
  ): Promise<Grant> {
    const authorization = await this.access.requireOpenAppointer(personId, id, reads);
    const before = permissionSetOf(grant);
    mustGive(authorization, before);
    const { administrator = before.administrator, contentCreator = before.contentCreator } = dto;
    mustGive(authorization, { administrator, contentCreator });
    return { role: keyOf({ administrator, contentCreator }) };
  }

  /** A group's grant has a permission set in the place of a role. */
  override async describe(grants: readonly PlacedGrant[]): Promise<GrantDescription[]> {
    return Promise.resolve(
      grants.map(({ grant }) => {
        const { name, administrator, contentCreator } = permissionSetOf(grant);
        return { role: keyOf({ administrator, contentCreator }), roleName: name, administrator, contentCreator };
      }),
    );
  }

  override async mailData(_scope: Scope, _url: string, grant: Grant): Promise<Record<string, boolean>> {
    const { administrator, contentCreator } = permissionSetOf(grant);
    return Promise.resolve({ administrator, contentCreator });
  }

  override async listMembers({ actor, scope }: MemberListCall): Promise<ListedMembers> {
    await this.access.requireMemberOrOwner(actor, scope.id);
    return { where: [sql<boolean>`active`], show: async (rows: readonly GroupMemberRow[]) => this.views.of(rows) };
  }

  protected override async assertMayEnd(
    actor: string,
    by: MembershipEnd,
    { scope }: LoadedMember<ActiveGroupMember>,
    reads: ReadSet,
  ): Promise<void> {
    if (by === 'left') mustBeOpen(await this.access.requireMember(actor, scope.id, reads));
    else await this.access.requireOpenAppointer(actor, scope.id, reads);
  }
}
