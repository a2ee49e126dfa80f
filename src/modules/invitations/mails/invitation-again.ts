import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../../shared/database/database.js';
import type { ComposedMail } from '../../../shared/outbox/mail-dispatcher.js';
import type { OutboxEntry } from '../../../shared/outbox/outbox.js';
import { Clock } from '../../../shared/time/clock.js';
import { PasswordResetMails } from '../../accounts/accounts.contract.js';
import type { InvitationTables } from '../manage/invitation-list.projection.js';
import { InvitationMailComposer } from './invitation-mail.composer.js';
import { INVITATION_MAIL } from './invitation-mail.projection.js';

/**
 * A person who was invited and asks for a new password has no account yet. They get their newest pending invitation
 * again, with the same link.
 */
@Injectable()
export class InvitationAgain implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly composer: InvitationMailComposer,
    private readonly resetMails: PasswordResetMails,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.resetMails.forPeopleWithoutAccount(async (personId, entry) => this.mail(personId, entry));
  }

  private async mail(personId: string, entry: OutboxEntry): Promise<ComposedMail | null> {
    const newest = await this.database
      .kysely<InvitationTables>()
      .selectFrom('invitation')
      .select(['stream', 'id', 'issue'])
      .where('person_id', '=', personId)
      .where('state', '=', 'pending')
      .where('expires_at', '>', this.clock.now().toISOString())
      .orderBy('invited_at', 'desc')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (!newest) return null;
    const { stream, id, issue } = newest;
    const mails = await this.composer.compose([{ ...entry, kind: INVITATION_MAIL, stream, invitation_id: id, issue }]);
    const mail = mails.get(entry.key);
    // The reminder follows the first mail alone.
    return mail ? { ...mail, next: undefined } : null;
  }
}
