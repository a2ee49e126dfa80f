import { Inject, Injectable } from '@nestjs/common';
import { sql, type RawBuilder } from 'kysely';
import {
  Authorization,
  type AuthorizationResult,
  type LoadedMember,
  type Scope,
  Sights,
} from '../../access/access.contract.js';
import { type Permission, type ScopeRef, withImplied } from '../../access/access.domain.contract.js';
import { uuids } from '../../../shared/database/lists.js';
import type { ReadSet, StreamSource } from '../../../shared/event-sourcing/append-condition.js';
import type { Grant } from '../domain/invitation.events.js';
import type { Inviter } from '../invite/dry-run-preview.js';
import type { AuthorisedInvitation } from '../invite/invite-people.command.js';
import type { InvitationCallDto, InvitationListDto } from '../manage/invitation.dto.js';
import type { InvitationRow } from '../manage/invitation-list.projection.js';
import type { ListedMembers, MemberListCall } from '../members/member-list.js';
import { MemberViews } from '../members/member-views.js';
import { membershipRow, type MembershipRow } from '../members/membership-row.js';
import type { MemberState, MembershipEnd, TypePermissions } from '../types/invitation-type.js';
import {
  type Identifying,
  identifyingStaff,
  InvitationAccess,
  type SeenPlace,
  type SeenScopes,
} from './invitation-access.js';
import { type HeldWithin, InvitationPolicy } from './invitation-policy.js';

/** The policy of a type for which permissions in the scope decide. A type overrides what differs. */
@Injectable()
export class PermissionPolicy extends InvitationPolicy {
  @Inject(Authorization) protected readonly authorization: Authorization;
  @Inject(Sights) protected readonly sights: Sights;
  @Inject(InvitationAccess) private readonly invitationAccess: InvitationAccess;
  @Inject(MemberViews) protected readonly views: MemberViews;

  protected get permissions(): TypePermissions {
    const { permissions } = this.type;
    if (!permissions) throw new TypeError(`the invitation type ${this.kind} has no permissions`);
    return permissions;
  }

  override async authoriseInvite(
    actor: string,
    ref: ScopeRef,
    dto: InvitationCallDto,
    reads: ReadSet,
  ): Promise<AuthorisedInvitation> {
    const authorization = await this.authorization.requireWrite(actor, this.permissions.manage, ref, reads);
    return { ...this.inviter(actor, authorization), grant: await this.grantOf(dto, authorization) };
  }

  /** The grant of the call. @throws RuleBroken when the caller may not grant it */
  protected async grantOf(_dto: InvitationCallDto, _authorization: AuthorizationResult): Promise<Grant> {
    return Promise.resolve({});
  }

  override async authorisePreview(actor: string, ref: ScopeRef): Promise<Inviter> {
    return this.inviter(actor, await this.authorization.requirePreview(actor, this.permissions.manage, ref));
  }

  override async authoriseList(actor: string, ref: ScopeRef, _dto: InvitationListDto): Promise<SeenPlace> {
    const authorization = await this.authorization.requireRead(actor, this.permissions.view, ref);
    return {
      scope: authorization.scope,
      sight: await this.sights.of(actor, this.permissions.identify, authorization),
      inviters: identifyingStaff(authorization.effectivePermissions),
    };
  }

  override async authoriseListWithin(actor: string, organisationId: string): Promise<SeenScopes> {
    const { view } = this.permissions;
    const listed = await this.authorization.requireReadWithin(actor, view, organisationId);
    const inviters: Identifying = async (ids) => Promise.resolve(new Set(view === 'staff.view' ? ids : []));
    // `routesUnder` allows such a list only where the permission to view is the permission to identify.
    return { ...listed, seenIn: (scope) => ({ scope, sight: { identifies: true, view: scope.id }, inviters }) };
  }

  override async seeing(
    personId: string,
    row: InvitationRow,
    ref: ScopeRef,
    reads: StreamSource,
  ): Promise<SeenPlace | null> {
    const { seenBy, identify, byInvitee } = this.permissions;
    return this.invitationAccess.seeing(personId, row, ref, { seenBy, identifiedBy: identify, byInvitee }, reads);
  }

