import { Injectable } from '@nestjs/common';
import { type ScopeRef, scopeOf } from '../../access/access.domain.contract.js';
import { Clock } from '../../../shared/time/clock.js';
import { EventStore, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { InvitationPolicies, type InvitationPolicy } from '../policy/invitation-policy.js';
import type { Issued } from '../domain/invitation.js';
import { mustBeCurrent } from '../domain/invitation.js';
import { LinkTokens, type LinkPurpose } from '../../../shared/http/links/link-token.js';
import { invitationOf } from '../domain/membership-stream.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';

/** The invitation that a genuine link opens. */
export interface ResolvedInvitation {
  policy: InvitationPolicy;
  stream: string;
  issue: number;
  /** Present when the invitee came without a link. Their answer is then to the newest issue of this id. */
  invitationId?: string;
  /** The invitee. */
  personId: string;
  scope: ScopeRef;
  organisationId: string | null;
  locale: string;
  /** The number of the terms that the invitee read; absent if their answer names none. */
  terms?: number | undefined;
  history: readonly StoredEvent[];
}

/** Resolves links to the streams behind them. Reads only, because mail scanners follow links too. */
@Injectable()
export class InvitationLinks {
  constructor(
    private readonly tokens: LinkTokens,
    private readonly store: EventStore,
    private readonly policies: InvitationPolicies,
    private readonly clock: Clock,
  ) {}

  /** @throws RuleBroken `invitation-not-found` for a forged link, or for an invitation that never existed */
  async open(token: string, purpose: LinkPurpose = 'open'): Promise<ResolvedInvitation> {
    const claim = this.tokens.read(token, purpose);
    if (!claim || !this.policies.has(claim.kind)) throw new RuleBroken('invitation-not-found');
    const stream = StreamId.of(claim.kind, claim.streamUuid);
    const history = await this.store.read(stream);
    const invitation = invitationOf(history);
    const invitationId = invitation.issues[claim.issue - 1];
    const [first] = history;
    if (!first || invitation.status === 'none' || !invitationId || !this.tokens.verify(token, invitationId))
      throw new RuleBroken('invitation-not-found');
    const { organisationId } = first.metadata;
    return {
      policy: this.policies.of(claim.kind),
      stream,
      issue: claim.issue,
      personId: invitation.personId,
      locale: invitation.locale,
      scope: scopeOf(first),
      organisationId,
      history,
    };
  }

  /** The invitation of a link that is still valid. @throws RuleBroken as `open`, and `mustBeCurrent`'s codes */
  async openCurrent(token: string): Promise<ResolvedInvitation & { invitation: Issued }> {
    const resolved = await this.open(token);
    return { ...resolved, invitation: mustBeCurrent(invitationOf(resolved.history), resolved.issue, this.clock.now()) };
  }
}
