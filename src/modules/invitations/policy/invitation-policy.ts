import { Inject, Injectable } from '@nestjs/common';
import type { RawBuilder } from 'kysely';
import {
  type ChangeDecision,
  type LoadedMember,
  MembershipChanges,
  OwnerGuard,
  type Scope,
  showsOwner,
} from '../../access/access.contract.js';
import type {
  EffectivePermissions,
  Permission,
  RoleAssignment,
  ScopeRef,
} from '../../access/access.domain.contract.js';
import type { DomainEvent } from '../../../shared/event-sourcing/command-handling.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { ReadSet, StreamSource } from '../../../shared/event-sourcing/append-condition.js';
import { rehearse } from '../../../shared/request-context/request-context.js';
import type { Grant } from '../domain/invitation.events.js';
import type { Issued } from '../domain/invitation.js';
import { membershipStream } from '../domain/membership-stream.js';
import type { AuthorisedInvitation, InvitationCall } from '../invite/invite-people.command.js';
import { type InvitationMailTemplates, mailTemplatesOf } from '../mails/invitation-mail.texts.js';
import type { InvitationFilter } from '../manage/list-invitations.query.js';
import type { InvitationCallDto, InvitationChangeDto, InvitationListDto } from '../manage/invitation.dto.js';
import type { InvitationRow } from '../manage/invitation-list.projection.js';
import type { ListedMembers, MemberListCall } from '../members/member-list.js';
import {
  INVITATION_TYPE,
  type InvitationType,
  type MembershipEnd,
  type MemberState,
} from '../types/invitation-type.js';
import type { Inviter } from '../invite/dry-run-preview.js';
import type { SeenPlace, SeenScopes } from './invitation-access.js';

/** The roles of a person in an organisation: those that hold at it, and those given in its deployments. */
export interface HeldWithin {
  organisationId: string;
  effectivePermissions: EffectivePermissions;
  below: readonly RoleAssignment[];
}

/** A grant and its organisation, which may have defined its role. */
export interface PlacedGrant {
  grant: Grant;
  organisationId: string | null;
}

/**
 * The name of a grant, for lists, links and mails; empty when the grant is no role. A group's grant also has the rights
 * of its permission set.
 */
export interface GrantDescription {
  role?: string;
  roleName?: string;
  administrator?: boolean;
  contentCreator?: boolean;
}

/** The decisions for one type of invitation that its declaration can't express. Each method may throw RuleBroken. */
@Injectable()
export abstract class InvitationPolicy {
  @Inject(INVITATION_TYPE) readonly type: InvitationType;
  @Inject(OwnerGuard) private readonly ownerGuard: OwnerGuard;
  @Inject(MembershipChanges) protected readonly changes: MembershipChanges;

  private templates: InvitationMailTemplates | undefined;

  get mailTemplates(): InvitationMailTemplates {
    return (this.templates ??= mailTemplatesOf(this.type.mail));
  }

  get kind(): string {
    return this.type.kind;
  }

  /** Authorises an invitation call through `reads`, and returns its grant. */
  abstract authoriseInvite(
    actor: string,
    scope: ScopeRef,
    dto: InvitationCallDto,
    reads: ReadSet,
  ): Promise<AuthorisedInvitation>;

  /** Authorises the preview of a contact file. */
  abstract authorisePreview(actor: string, scope: ScopeRef): Promise<Inviter>;

  /** Authorises a list of a scope's invitations, and returns how the caller sees them. */
  abstract authoriseList(actor: string, scope: ScopeRef, dto: InvitationListDto): Promise<SeenPlace>;

  /**
   * Authorises a list of an organisation's invitations with those of its deployments. Only types with such a list
   * implement it.
   */
  async authoriseListWithin(_actor: string, _organisationId: string): Promise<SeenScopes> {
    return Promise.reject(new TypeError(`${this.kind} has no list of several scopes`));
  }

  /** How a person sees one invitation, read through `reads`; null if they may not see it. */
  abstract seeing(
    personId: string,
    invitation: InvitationRow,
    scope: ScopeRef,
    reads: StreamSource,
  ): Promise<SeenPlace | null>;

  /** Authorises a person who sees the invitation to resend or revoke it, through `reads`. */
  abstract assertMayInvite(
    personId: string,
    grant: Grant,
    scope: ScopeRef,
    to: 'resend' | 'revoke',
    reads: ReadSet,
  ): Promise<Scope>;

  /**
   * Authorises a person who sees a pending invitation to change it, through `reads`. They must be allowed to offer its
   * grant before and after. Returns the grant after. A type whose grants can change overrides it.
   */
  async authoriseChange(
    personId: string,
    grant: Grant,
    scope: ScopeRef,
    _dto: InvitationChangeDto,
    reads: ReadSet,
  ): Promise<Grant> {
    await this.assertMayInvite(personId, grant, scope, 'resend', reads);
    return grant;
  }

  /**
   * How a person sees a batch in this scope: if they may list its invitations, or issued the batch and may still invite
   * there. Null if they may not see it.
   */
  abstract seeingBatch(
    personId: string,
    issuedBy: string,
    scope: ScopeRef,
    reads: StreamSource,
  ): Promise<SeenPlace | null>;

