import { Injectable } from '@nestjs/common';
import type { Scope } from '../access/scopes.js';
import { Clock } from '../clock.js';
import { EventStore, type StoredEvent } from '../event-store/event-store.js';
import type { EmailAddress } from '../privacy/email-address.js';
import { People } from '../privacy/people.js';
import type { InvitationContext } from './invitation-context.js';
import { statusAt } from './invitation.js';
import { invitationOf, membershipStream } from './membership-stream.js';
import type { Outcome } from './recipients.js';
import { turns } from './turns.js';

export interface Foreseen {
  outcome: Outcome;
  invitationId?: string;
}

/** People looked up at once: a few milliseconds of work. */
const CHUNK = 250;

/** Says what inviting would come to; looks only, records nobody, gives way to other requests. */
@Injectable()
export class Foresight {
  constructor(
    private readonly store: EventStore,
    private readonly people: People,
    private readonly clock: Clock,
  ) {}

  /** Of people who may be invited by their address, the caller among them. An address that nobody is known by is missing: it would be `invited`. */
  async of(context: InvitationContext, { actor, scope }: { actor: string; scope: Scope }, addresses: readonly EmailAddress[]): Promise<Map<EmailAddress, Foreseen>> {
    const giveWay = turns();
    const foreseen = new Map<EmailAddress, Foreseen>();
    for (let at = 0; at < addresses.length; at += CHUNK) {
      const people = await this.people.find(addresses.slice(at, at + CHUNK));
      const known = [...people.values()].map(({ email, personId }) => ({ email, isCaller: personId === actor, stream: membershipStream(context.kind, scope, personId) }));
      if (known.length > 0) {
        const histories = await this.store.readMany(known.map(({ stream }) => stream));
        for (const { email, isCaller, stream } of known) foreseen.set(email, presentOutcome(context, histories.get(stream) ?? [], isCaller, this.clock.now()));
      }
      await giveWay();
    }
    return foreseen;
  }
}

/** What inviting somebody would come to, by what is stored; nobody invites themselves. Source: DOMAIN §3 */
export function presentOutcome(context: InvitationContext, history: readonly StoredEvent[], isCaller: boolean, now: Date): Foreseen {
  if (isCaller) return { outcome: 'not-allowed' };
  if (context.isMember(history)) return { outcome: 'already-member' };
  const invitation = invitationOf(history);
  if (invitation.status === 'none' || statusAt(invitation, now) !== 'pending') return { outcome: 'invited' };
  return { outcome: 'already-pending', invitationId: invitation.invitationId };
}
