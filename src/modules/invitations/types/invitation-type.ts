import type { EntitySchema } from '@mikro-orm/core';
import type { Type } from '@nestjs/common';
import type { Command } from '@nestjs/cqrs';
import type { RawBuilder } from 'kysely';
import type { Counted, GuestPermission, MemberKind } from '../../access/access.contract.js';
import type { Permission, ScopeKind } from '../../access/access.domain.contract.js';
import type { Sealed } from '../../../shared/crypto/sealing.js';
import type { DomainEvent } from '../../../shared/event-sourcing/command-handling.js';
import type { DeclaredStreams } from '../../../shared/event-sourcing/event-shapes.js';
import type { ProblemCode } from '../../../shared/problems/problem-codes.js';
import type { SelectiveProjection } from '../../../shared/projections/projection.js';
import type { ExpiryWindow } from '../domain/expiry-windows.js';
import type { InvitationMailTexts } from '../mails/invitation-mail.texts.js';
import type { InvitationPolicy } from '../policy/invitation-policy.js';

/** The token of the type that a policy belongs to. */
export const INVITATION_TYPE = Symbol('invitation type');

/**
 * Everything that one type of invitation declares. All types share the lifecycle, the routes and the mails.
 * src/bootstrap/invitation-types.ts lists the types.
 */
export interface InvitationType {
  /** The stream category, and the `kind` in links and acceptances. Permanent. */
  readonly kind: string;
  /** The kind in mailed links, 1 to 127. Permanent. */
  readonly linkNumber: number;
  readonly windows: readonly ExpiryWindow[];
  readonly defaultWindow: ExpiryWindow;
  /** The permissions to invite and to see; absent if the policy decides without them. */
  readonly permissions?: TypePermissions;
  /** The code that refuses a change of the caller's own invitation; default `own-role`. */
  readonly ownCode?: ProblemCode;
  /** Overrides what differs from other types. */
  readonly policy: Type<InvitationPolicy>;
  readonly streams: DeclaredStreams;
  readonly members: MembershipType<MemberState, DomainEvent>;
  readonly mail: InvitationMailTexts;
  readonly routes: InvitationRoutes;
  readonly memberRoutes: MemberRoutes;
}

/** Source: docs/domain.md §5.2 */
export interface TypePermissions {
  /** Allows to invite, resend, revoke and remove members. */
  manage: Permission;
  /** Allows to list invitations and members. */
  view: Permission;
  /** Allows to identify the people. */
  identify: Permission;
  /** Each of these allows to see one invitation by its id. */
  seenBy: readonly Permission[];
  /** Whether the invitee may see it by its id. */
  byInvitee: boolean;
}

/** The fields of a member that the shared use cases read. */
export interface MemberState {
  personId: string;
  /** ISO UTC. */
  since: string;
}

/** The result of an accepted invitation: a place that a person holds in the scope. */
export interface MembershipType<Member extends MemberState, Change extends DomainEvent> extends MemberKind<
  Member,
  Change
> {
  /** The read model. Its rows have `id`, `person_id`, `organisation_id` and `since`. */
  readonly table: EntitySchema;
  readonly projection: SelectiveProjection;
  /** The table's column that holds the scope's id. */
  readonly scopeColumn: string;
  /** Types of the events that begin a membership besides `InvitationAccepted`. */
  readonly begins?: readonly string[];
  /** Types of the events that end one. */
  readonly ends: readonly string[];
  /** Whether it is a role. Group memberships end with the last role in an organisation. */
  readonly isRole: boolean;
  /** Whether it ends with the person's last role in the organisation. */
  readonly endsWithLastRole?: boolean;
  /** Counts the members of a deployment, for callers who may see it. `status` is a condition on the table. */
  readonly headcount?: { readonly counted: Counted; readonly status: RawBuilder<boolean> };
  /** Present if members hold no role: the permissions that they have as guests of the scope. */
  readonly guestPermissions?: readonly GuestPermission[];
  /**
   * For a type that has owners: the name of the process manager that finishes their changes, and the events that change
   * them.
   */
  readonly owners?: { readonly processManager: string; readonly changes: readonly string[] };
  /** Ends a membership. `options` is the checked body of the call. */
  end(member: Member, by: MembershipEnd, options: object, reason: Sealed | undefined): Change[];
}

/** Somebody else removes the member, or the member leaves. */
export type MembershipEnd = 'removed' | 'left';

/** A scope that the type invites to. */
export interface InvitedPlace {
  readonly scope: ScopeKind;
  /** Present if the place has a tag of its own. */
  readonly tag?: string;
  readonly body?: Type;
  /**
   * True: its lists take `within=all`, which includes the deployments below. Readers of such lists must be allowed to
   * identify everybody in them.
   */
  readonly listsBelow?: true;
  /** Operation ids; absent if they follow from `operations`. */
  readonly operationIds?: { invite: string; previewImport: string; list: string };
}

export interface InvitationRoutes {
  readonly tag: string;
  /** The beginning of operation ids, as in `staffInvitationsGet`. */
  readonly operations: string;
  /** The words after "Invite", as in `people to the staff of`. */
  readonly invitees: string;
  /** The segment below a scope. */
  readonly segment: string;
  /** One invitation is at `/v1/<one>s/:id`. */
  readonly one: string;
  readonly places: readonly InvitedPlace[];
  /** The body of an invitation call. */
  readonly body: Type;
  /** The name of the body of a resend. */
  readonly resendBody: string;
  /** The change of a pending invitation: the name of its body, and the fields of that body besides the window. */
  readonly change: { readonly body: string; readonly fields?: Type };
  /** Descriptions of the routes that invite and list. */
  readonly notes?: { invite?: string; list?: string };
  /** Codes besides those of every type. */
  readonly codes?: Readonly<Partial<Record<'invite' | 'list' | 'change', readonly ProblemCode[]>>>;
}

export interface MemberRoutes {
  readonly tag: string;
  readonly operations: string;
  /** The words after "List the", as in `staff of`. */
  readonly members: string;
  /** The segment below a scope. */
  readonly segment: string;
  /** The `x-scope` of one member, who is at `/v1/<path>/:id`. */
  readonly one: string;
  readonly path: string;
  /** Operation ids of lists by the kind of scope; absent if they follow from `operations`. */
  readonly listIds?: Readonly<Partial<Record<ScopeKind, string>>>;
  readonly query: Type;
  readonly page: Type;
  /** One member; absent if the type has no route for one. */
  readonly view?: Type;
  /** Whether a member has an alias for readers who may not identify them. */
  readonly byAlias?: boolean;
  /** The body of the call that ends a membership. */
  readonly endBody: Type;
  /** The change of a member's role or rights; absent if the type has none. */
  readonly change?: MemberChange;
  readonly codes?: Readonly<Partial<Record<'list' | 'end', readonly ProblemCode[]>>>;
}

export interface MemberChange {
  /** The end of the operation id. */
  readonly operation: string;
  readonly summary: string;
  readonly description?: string;
  readonly body: Type;
  readonly view: Type;
  readonly codes: readonly ProblemCode[];
  /** @param dto the checked body */
  command(actor: string, membershipId: string, dto: object): Command<object>;
}
