import { Injectable } from '@nestjs/common';
import type { ScopeRef } from '../../../shared/event-sourcing/scope-ref.js';
import type { Scope } from '../../access/access.contract.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { ReadSet, StreamSource } from '../../../shared/event-sourcing/read-set.js';
import type { MailTemplate } from '../../../shared/mail/mail-templates.js';
import type { ExpiryWindow } from '../domain/expiry-windows.js';
import type { SeenPlace } from './invitation-access.js';
import type { InvitationRow } from '../manage/invitation-list.projection.js';
import type { Grant } from '../domain/invitation.events.js';
import type { Issued } from '../domain/invitation.js';
import type { LinkKind } from '../links/link-token.js';

/** A grant and where it was made: what it is called may be the organisation's own. */
export interface PlacedGrant {
  grant: Grant;
  organisationId: string | null;
}

/** What a grant is called, for lists, links and mails; nothing where it is no role. A group's is a permission set, and says what it allows too. */
export interface GrantDescription {
  role?: string;
  roleName?: string;
  administrator?: boolean;
  contentCreator?: boolean;
}

/** All that a context which invites people has to say; the lifecycle itself is here, once. */
export interface InvitationPolicy {
  /** The stream category, and the `kind` that links and acceptances name. */
  readonly kind: LinkKind;
  readonly windows: readonly ExpiryWindow[];
  readonly defaultWindow: ExpiryWindow;
  /** The invitation mail; its view is an InvitationMailView. */
  readonly mailTemplate: MailTemplate;
  /** Two days before the end; its view is the same. */
  readonly reminderTemplate: MailTemplate;
  /** What grants are called at this moment, in the order asked. */
  describe(grants: readonly PlacedGrant[]): Promise<GrantDescription[]>;
  /** Whether the stream shows a member now. */
  isMember(history: readonly StoredEvent[]): boolean;
  /** How somebody sees one invitation, by what `reads` has; null: not at all. */
  seeing(personId: string, invitation: InvitationRow, scope: ScopeRef, reads: StreamSource): Promise<SeenPlace | null>;
  /** Whether somebody who sees an invitation with this grant may resend or revoke it, by what `reads` has. @throws RuleBroken */
  assertMayInvite(
    personId: string,
    grant: Grant,
    scope: ScopeRef,
    to: 'resend' | 'revoke',
    reads: ReadSet,
  ): Promise<Scope>;
  /** Whether its issuer still could, by what `reads` has. @throws RuleBroken `inviter-lost-authority` */
  assertInviterStillAuthorised(issuedBy: string, grant: Grant, scope: Scope, reads: StreamSource): Promise<void>;
  /** What its own mail template shows besides an InvitationMailView. @param url the link */
  mailData?(scope: Scope, url: string, grant: Grant): Promise<Record<string, string | boolean | null>>;
  /** Called before an acceptance is stored, perhaps more than once: takes what there is a limited number of. @throws RuleBroken when there is none left */
  reserve?(issued: Issued, scope: Scope): Promise<void>;
  /** The acceptance was refused after all; another one of the same invitation may have been stored. */
  giveBack?(stream: string, issued: Issued, scope: Scope): Promise<void>;
  /** Done after an acceptance is stored; a reaction repeats it, so it must be quiet when there is nothing to do. */
  afterAccepted?(personId: string, scope: ScopeRef, organisationId: string | null): Promise<void>;
}

/** The contexts that invite people, by kind. */
@Injectable()
export class InvitationPolicies {
  private readonly contexts = new Map<string, InvitationPolicy>();

  register(policy: InvitationPolicy): void {
    this.contexts.set(policy.kind, policy);
  }

  of(kind: string): InvitationPolicy {
    const policy = this.contexts.get(kind);
    if (!policy) throw new TypeError(`no invitation policy of kind ${kind}`);
    return policy;
  }
}
