import { Injectable } from '@nestjs/common';
import { EventStore, requireText, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { isInvitationEvent } from '../../invitations/invitations.domain.contract.js';
import type { ProcessManager } from '../../../shared/process-managers/process-manager-runner.js';
import { linkOf, PatientLinkUses } from './patient-link-uses.js';
import { scopeOf } from '../../access/access.domain.contract.js';

/** Releases the use that an invitation reserved, when the invitation ends without an enrolment. */
@Injectable()
export class PatientLinkProcessManager implements ProcessManager {
  readonly name = 'patient-link-places';
  readonly handles = ['InvitationRevoked', 'InvitationDeclined', 'InvitationExpired'];

  constructor(
    private readonly store: EventStore,
    private readonly linkUses: PatientLinkUses,
  ) {}

  async react(event: StoredEvent): Promise<void> {
    const { stream, data, metadata } = event;
    if (StreamId.parse(stream).category !== 'patient') return;
    const invitationId = requireText(data, 'invitationId');
    const issued = (await this.store.read(stream))
      .filter(isInvitationEvent)
      .find(({ type, data: said }) => type === 'InvitationIssued' && said.invitationId === invitationId);
    const link =
      issued?.type === 'InvitationIssued' ? linkOf(issued.data.grant, scopeOf(event), metadata.organisationId) : null;
    if (link !== null) await this.linkUses.releaseIfOver(link, stream, invitationId);
  }
}