  override async seeingBatch(
    personId: string,
    issuedBy: string,
    ref: ScopeRef,
    reads: StreamSource,
  ): Promise<SeenPlace | null> {
    const authorization = await this.authorization.evaluate(personId, ref, reads);
    const { scope, effectivePermissions } = authorization;
    const { view, manage, identify } = this.permissions;
    const sees = effectivePermissions.can(view) || (personId === issuedBy && effectivePermissions.can(manage));
    if (!sees) return null;
    const sight = await this.sights.of(personId, identify, authorization);
    return { scope, sight, inviters: identifyingStaff(effectivePermissions) };
  }

  override async batchesSeen(
    personId: string,
    { effectivePermissions, below }: HeldWithin,
  ): Promise<RawBuilder<boolean>> {
    const where = (permission: Permission): RawBuilder<boolean> => {
      if (effectivePermissions.can(permission)) return sql<boolean>`true`;
      const held = below.filter(({ role }) => withImplied(role.permissions).has(permission));
      return sql<boolean>`scope_id = any(${uuids(held.map(({ scope }) => scope.id))})`;
    };
    const { view, manage } = this.permissions;
    return Promise.resolve(sql<boolean>`(${where(view)} or (issued_by = ${personId} and ${where(manage)}))`);
  }

  override async assertMayWithdraw(personId: string, ref: ScopeRef, reads: ReadSet): Promise<unknown> {
    return this.authorization.requireChange(personId, this.permissions.manage, ref, reads);
  }

  override async assertMayInvite(
    personId: string,
    _grant: Grant,
    ref: ScopeRef,
    _to: 'resend' | 'revoke',
    reads: ReadSet,
  ): Promise<Scope> {
    return (await this.authorization.requireChange(personId, this.permissions.manage, ref, reads)).scope;
  }

  override async listMembers({ actor, scope, dto }: MemberListCall): Promise<ListedMembers> {
    const { view } = this.permissions;
    const listed =
      dto.within === undefined
        ? await this.authorization.requireRead(actor, view, scope)
        : await this.authorization.requireReadWithin(actor, view, scope.id);
    return {
      where: await this.memberConditions(dto, listed.scope),
      ...('scopeIds' in listed ? { scopeIds: listed.scopeIds } : {}),
      show: async (rows: readonly MembershipRow[]) => this.show(rows),
    };
  }

  /** Conditions on the rows that a list shows. @param _scope the scope of the call */
  protected async memberConditions(_dto?: MemberListCall['dto'], _scope?: Scope): Promise<RawBuilder<boolean>[]> {
    return Promise.resolve([sql<boolean>`active`]);
  }

  /** One member, for callers who may see members there, and for the member. */
  override async getMember(actor: string, id: string): Promise<object> {
    const loaded = await this.changes.load(this.type.members, id);
    if (loaded.member.personId !== actor)
      await this.authorization.requireVisible(actor, [this.permissions.view], loaded.scope);
    const [view] = await this.show([this.rowOf(loaded)]);
    if (!view) throw new TypeError('the row has no view');
    return view;
  }

  /** The row of the read model, from the stream. */
  protected rowOf({ membershipId, member, scope, organisationId }: LoadedMember<MemberState>): MembershipRow {
    return membershipRow(membershipId, scope, organisationId, member, true);
  }

  /** Members as the API shows them to readers who may identify them. */
  protected async show(rows: readonly MembershipRow[]): Promise<object[]> {
    return this.views.inScopes(rows);
  }

  protected override async assertMayEnd(
    actor: string,
    by: MembershipEnd,
    { scope }: LoadedMember<MemberState>,
    reads: ReadSet,
  ): Promise<AuthorizationResult> {
    if (by === 'left') return this.authorization.requireOpen(actor, scope, reads);
    await this.authorization.requireVisible(actor, [this.permissions.view], scope, reads);
    return this.authorization.requireChange(actor, this.permissions.manage, scope, reads);
  }

  private inviter(actor: string, { scope, effectivePermissions }: AuthorizationResult): Inviter {
    return { actor, scope, identifies: effectivePermissions.can(this.permissions.identify) };
  }
}
