import { Injectable } from '@nestjs/common';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { CommandHandling, SYSTEM, type EventContext } from '../../../shared/event-sourcing/command-handling.js';
import { deterministicId, StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { EventStore, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { requireContext, runInContext } from '../../../shared/request-context/request-context.js';
import { KeyedMutex } from '../../../shared/resilience/keyed-mutex.js';
import { invitationOf } from '../../invitations/invitations.contract.js';
import { type Grant, isInvitationEvent } from '../../invitations/invitations.domain.contract.js';
import type { PatientLinkEvent } from './patient-link.events.js';
import { evolvePatientLink, releaseUse, reserveUse, UNKNOWN_LINK, type PatientLink } from './patient-link.js';

export function patientLinkStream(id: string): string {
  return StreamId.of('patientLink', id);
}

/** The state of the link, from its stream. */
export function patientLinkFrom(history: readonly StoredEvent[]): PatientLink {
  return (history as readonly unknown[] as readonly PatientLinkEvent[]).reduce(evolvePatientLink, UNKNOWN_LINK);
}

/** A link and its scope. */
interface LinkRef {
  id: string;
  scope: ScopeRef;
  organisationId: string | null;
}

/** The link in a grant; null if staff invited the patient. */
export function linkOf({ linkId }: Grant, { kind, id }: ScopeRef, organisationId: string | null): LinkRef | null {
  return typeof linkId === 'string' ? { id: linkId, scope: { kind, id }, organisationId } : null;
}

/**
 * Reserves a use of a link before an enrolment is stored, and releases it if the enrolment fails. Concurrent
 * reservations wait for each other instead of failing.
 */
@Injectable()
export class PatientLinkUses {
  private readonly queue = new KeyedMutex();

  constructor(
    private readonly store: EventStore,
    private readonly commandHandling: CommandHandling,
  ) {}

  /**
   * Reserves one use for an invitation. Idempotent.
   * @throws RuleBroken `link-used-up`; WrongRevision when another instance changed the link meanwhile
   */
  async reserve(link: LinkRef, invitationId: string): Promise<void> {
    await this.exclusively(link, async (stream, eventContext) => {
      await this.commandHandling.decide({
        stream,
        eventContext,
        decide: (history) => reserveUse(patientLinkFrom(history), invitationId),
        onlyIf: null,
      });
    });
  }

  /** Releases the use when the invitation has ended without an enrolment. */
  async releaseIfOver(link: LinkRef, stream: string, invitationId: string): Promise<void> {
    if (!isOver(await this.store.read(stream), invitationId)) return;
    // A command decides once per stream, and this one may have reserved the use. So the release is another command.
    const { correlationId, commandId: causationId } = requireContext();
    const commandId = deterministicId(causationId, 'release');
    await runInContext({ correlationId, causationId, commandId }, async () =>
      this.exclusively(link, async (at, eventContext) => {
        await this.commandHandling.decideAlone(at, eventContext, (history) =>
          releaseUse(patientLinkFrom(history), invitationId),
        );
      }),
    );
  }

  private async exclusively(
    { id, scope, organisationId }: LinkRef,
    work: (stream: string, eventContext: EventContext) => Promise<void>,
  ): Promise<void> {
    await this.queue.run(id, async () => work(patientLinkStream(id), { actor: SYSTEM, scope, organisationId }));
  }
}

function isOver(history: readonly StoredEvent[], invitationId: string): boolean {
  const enrolled = history
    .filter(isInvitationEvent)
    .some((event) => event.type === 'InvitationAccepted' && event.data.invitationId === invitationId);
  const invitation = invitationOf(history);
  const isPending = invitation.status === 'pending' && invitation.invitationId === invitationId;
  return !enrolled && !isPending;
}
