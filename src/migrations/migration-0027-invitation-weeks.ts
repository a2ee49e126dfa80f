import { Migration } from '@mikro-orm/migrations';

/** Counts of invitations by week, and the index of mails that failed. */
export class InvitationWeeksMigration extends Migration {
  override up(): void {
    this.addSql(`create table invitation_week (
      scope_id uuid not null,
      kind text not null,
      week date not null,
      sent int not null,
      accepted int not null,
      expired int not null,
      primary key (scope_id, kind, week)
    )`);
    this.addSql(`create index outbox_failed on outbox (kind, invitation_id, issue)
      where state in ('failed', 'address-invalid') or (state = 'pending' and due_at > queued_at)`);
  }
}
