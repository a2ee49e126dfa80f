import { Migration } from '@mikro-orm/migrations';

/** The present state of each invitation of a batch, and the indexes that count batches without a look at their rows. */
export class BatchStatesMigration extends Migration {
  override up(): void {
    this.addSql(`alter table invitation_batch_item
      add column state text not null default 'pending',
      add column issue int not null default 1,
      add column expires_at timestamptz not null default 'infinity'`);
    this
      .addSql(`update invitation_batch_item item set state = known.state, issue = known.issue, expires_at = known.expires_at
      from invitation known where known.id = item.id`);
    this.addSql(`alter table invitation_batch_item
      alter column state drop default, alter column issue drop default, alter column expires_at drop default`);
    this.addSql('create index invitation_batch_item_by_state on invitation_batch_item (batch_id, state, expires_at)');
    this.addSql('drop index invitation_batch_item_batch_id_index');
    this.addSql(`create index outbox_invitations_not_sent on outbox (invitation_id, issue, state)
      where kind = 'invitation' and state <> 'sent'`);
  }
}