  /** A condition on `invitation_batch`: the batches of an organisation and below it that `seeingBatch` shows. May lag. */
  abstract batchesSeen(personId: string, held: HeldWithin): Promise<RawBuilder<boolean>>;

  /** Authorises a person who sees a batch to withdraw its invitations, whatever they grant. */
  abstract assertMayWithdraw(personId: string, scope: ScopeRef, reads: ReadSet): Promise<unknown>;

  /** Authorises a list of a scope's members, and returns what it shows. */
  abstract listMembers(call: MemberListCall): Promise<ListedMembers>;

  /** Authorises the end of a membership, through `reads`. */
  protected abstract assertMayEnd(
    actor: string,
    by: MembershipEnd,
    loaded: LoadedMember<MemberState>,
    reads: ReadSet,
  ): Promise<unknown>;

  /** One member, for callers who may see them. Only types with a route for one member implement it. */
  async getMember(_actor: string, _id: string): Promise<object> {
    return Promise.reject(new TypeError(`${this.kind} has no route for one member`));
  }

  /** People whom an invitation call picks besides its addresses. */
  picks(_dto: InvitationCallDto): InvitationCall['picks'] {
    return undefined;
  }

  /** The filters that a list allows. */
  filter({ state, role, q, mail }: InvitationListDto): InvitationFilter {
    return { state, role, q, mail };
  }

  /** The names of grants at this moment, in the order asked. */
  async describe(grants: readonly PlacedGrant[]): Promise<GrantDescription[]> {
    return Promise.resolve(grants.map(() => ({})));
  }

  /** What the grant lets its holder do; null for types whose grants have no permissions. */
  async permissionsOf(_grant: PlacedGrant): Promise<readonly Permission[] | null> {
    return Promise.resolve(null);
  }

  /** Whether the stream shows a member now. */
  isMember(history: readonly StoredEvent[]): boolean {
    return this.type.members.activeFrom(history) !== undefined;
  }

  /**
   * Checks through `reads` that the inviter may still grant this. Types whose members gain no power over others check
   * nothing. Source: docs/domain.md §4
   * @throws RuleBroken `inviter-lost-authority`
   */
  async assertInviterStillAuthorised(
    _issuedBy: string,
    _grant: Grant,
    _scope: Scope,
    _reads: StreamSource,
  ): Promise<void> {
    return Promise.resolve();
  }

  /** The data of mails besides `InvitationMailData`. @param url the link */
  async mailData(_scope: Scope, _url: string, _grant: Grant): Promise<Record<string, string | boolean | null>> {
    return Promise.resolve({});
  }

  /**
   * Reserves something that is limited in number. Runs before an acceptance is stored, perhaps more than once.
   * @throws RuleBroken when there is none left
   */
  async reserve(_issued: Issued, _scope: Scope): Promise<void> {
    return Promise.resolve();
  }

  /**
   * Gives the reservation back after the acceptance was refused. The log may hold another acceptance of the same
   * invitation.
   */
  async giveBack(_stream: string, _issued: Issued, _scope: Scope): Promise<void> {
    return Promise.resolve();
  }

  /** Runs after an acceptance is stored. A process manager repeats it, so it is idempotent. */
  async afterAccepted(personId: string, scope: ScopeRef, organisationId: string | null): Promise<void> {
    const { members, kind } = this.type;
    if (!members.owners) return;
    const owner = { personId, stream: membershipStream(kind, scope, personId), scope, organisationId };
    await this.ownerGuard.register(owner, personId, (history) => showsOwner(members, history, scope));
  }

  /** Ends a membership: the member leaves, or the caller removes them. @param options the checked body of the call */
  async endMembership(actor: string, id: string, options: { reason?: string }): Promise<void> {
    const { members } = this.type;
    const decide: ChangeDecision<MemberState, DomainEvent> = async (loaded, reads, reason) => {
      const by = loaded.member.personId === actor ? 'left' : 'removed';
      await this.assertMayEnd(actor, by, loaded, reads);
      return members.end(loaded.member, by, options, reason);
    };
    await this.changes.change(members, actor, id, options.reason, decide);
  }

  /**
   * Checks that a member could leave now, without doing it.
   * @throws RuleBroken as `endMembership`
   */
  async mustBeAbleToLeave(personId: string, id: string): Promise<void> {
    const { members } = this.type;
    await rehearse(async () => this.endMembership(personId, id, {}));
    const { member, stream, scope, organisationId } = await this.changes.load(members, id);
    if (members.isOwner(member, scope))
      await this.ownerGuard.mustBeReleasable({ personId, stream, scope, organisationId });
  }
}

/** The policies of all types of invitation, by kind. */
@Injectable()
export class InvitationPolicies {
  private readonly byKind = new Map<string, InvitationPolicy>();

  register(policy: InvitationPolicy): void {
    this.byKind.set(policy.kind, policy);
  }

  get all(): readonly InvitationPolicy[] {
    return [...this.byKind.values()];
  }

  has(kind: string): boolean {
    return this.byKind.has(kind);
  }

  of(kind: string): InvitationPolicy {
    const policy = this.byKind.get(kind);
    if (!policy) throw new TypeError(`no invitation policy of kind ${kind}`);
    return policy;
  }
}
