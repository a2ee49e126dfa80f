import { Injectable } from '@nestjs/common';
import type { Scope } from '../../access/access.contract.js';
import { People } from '../../people/people.contract.js';
import { Clock } from '../../../shared/time/clock.js';
import { EventStore, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { noteIdentifying } from '../../../shared/request-context/request-context.js';
import type { EmailAddress } from '../../../shared/mail/email-address.js';
import type { GrantDescription, InvitationPolicy } from '../policy/invitation-policy.js';
import { statusAt, type Issued } from '../domain/invitation.js';
import { invitationOf, inviterIn, membershipStream } from '../domain/membership-stream.js';
import type { RecipientOutcome } from './recipients.js';
import { yieldToEventLoop } from '../../../shared/resilience/event-loop.js';

/** The outcome for an address, real or previewed, as the caller sees it. */
export interface PreviewedOutcome extends GrantDescription {
  outcome: RecipientOutcome;
  invitationId?: string;
}

/** The caller and the scope. `identifies` says whether the caller may identify invitees there. */
export interface Inviter {
  actor: string;
  scope: Scope;
  identifies: boolean;
}

interface OutcomeNow {
  outcome: RecipientOutcome;
  pending?: PendingInvitation;
}

/**
 * `invitedBy` is the personId of the first inviter, even after others resent it, because that person knew the address.
 */
type PendingInvitation = Issued & { invitedBy: string | null };

/** People looked up in one batch, which takes a few milliseconds. */
const CHUNK = 250;

/** Previews the outcomes of inviting. Reads only, records nobody, and yields to the event loop. */
@Injectable()
export class InvitationPreview {
  constructor(
    private readonly store: EventStore,
    private readonly people: People,
    private readonly clock: Clock,
  ) {}

  /**
   * The outcomes for addresses of recorded people, the caller among them. The result lacks unknown addresses, because
   * their outcome is `invited`.
   */
  async of(
    policy: InvitationPolicy,
    inviter: Inviter,
    addresses: readonly EmailAddress[],
  ): Promise<Map<EmailAddress, PreviewedOutcome>> {
    const yieldIfDue = yieldToEventLoop();
    const previewed = new Map<EmailAddress, PreviewedOutcome>();
    for (let at = 0; at < addresses.length; at += CHUNK) {
      const people = await this.people.find(addresses.slice(at, at + CHUNK));
      const known = [...people].map(([email, { personId }]) => ({
        email,
        isCaller: personId === inviter.actor,
        stream: membershipStream(policy.kind, inviter.scope, personId),
      }));
      if (known.length > 0) {
        const histories = await this.store.readMany(known.map(({ stream }) => stream));
        const present = known.map(({ isCaller, stream }) =>
          outcomeNow(policy, histories.get(stream) ?? [], isCaller, this.clock.now()),
        );
        for (const [n, described] of (await describeOutcomes(policy, inviter, present)).entries())
          if (known[n]) previewed.set(known[n].email, described);
      }
      await yieldIfDue();
    }
    return previewed;
  }
}

/** The outcome of inviting a person now, by what is stored. Nobody invites themselves. Source: docs/domain.md §6.2 */
export function outcomeNow(
  policy: InvitationPolicy,
  history: readonly StoredEvent[],
  isCaller: boolean,
  now: Date,
): OutcomeNow {
  if (isCaller) return { outcome: 'not-allowed' };
  if (policy.isMember(history)) return { outcome: 'already-member' };
  const invitation = invitationOf(history);
  if (invitation.status === 'none' || statusAt(invitation, now) !== 'pending') return { outcome: 'invited' };
  return {
    outcome: 'already-pending',
    pending: { ...invitation, invitedBy: inviterIn(history, invitation.invitationId) },
  };
}

/**
 * The outcomes as the caller sees them, in their order. Only callers who may identify the invitee, or invited them, see
 * a pending invitation and its grant.
 */
export async function describeOutcomes(
  policy: InvitationPolicy,
  { actor, scope, identifies }: Inviter,
  present: readonly OutcomeNow[],
): Promise<PreviewedOutcome[]> {
  const isNamed = (pending: PendingInvitation | undefined): pending is PendingInvitation =>
    pending !== undefined && (identifies || pending.invitedBy === actor);
  const named = present.map(({ pending }) => pending).filter(isNamed);
  if (named.some(({ invitedBy }) => invitedBy !== actor)) noteIdentifying();
  const offers =
    named.length === 0
      ? []
      : await policy.describe(named.map(({ grant }) => ({ grant, organisationId: scope.organisation?.id ?? null })));
  const described = new Map(named.map((pending, n) => [pending, { invitationId: pending.invitationId, ...offers[n] }]));
  return present.map(({ outcome, pending }) => ({ outcome, ...(pending && described.get(pending)) }));
}
