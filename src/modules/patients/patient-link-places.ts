import { Injectable } from '@nestjs/common';
import type { ScopeRef } from '../../shared/access/scope-ref.js';
import { Decisions } from '../../shared/event-store/decisions.js';
import { EventStore, type StoredEvent } from '../../shared/event-store/event-store.js';
import { Turns } from '../../shared/in-turn.js';
import { invitationOf } from '../../shared/invitations/membership-stream.js';
import { isInvitationEvent, type Grant } from '../../shared/invitations/invitation.events.js';
import { SYSTEM } from '../../shared/invitations/system.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import type { PatientLinkEvent, PatientLinkFact } from './patient-link.events.js';
import { evolvePatientLink, releasePlace, reservePlace, UNKNOWN_LINK, type PatientLink } from './patient-link.js';

export function patientLinkStream(id: string): string {
  return `patientLink-${id}`;
}

/** The link as its stream has it. */
export function patientLinkFrom(history: readonly StoredEvent[]): PatientLink {
  return (history as readonly unknown[] as readonly PatientLinkEvent[]).reduce(evolvePatientLink, UNKNOWN_LINK);
}

/** The link that an enrolment came through; null when somebody invited by hand. */
export function linkOf(grant: Grant): string | null {
  const { linkId } = grant;
  return typeof linkId === 'string' ? linkId : null;
}

/** The places of links: taken before an enrolment is stored, given back when that came to nothing. Contenders queue instead of failing. */
@Injectable()
export class PatientLinkPlaces {
  private readonly turns = new Turns();

  constructor(
    private readonly store: EventStore,
    private readonly decisions: Decisions,
  ) {}

  /** The same place for the same invitation, however often. @throws RuleBroken `link-used-up` */
  async reserve(linkId: string, invitationId: string): Promise<void> {
    await this.decide(linkId, (link) => reservePlace(link, invitationId));
  }

  /** When the invitation has ended and nobody was enrolled by it. */
  async releaseIfOver(linkId: string, stream: string, invitationId: string): Promise<void> {
    if (isOver(await this.store.read(stream), invitationId)) await this.decide(linkId, (link) => releasePlace(link, invitationId));
  }

  private async decide(linkId: string, decide: (link: PatientLink) => PatientLinkFact[]): Promise<void> {
    await this.turns.take(linkId, async () => {
      const stream = patientLinkStream(linkId);
      const [first] = await this.store.read(stream);
      if (!first) throw new RuleBroken('link-not-found');
      const { scope, organisationId }: { scope: ScopeRef; organisationId: string | null } = first.metadata;
      await this.decisions.decide(stream, { actor: SYSTEM, scope, organisationId }, (history) => decide(patientLinkFrom(history)));
    });
  }
}

function isOver(history: readonly StoredEvent[], invitationId: string): boolean {
  const enrolled = history.filter(isInvitationEvent).some((event) => event.type === 'InvitationAccepted' && event.data.invitationId === invitationId);
  const invitation = invitationOf(history);
  const isPending = invitation.status === 'pending' && invitation.invitationId === invitationId;
  return !enrolled && !isPending;
}
