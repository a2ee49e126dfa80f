import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '../../../shared/database/database.js';
import { uuids } from '../../../shared/database/lists.js';
import { EventStore, requireText, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { requeue } from '../../../shared/outbox/outbox.js';
import type { ProcessManager } from '../../../shared/process-managers/process-manager-runner.js';
import { Subscriptions } from './subscriptions.js';
import { INVITATION_MAIL } from '../mails/invitation-mail.projection.js';
import type { InvitationTables } from '../manage/invitation-list.projection.js';

/**
 * Ends a person's unsubscription when they accept an invitation of that organisation. After any resubscription it sends
 * the withheld mails of their pending invitations.
 */
@Injectable()
export class ResubscriptionProcessManager implements ProcessManager {
  readonly name = 'resubscription';
  readonly handles = ['InvitationAccepted', 'MailResubscribed'];

  constructor(
    private readonly store: EventStore,
    private readonly database: Database,
    private readonly subscriptions: Subscriptions,
  ) {}

  async react(event: StoredEvent): Promise<void> {
    const { organisationId } = event.metadata;
    if (event.type === 'MailResubscribed') return this.sendWithheld(StreamId.parse(event.stream).uuid, organisationId);
    // A replayed acceptance must not end an unsubscription that came after it.
    await this.subscriptions.end(requireText(event.data, 'personId'), organisationId, 'accepted', (state, history) => {
      const said = state.get(organisationId);
      const unsubscribed = history.find(({ revision }) => revision === said?.revision);
      return unsubscribed !== undefined && this.store.comparePositions(unsubscribed.position, event.position) < 0;
    });
  }

  /** The composer decides whether the mails may be sent. */
  private async sendWithheld(personId: string, organisationId: string | null): Promise<void> {
    const rows = await this.database
      .kysely<InvitationTables>()
      .selectFrom('invitation')
      .select('id')
      .where('person_id', '=', personId)
      .where('state', '=', 'pending')
      .where(sql<boolean>`organisation_id is not distinct from ${organisationId}::uuid`)
      .execute();
    if (rows.length === 0) return;
    const which = sql`invitation_id = any(${uuids(rows.map(({ id }) => id))})`;
    await requeue(this.database.kysely(), INVITATION_MAIL, which);
  }
}
