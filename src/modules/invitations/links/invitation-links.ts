import { Injectable } from '@nestjs/common';
import { type ScopeRef, scopeOf } from '../../access/access.domain.contract.js';
import { Clock } from '../../../shared/time/clock.js';
import { EventStore, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { InvitationPolicies, type InvitationPolicy } from '../policy/invitation-policy.js';
import type { Issued } from '../domain/invitation.js';
import { mustBeCurrent } from '../domain/invitation.js';
import { LinkTokens, type LinkKind, type LinkPurpose } from './link-token.js';
import { invitationOf } from '../domain/membership-stream.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';

/** The invitation that a genuine link opens. */
export interface ResolvedInvitation {
  policy: InvitationPolicy;
  stream: string;
  issue: number;
  /** Present when no link was followed. The invitation is then answered by its id, at its newest issue. */
  invitationId?: string;
  /** The person whom the link was sent to. */
  personId: string;
  scope: ScopeRef;
  organisationId: string | null;
  locale: string;
  history: readonly StoredEvent[];
}

const INVITATION_KINDS: readonly LinkKind[] = ['staff', 'patient', 'groupMember'];

/** Resolves links to the streams behind them. Reads only, because mail scanners follow links too. */
@Injectable()
export class InvitationLinks {
  constructor(
    private readonly tokens: LinkTokens,
    private readonly store: EventStore,
    private readonly policies: InvitationPolicies,
    private readonly clock: Clock,
  ) {}

  /** @throws RuleBroken `invitation-not-found` for a forged link, or for an invitation that never was */
  async open(token: string, purpose: LinkPurpose = 'open'): Promise<ResolvedInvitation> {
    const claim = this.tokens.read(token, purpose);
    if (!claim || !INVITATION_KINDS.includes(claim.kind)) throw new RuleBroken('invitation-not-found');
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

  /** The invitation of a link that can still be used. @throws RuleBroken as `open`, and `mustBeCurrent`'s codes */
  async openCurrent(token: string): Promise<ResolvedInvitation & { invitation: Issued }> {
    const resolved = await this.open(token);
    return { ...resolved, invitation: mustBeCurrent(invitationOf(resolved.history), resolved.issue, this.clock.now()) };
  }
}
