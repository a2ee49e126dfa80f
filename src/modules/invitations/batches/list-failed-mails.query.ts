import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { Database } from '../../../shared/database/database.js';
import { csvOf } from '../../../shared/text/csv.js';
import { INVITATION_MAIL } from '../mails/invitation-mail.projection.js';
import type { InvitationRow } from '../manage/invitation-list.projection.js';
import { InvitationViews } from '../manage/invitation-view.js';
import { BatchAccess } from './batch-access.js';

const COLUMNS = ['email', 'pseudonym', 'invitationId', 'reason', 'at'];

/**
 * The invitations of a batch whose mail failed, as a CSV file. Readers who may not identify an invitee get a pseudonym
 * and an alias.
 */
export class ListFailedMails extends Query<string> {
  constructor(
    readonly actor: string,
    readonly batchId: string,
  ) {
    super();
  }
}

@QueryHandler(ListFailedMails)
export class ListFailedMailsHandler implements IQueryHandler<ListFailedMails> {
  constructor(
    private readonly access: BatchAccess,
    private readonly database: Database,
    private readonly views: InvitationViews,
  ) {}

  async execute({ actor, batchId }: ListFailedMails): Promise<string> {
    const { seen } = await this.access.open(actor, batchId);
    const { rows } = await sql<InvitationRow>`
      select invitation.* from invitation_batch_item item join invitation on invitation.id = item.id
        join outbox on outbox.invitation_id = invitation.id and outbox.issue = invitation.issue and outbox.kind = ${INVITATION_MAIL}
      where item.batch_id = ${batchId} and outbox.state in ('failed', 'address-invalid')
      order by invitation.invited_at, invitation.id`.execute(this.database.kysely());
    const views = await this.views.of(actor, rows, seen);
    return csvOf([
      COLUMNS,
      ...views.map(({ email, pseudonym, id, mail }) => [email ?? '', pseudonym ?? '', id, mail.state, mail.at]),
    ]);
  }
}
