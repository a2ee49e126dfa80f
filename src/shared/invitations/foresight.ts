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

/** Nobody invites themselves. Source: DOMAIN §3 */
export const ONESELF: Foreseen = { outcome: 'not-allowed' };

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

  /** By their addresses, which no more than one of is the caller's. An address that nobody is known by is missing: it would be `invited`. */
  async of(context: InvitationContext, { actor, scope }: { actor: string; scope: Scope }, addresses: readonly EmailAddress[]): Promise<Map<EmailAddress, Foreseen>> {
    const giveWay = turns();
    const foreseen = new Map<EmailAddress, Foreseen>();
    for (let at = 0; at < addresses.length; at += CHUNK) {
      const people = await this.people.find(addresses.slice(at, at + CHUNK));
      const [own, others] = apart([...people.values()], actor);
      for (const { email } of own) foreseen.set(email, ONESELF);
      const streams = new Map(others.map((person) => [person.email, membershipStream(context.kind, scope, person.personId)]));
      if (streams.size > 0) {
        const histories = await this.store.readMany([...streams.values()]);
        for (const [email, stream] of streams) foreseen.set(email, presentOutcome(context, histories.get(stream) ?? [], this.clock.now()));
      }
      await giveWay();
    }
    return foreseen;
  }
}

/** The caller, if there, and everybody else. */
export function apart<Person extends { personId: string }>(people: readonly Person[], actor: string): [Person[], Person[]] {
  return [people.filter(({ personId }) => personId === actor), people.filter(({ personId }) => personId !== actor)];
}

/** What inviting somebody else would come to, by what is stored. */
export function presentOutcome(context: InvitationContext, history: readonly StoredEvent[], now: Date): Foreseen {
  if (context.isMember(history)) return { outcome: 'already-member' };
  const invitation = invitationOf(history);
  if (invitation.status === 'none' || statusAt(invitation, now) !== 'pending') return { outcome: 'invited' };
  return { outcome: 'already-pending', invitationId: invitation.invitationId };
}
