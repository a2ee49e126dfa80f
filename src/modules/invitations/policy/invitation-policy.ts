import { Injectable } from '@nestjs/common';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import type { Scope } from '../../access/access.contract.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { ReadSet, StreamSource } from '../../../shared/event-sourcing/append-condition.js';
import type { MailTemplate } from '../../../shared/mail/mail-templates.js';
import type { ExpiryWindow } from '../domain/expiry-windows.js';
import type { SeenPlace } from './invitation-access.js';
import type { InvitationRow } from '../manage/invitation-list.projection.js';
import type { Grant } from '../domain/invitation.events.js';
import type { Issued } from '../domain/invitation.js';
import type { LinkKind } from '../links/link-token.js';

/** A grant and its organisation, which may have named it. */
export interface PlacedGrant {
  grant: Grant;
  organisationId: string | null;
}

/**
 * The name of a grant, for lists, links and mails; empty when it is no role. A group's grant also says what its
 * permission set allows.
 */
export interface GrantDescription {
  role?: string;
  roleName?: string;
  administrator?: boolean;
  contentCreator?: boolean;
}

/** Everything that a type of invitation declares; the lifecycle is shared. */
export interface InvitationPolicy {
  /** The stream category, and the `kind` in links and acceptances. */
  readonly kind: LinkKind;
  readonly windows: readonly ExpiryWindow[];
  readonly defaultWindow: ExpiryWindow;
  /** The invitation mail; its view is `InvitationMailData`. */
  readonly mailTemplate: MailTemplate;
  /** The reminder two days before the end; its view is the same. */
  readonly reminderTemplate: MailTemplate;
  /** The names of grants at this moment, in the order asked. */
  describe(grants: readonly PlacedGrant[]): Promise<GrantDescription[]>;
  /** Whether the stream shows a member now. */
  isMember(history: readonly StoredEvent[]): boolean;
  /** How a person sees one invitation, by what `reads` has; null when they don't. */
  seeing(personId: string, invitation: InvitationRow, scope: ScopeRef, reads: StreamSource): Promise<SeenPlace | null>;
  /** Authorises a person who sees the invitation to resend or revoke it, by what `reads` has. @throws RuleBroken */
  assertMayInvite(
    personId: string,
    grant: Grant,
    scope: ScopeRef,
    to: 'resend' | 'revoke',
    reads: ReadSet,
  ): Promise<Scope>;
  /** Checks by what `reads` has that the inviter may still grant this. @throws RuleBroken `inviter-lost-authority` */
  assertInviterStillAuthorised(issuedBy: string, grant: Grant, scope: Scope, reads: StreamSource): Promise<void>;
  /** What its own mail template shows besides `InvitationMailData`. @param url the link */
  mailData?(scope: Scope, url: string, grant: Grant): Promise<Record<string, string | boolean | null>>;
  /**
   * Reserves what is limited in number. Called before an acceptance is stored, perhaps more than once.
   * @throws RuleBroken when there is none left
   */
  reserve?(issued: Issued, scope: Scope): Promise<void>;
  /**
   * Called when the acceptance was refused after all. Another acceptance of the same invitation may have been stored.
   */
  giveBack?(stream: string, issued: Issued, scope: Scope): Promise<void>;
  /** Called after an acceptance is stored. A process manager repeats it, so it must be idempotent. */
  afterAccepted?(personId: string, scope: ScopeRef, organisationId: string | null): Promise<void>;
}

/** The policies of all types of invitation, by kind. */
@Injectable()
export class InvitationPolicies {
  private readonly contexts = new Map<string, InvitationPolicy>();

  register(policy: InvitationPolicy): void {
    this.contexts.set(policy.kind, policy);
  }

  get kinds(): string[] {
    return [...this.contexts.keys()];
  }

  of(kind: string): InvitationPolicy {
    const policy = this.contexts.get(kind);
    if (!policy) throw new TypeError(`no invitation policy of kind ${kind}`);
    return policy;
  }
}
